using System.Net;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Sandbox.Traffic;
using Highflame.Dr.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Tests.Traffic;

/// <summary>Probes against an HTTPS server of the test, on a clock that the test moves.</summary>
public sealed class ProbeTests : IAsyncLifetime
{
    private readonly SandboxFiles _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SemaphoreSlim _probed = new(0);
    private WebApplication _server = null!;
    private int _port;
    private int _status = 200;
    private string? _host;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var certificate = X509Certificate2.CreateFromPemFile(_files.Layout.ServerCertificatePath, _files.Layout.ServerKeyPath);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        _server = builder.Build();
        _server.Run(context =>
        {
            _host = context.Request.Host.Host;
            context.Response.StatusCode = context.Request.Path == "/health" ? _status : 404;
            context.Response.Headers.Location = "/health";
            context.Response.OnCompleted(() =>
            {
                _probed.Release();
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        await _server.StartAsync();
        _port = new Uri(_server.Urls.First()).Port;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Dispose();
        _probed.Dispose();
    }

    [Fact]
    public async Task Probe_ExpectedAnswer_IsOnlineAndUsesTheTargetsName()
    {
        await using var probe = new EndpointProbe("gateway.example.com", Monitor(), _ => IPAddress.Loopback, _time);

        await Eventually.TrueAsync(() => Task.FromResult(probe.Status == MonitorStatus.Online), "online");

        Assert.Equal("gateway.example.com", _host);
    }

    [Fact]
    public async Task Probe_MoreFailuresThanTolerated_IsDegraded_AndOneSuccessBringsItBack()
    {
        _status = 503;
        await using var probe = new EndpointProbe("127.0.0.1", Monitor(tolerated: 1), _ => null, _time);
        Assert.True(await _probed.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(MonitorStatus.CheckingEndpoint, probe.Status);

        await UntilAsync(probe, MonitorStatus.Degraded);
        _status = 200;
        await UntilAsync(probe, MonitorStatus.Online);
    }

    [Fact]
    public async Task Probe_Redirect_IsAFailure()
    {
        _status = 302;
        await using var probe = new EndpointProbe("127.0.0.1", Monitor(), _ => null, _time);

        await UntilAsync(probe, MonitorStatus.Degraded);
    }

    [Fact]
    public async Task Probe_StatusInAnExpectedRange_IsOnline()
    {
        _status = 404;
        await using var probe = new EndpointProbe("127.0.0.1", Monitor() with { ExpectedStatus = [(200, 204), (400, 499)] }, _ => null, _time);

        await UntilAsync(probe, MonitorStatus.Online);
    }

    [Fact]
    public async Task Probe_NobodyListensOrNoAddress_IsDegraded()
    {
        await using var deaf = new EndpointProbe("127.0.0.1", Monitor() with { Port = 1 }, _ => null, _time);
        await using var nameless = new EndpointProbe("nobody.example.com", Monitor(), _ => null, _time);

        await UntilAsync(deaf, MonitorStatus.Degraded);
        await UntilAsync(nameless, MonitorStatus.Degraded);
    }

    [Fact]
    public async Task Probe_Tcp_NeedsOnlyAConnection()
    {
        await using var probe = new EndpointProbe("127.0.0.1", Monitor() with { Protocol = "TCP", Path = null }, _ => null, _time);

        await UntilAsync(probe, MonitorStatus.Online);
    }

    [Fact]
    public async Task Publish_AlwaysServe_IsUnmonitored_AndProbedAgainWhenItEnds()
    {
        await using var plane = new TrafficPlane(_time, new Random(1));
        var endpoint = new EndpointView { Id = "/p/e", Name = "e", Target = "127.0.0.1", Enabled = true, AlwaysServe = true };
        var profile = new ProfileView
        {
            Id = "/p", Fqdn = "p.trafficmanager.net", Enabled = true, RoutingMethod = "Weighted", Ttl = 30, Monitor = Monitor(), Endpoints = [endpoint],
        };

        plane.Publish(profile);
        Assert.Equal(MonitorStatus.Unmonitored, plane.MonitorStatus("/P", "/P/E"));
        plane.Publish(profile with { Endpoints = [endpoint with { AlwaysServe = false }] });
        await Eventually.TrueAsync(() => Task.FromResult(plane.MonitorStatus("/p", "/p/e") == MonitorStatus.Online && plane.ProfileMonitorStatus("/p") == MonitorStatus.Online), "online");
        plane.Publish(profile with { Ttl = 5, Endpoints = [endpoint with { AlwaysServe = false, Weight = 9 }] });
        Assert.Equal(MonitorStatus.Online, plane.MonitorStatus("/p", "/p/e"));
        plane.Publish(profile with { Endpoints = [endpoint with { Enabled = false }] });
        Assert.Equal(MonitorStatus.Disabled, plane.MonitorStatus("/p", "/p/e"));
        plane.Publish(profile with { Enabled = false });
        Assert.Equal((MonitorStatus.Inactive, MonitorStatus.Disabled), (plane.MonitorStatus("/p", "/p/e"), plane.ProfileMonitorStatus("/p")));
    }

    private MonitorView Monitor(int tolerated = 0) => new("HTTPS", _port, "/health", 10, 5, tolerated, [], []);

    /// <summary>Moves the clock, less than a timeout at a time, until the verdict is there.</summary>
    private async Task UntilAsync(EndpointProbe probe, string status) => await Eventually.TrueAsync(
        () =>
        {
            if (probe.Status == status) return Task.FromResult(true);
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(false);
        },
        status);
}
