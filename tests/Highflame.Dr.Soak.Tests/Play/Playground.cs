using Highflame.Dr.Rehearsal;
using Highflame.Dr.Soak.Child;
using Highflame.Dr.Soak.World;

namespace Highflame.Dr.Soak.Play;

/// <summary>One pair of regions with clients that write, the runbook's processes, and the comparison at the end. For one run.</summary>
internal sealed class Playground : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);
    private readonly ModuleSession _module;
    private readonly string _folder;
    private readonly DnsRelay _relay;
    private readonly string _file;
    private readonly Census _census;
    private RunbookProcess? _next;
    private int _started;

    private Playground(SandboxWorld world, ModuleSession module, Scenario scenario, string folder, DnsRelay relay, string file)
    {
        (World, _module, Scenario, _folder, _relay, _file) = (world, module, scenario, folder, relay, file);
        _census = new Census(world, scenario);
    }

    public SandboxWorld World { get; }

    public Scenario Scenario { get; }

    public DnsRelay Dns => _relay;

    /// <summary>True while the region that is left does not answer.</summary>
    public bool RegionIsLost { get; private set; }

    /// <summary>Everything that the runbook's processes said, and the run's evidence.</summary>
    public string Folder => _folder;

    /// <summary>Starts the regions and the clients; in a forced scenario loses the region with acknowledged writes in flight.</summary>
    public static async Task<Playground> OpenAsync(ModuleSession module, Scenario scenario, string root, double timeScale, CancellationToken cancellationToken)
    {
        var world = await SandboxWorld.StartAsync(root, timeScale, cancellationToken);
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, "said")).FullName;
            var (relay, file) = DnsRelay.Start(world);
            var ground = new Playground(world, module, scenario, folder, relay, file);
            module.Invoke($"$null = Connect-HfAzure -Sandbox '{world.File}'; $null = Import-HfRegionPair '{world.Facts.RegionPair}'; $null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false");
            await world.StartLoadAsync();
            await ground.WritesAsync(scenario.From, 30);
            return ground;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Holds acknowledged writes back on the link, then kills the region.</summary>
    public async Task LoseRegionAsync()
    {
        await World.FaultAsync(new SandboxFault { Fault = "Link", Cut = true });
        var before = (await World.GetLoadAsync()).Acknowledged;
        await WritesAsync(Scenario.From, before + 15);
        await World.FaultAsync(new SandboxFault { Fault = "RegionLost", Region = Scenario.From });
        RegionIsLost = true;
    }

    public async Task RestoreRegionAsync()
    {
        if (!RegionIsLost) return;
        RegionIsLost = false;
        await World.FaultAsync(new SandboxFault { Fault = "Link" });
        await World.FaultAsync(new SandboxFault { Fault = "RegionRestored", Region = Scenario.From });
    }

    /// <summary>A process that is ready before it is needed.</summary>
    public void Prepare() => _next ??= RunbookProcess.Start(_file, Path.Combine(_folder, $"runbook-{++_started:000}.log"));

    /// <summary>Runs the runbook in a process of its own.</summary>
    /// <param name="acts">What happens at which record.</param>
    /// <param name="killAt">Kill at the first of these moments that is not spared.</param>
    /// <param name="spared">Moments that are passed by.</param>
    /// <param name="hold">Called while the process holds still.</param>
    /// <param name="another">Make the process after this one ready meanwhile.</param>
    public async Task<Ending> RunAsync(Act[] acts, Moments killAt = Moments.None, IReadOnlyCollection<string>? spared = null, Func<string, Task>? hold = null, bool another = false)
    {
        Prepare();
        using var process = _next!;
        await process.ReadyAsync();
        _next = null;
        if (another) Prepare();
        var orders = new Orders
        {
            PairPath = World.Facts.RegionPair,
            To = Scenario.To,
            Forced = Scenario.Forced,
            OldPrimaryWaitSeconds = RegionIsLost ? 0 : 60,
            EvidencePath = Path.Combine(_folder, "evidence.json"),
            Acts = acts,
            KillAt = killAt,
            Spared = [.. spared ?? []],
        };
        return await process.RunAsync(orders, hold, s_patience);
    }

    /// <summary>Stops the clients once they write in the new region, and compares everything.</summary>
    public async Task<Verdict> JudgeAsync()
    {
        _next?.Dispose();
        _next = null;
        string? astray = null;
        try
        {
            await WritesAsync(Scenario.To, 20);
        }
        catch (TimeoutException e)
        {
            astray = e.Message;
        }

        await _census.DisposeAsync();
        var verdict = await new Truth(World, _module, Scenario).CompareAsync(await World.StopLoadAsync(), _census);
        return astray is null ? verdict : verdict with { Failures = [.. verdict.Failures, astray] };
    }

    public async ValueTask DisposeAsync()
    {
        _next?.Dispose();
        await _census.DisposeAsync();
        await _relay.DisposeAsync();
        _module.Invoke("Disconnect-HfAzure");
        await World.DisposeAsync();
    }

    private async Task WritesAsync(string location, long least)
    {
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(30);)
        {
            if ((await World.GetLoadAsync()).Shares.Where(s => s.Region == location).Sum(s => s.Acknowledged) >= least) return;
            await Task.Delay(50);
        }

        throw new TimeoutException($"The clients have not {least} writes acknowledged in {location} after 30 s.");
    }
}
