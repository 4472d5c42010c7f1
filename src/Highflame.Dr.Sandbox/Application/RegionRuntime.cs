namespace Highflame.Dr.Sandbox.Application;

/// <summary>Application and gateway of each region, each a process.</summary>
internal sealed class RegionRuntime : IRegionRuntime, IAsyncDisposable
{
    private readonly SandboxLayout _layout;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, RegionProcesses> _regions;
    private VaultAccess? _vaults;

    public RegionRuntime(SandboxLayout layout, TimeProvider time)
    {
        (_layout, _time) = (layout, time);
        _regions = layout.Regions.ToDictionary(r => r.Location, _ => new RegionProcesses(), StringComparer.Ordinal);
    }

    public Task StartAsync(string location, CancellationToken cancellationToken) => AloneAsync(location, async (region, processes) =>
    {
        var application = StartApplicationAsync(region, processes, cancellationToken);
        await Task.WhenAll(application, StartGatewayAsync(region, processes, cancellationToken)).ConfigureAwait(false);
    }, cancellationToken);

    public Task KillAsync(string location, CancellationToken cancellationToken) => AloneAsync(location, async (_, processes) =>
    {
        await Task.WhenAll(processes.Gateway?.KillAsync() ?? Task.CompletedTask, processes.Application?.KillAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        (processes.Gateway, processes.Application) = (null, null);
    }, cancellationToken);

    public Task SetGatewayAsync(string location, bool running, CancellationToken cancellationToken) => AloneAsync(location, async (region, processes) =>
    {
        if (running)
        {
            await StartGatewayAsync(region, processes, cancellationToken).ConfigureAwait(false);
        }
        else if (processes.Gateway is { } gateway)
        {
            processes.Gateway = null;
            await gateway.KillAsync().ConfigureAwait(false);
        }
    }, cancellationToken);

    public Task SetHealthFailingAsync(string location, bool failing, CancellationToken cancellationToken) => AloneAsync(location, async (_, processes) =>
    {
        processes.HealthFailing = failing;
        if (processes.Application is { IsRunning: true } application) await application.AskAsync("health", failing, cancellationToken).ConfigureAwait(false);
    }, cancellationToken);

    public Task SetCertificateAsync(string location, bool expired, CancellationToken cancellationToken) => AloneAsync(location, async (region, processes) =>
    {
        processes.CertificateExpired = expired;
        if (processes.Gateway is not { } gateway) return;
        processes.Gateway = null;
        await gateway.KillAsync().ConfigureAwait(false);
        await StartGatewayAsync(region, processes, cancellationToken).ConfigureAwait(false);
    }, cancellationToken);

    public Task RestartApplicationAsync(string location, CancellationToken cancellationToken) => AloneAsync(location, async (region, processes) =>
    {
        if (processes.Application is not { } application) return;
        processes.Application = null;
        await application.KillAsync().ConfigureAwait(false);
        await StartApplicationAsync(region, processes, cancellationToken).ConfigureAwait(false);
    }, cancellationToken);

    public void UseVaults(VaultAccess access) => _vaults = access;

    public IReadOnlyList<RegionState> GetStates() =>
        [.. _regions.Select(r => new RegionState(r.Key, r.Value.Gateway is { IsRunning: true }, r.Value.Application is { IsRunning: true }, r.Value.HealthFailing, r.Value.CertificateExpired))];

    public async ValueTask DisposeAsync()
    {
        List<ChildProcess?> children = [.. _regions.Values.SelectMany(r => new[] { r.Gateway, r.Application })];
        await Task.WhenAll(children.Where(c => c is not null).Select(c => c!.DisposeAsync().AsTask())).ConfigureAwait(false);
        foreach (var region in _regions.Values) region.Gate.Dispose();
    }

    private async Task StartApplicationAsync(SandboxRegion region, RegionProcesses processes, CancellationToken cancellationToken)
    {
        if (processes.Application is { IsRunning: true }) return;
        if (_vaults is not { } vaults) throw new InvalidOperationException("The application does not know its vault.");
        var settings = new AppSettings(
            region.Location, vaults.VaultOf(region.Location), vaults.Identity, vaults.ClientOf(region.Location), _layout.DnsAddress.ToString(), _layout.DnsPort,
            _layout.CaCertificatePath, region.ApplicationAddress.ToString(), region.ApplicationPort);
        var application = await ChildProcess.StartAsync(
            ChildPrograms.App, $"app-{region.Location}", settings, ChildJson.Default.AppSettings, _layout, _time, cancellationToken).ConfigureAwait(false);
        processes.Application = application;
        if (processes.HealthFailing) await application.AskAsync("health", true, cancellationToken).ConfigureAwait(false);
    }

    private async Task StartGatewayAsync(SandboxRegion region, RegionProcesses processes, CancellationToken cancellationToken)
    {
        if (processes.Gateway is { IsRunning: true }) return;
        var settings = new GatewaySettings(
            region.Location, region.GatewayAddress.ToString(), _layout.GatewayPort, processes.CertificateExpired ? _layout.ExpiredCertificatePath : _layout.ServerCertificatePath, _layout.ServerKeyPath, _layout.CaCertificatePath,
            $"http://{region.ApplicationAddress}:{region.ApplicationPort}/");
        processes.Gateway = await ChildProcess.StartAsync(
            ChildPrograms.Gateway, $"gateway-{region.Location}", settings, ChildJson.Default.GatewaySettings, _layout, _time, cancellationToken).ConfigureAwait(false);
    }

    private async Task AloneAsync(string location, Func<SandboxRegion, RegionProcesses, Task> work, CancellationToken cancellationToken)
    {
        var region = _layout.Region(location);
        var processes = _regions[region.Location];
        await processes.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await work(region, processes).ConfigureAwait(false);
        }
        finally
        {
            processes.Gate.Release();
        }
    }

    private sealed class RegionProcesses
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public ChildProcess? Application { get; set; }

        public ChildProcess? Gateway { get; set; }

        public bool HealthFailing { get; set; }

        public bool CertificateExpired { get; set; }
    }
}
