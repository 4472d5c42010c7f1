using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>A web host without configuration files and console logging: warnings go to standard error, standard output belongs to the talk with the sandbox.</summary>
internal static class Web
{
    public static WebApplication Build(Action<KestrelServerOptions> listen, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen(kestrel);
        });
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        services?.Invoke(builder.Services);
        // The sandbox decides when a child ends, not the terminal.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var application = builder.Build();
        application.UseRouting();
        return application;
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
