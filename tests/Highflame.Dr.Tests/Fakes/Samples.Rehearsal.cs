using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Fakes;

// What the sandbox and its drills tell.
internal static partial class Samples
{
    public static Sandbox Sandbox => new()
    {
        Path = "/tmp/sb/sandbox.json",
        Root = "/tmp/sb",
        ProcessId = 4711,
        ArmEndpoint = "https://127.0.0.1:1234",
        PairPath = "/tmp/sb/region-pair.json",
        TrafficManagerFqdn = "highflame-prod-global.trafficmanager.net",
        SubscriptionId = Subscription,
        Locations = ["eastus", "westus"],
    };

    public static LoadReport Load => new()
    {
        Started = Noon,
        Finished = Noon.AddMinutes(1),
        Running = false,
        Acknowledged = 12345,
        Failed = 3,
        Lost = 0,
        OutageSeconds = 0.31,
        CountedIn = ReplicaName,
        Shares = [new LoadShare("eastus", PrimaryName, 12000, Noon, Noon.AddSeconds(30))],
    };

    public static DrillReport Drill => new()
    {
        Scenario = "planned",
        From = "eastus",
        To = "westus",
        Mode = "Planned",
        Started = Noon,
        Finished = Noon.AddMinutes(1),
        Rto = new ObjectiveResult(900, 1.25),
        Rpo = new ObjectiveResult(60, null),
        Writes = new DrillWrites { Acknowledged = 12345, Lost = 0, ReportedLost = null, OutageSeconds = 0.31, AcceptedByOldPrimary = 0 },
        Steps = [Step],
        Topology = new EvidenceTopology("westus", [new EvidenceServer(ReplicaName, "westus", "Primary")], null),
        Passed = false,
        Failures = ["The new replica is not streaming."],
        Timeline = ["12:00:00.000  fence    |==|", "12:00:00.200  promote     |====|"],
        Path = "/out/planned.json",
    };
}
