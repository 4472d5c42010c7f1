using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Watch;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>Two regions as their witnesses see them at a moment. Everything is well until a test says otherwise.</summary>
internal sealed record WatchWorld
{
    /// <summary>What the gateway of the active region is from here; null: its name leads nowhere.</summary>
    public WitnessWord Gateway { get; init; } = WitnessWord.Up;

    public WitnessWord Standby { get; init; } = WitnessWord.Up;

    public WitnessWord Primary { get; init; } = WitnessWord.Up;

    public WitnessWord Stream { get; init; } = WitnessWord.Up;

    public WitnessWord Traffic { get; init; } = WitnessWord.Silent;

    public WitnessWord Azure { get; init; } = WitnessWord.Up;

    public WitnessWord Vantage { get; init; } = WitnessWord.Up;

    public WitnessWord ArmCheck { get; init; } = WitnessWord.Up;

    public WitnessWord AuthorityCheck { get; init; } = WitnessWord.Up;

    public double? ReplayAge { get; init; } = 0.2;

    public ulong? Written { get; init; } = 1000;

    public ulong? Received { get; init; } = 1000;

    public static WatchWorld Well { get; } = new();

    /// <summary>All of the active region is gone at once, and everybody sees it.</summary>
    public static WatchWorld RegionLost { get; } = new()
    {
        Gateway = WitnessWord.Down, Primary = WitnessWord.Down, Stream = WitnessWord.Down, Azure = WitnessWord.Down, Vantage = WitnessWord.Down, Written = null,
    };
}

/// <summary>A watch over a world that changes, on a clock of its own: no waiting.</summary>
internal sealed class WatchScene
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public RegionPair Pair { get; set; } = Pairs.Create() with { Watch = new PairWatch { Automatic = WatchAutomatic.Failover, VantagePoints = [new() { Name = "northeurope", Url = "https://v.test/" }] } };

    public WatchMemory? Memory { get; set; }

    /// <summary>Where the memory is kept, as a watcher keeps it; null keeps it here.</summary>
    public RunStore? Store { get; set; }

    public string Active { get; set; } = "eastus";

    /// <summary>Null when nobody has looked at them.</summary>
    public WatchGuards? Guards { get; set; } = new();

    /// <summary>Whether somebody takes the lease as soon as a failover is asked for.</summary>
    public bool TakenUp { get; set; } = true;

    public List<WatchEvent> Events { get; } = [];

    public IEnumerable<WatchEvent> Failovers => Events.Where(e => e.Action == WatchAction.Failover);

    public IEnumerable<string> Alerts => Events.Where(e => e.Action == WatchAction.Alert).Select(e => e.Alert!);

    /// <summary>One round at a second of the scene.</summary>
    public WatchEvent Look(double second, WatchWorld world, string watcher = "process 1 on here")
    {
        var at = Start.AddSeconds(second);
        Witness W(string name, WitnessKind kind, WitnessWord word, string place, bool outside = false) => new() { Name = name, Kind = kind, Word = word, Place = place, Outside = outside, Detail = word.ToString(), At = at };
        var here = Pair.Watch.WatcherLocation is not null;
        var sight = new WatchSight
        {
            At = at,
            Watcher = watcher,
            Active = Active,
            Passive = Active == "eastus" ? "westus" : "eastus",
            Pair = new KnownPair { Active = Active, ReplicaId = "r" },
            PrimaryLsn = world.Written,
            ReceivedLsn = world.Received,
            ReplayAgeSeconds = world.ReplayAge,
            Guards = Guards,
            Witnesses =
            [
                W("self-check arm", WitnessKind.SelfCheck, world.ArmCheck, "the watcher"),
                W("self-check authority", WitnessKind.SelfCheck, world.AuthorityCheck, "the watcher"),
                W("gateway", WitnessKind.Gateway, world.Gateway, "the watcher", here),
                W("standby", WitnessKind.StandbyGateway, world.Standby, "the watcher", here),
                W("primary", WitnessKind.Primary, world.Primary, "the watcher", here),
                W("stream", WitnessKind.Replica, world.Stream, "westus"),
                W("tm", WitnessKind.TrafficManager, world.Traffic, "Traffic Manager's probes", true),
                W("azure", WitnessKind.ResourceHealth, world.Azure, "Azure's resource health", true),
                .. Pair.Watch.VantagePoints.Select(v => W(v.Name, WitnessKind.VantagePoint, world.Vantage, v.Name, true)),
            ],
        };
        WatchEvent found;
        if (Store is { } store) found = store.ChangeDocument<WatchMemory, WatchEvent>("watch.json", memory => WatchDecision.Decide(Pair, memory, sight));
        else (Memory, found) = WatchDecision.Decide(Pair, Memory, sight);
        Events.Add(found);
        if (TakenUp && found.Action == WatchAction.Failover) Guards = new WatchGuards { Holder = "process 9 on here", Unfinished = ("run", found.Passive!, at) };
        return found;
    }

    /// <summary>A round each interval from one second to another.</summary>
    public void Run(double from, double to, Func<double, WatchWorld> world)
    {
        for (var second = from; second <= to; second += Pair.Watch.IntervalSeconds) Look(second, world(second));
    }

    public static Refusal Refusal(string code) => new() { Code = code, Kind = DrErrorKind.InvalidState, Resource = "r", Observed = "no", Required = "yes", Remedy = "do" };
}
