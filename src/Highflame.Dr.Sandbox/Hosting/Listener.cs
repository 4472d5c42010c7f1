using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Highflame.Dr.Sandbox.Hosting;

/// <summary>One HTTP(S) listener at 127.0.0.1 on a port that the system chooses. Takes request lines of 32 KB: Azure's operation URLs are about 4 KB long.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly WebApplication _application;

    private Listener(WebApplication application, Uri address) => (_application, Address) = (application, address);

    /// <summary>For example https://127.0.0.1:34567, without a trailing slash in its original string.</summary>
    public Uri Address { get; }

    /// <param name="certificate">Null listens without TLS.</param>
    /// <param name="map">Adds middleware and endpoints.</param>
    public static async Task<Listener> StartAsync(X509Certificate2? certificate, ILoggerFactory logs, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestLineSize = 32 * 1024;
            options.Limits.MaxRequestHeadersTotalSize = 96 * 1024;
            options.Limits.MaxRequestBodySize = 4 * 1024 * 1024;
            options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        var application = builder.Build();
        map(application);
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Listener(application, new Uri(address));
    }

    /// <summary>Stops at once: a request still under way is cut after a second.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    /// <summary>Signals are the sandbox program's business, not that of each listener.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
