using Highflame.Dr.Watch;

namespace Highflame.Dr.Tests.Fakes;

// What a watcher tells.
internal static partial class Samples
{
    public static Witness Witness => new()
    {
        Name = "gateway of eastus", Kind = WitnessKind.Gateway, Word = WitnessWord.Up, Place = "the watcher", Target = "https://127.9.1.1/healthz", Detail = "HTTP 200", Milliseconds = 2.5, At = Noon,
    };

    public static WatchEvent Watched => new()
    {
        Name = "highflame-prod",
        Pair = Pair("highflame-prod", "/pairs/highflame-prod.json"),
        At = Noon,
        Active = "eastus",
        Passive = "westus",
        Verdict = WatchVerdict.Healthy,
        Reasons = ["eastus serves."],
        Phase = WatchPhase.Watching,
        Action = WatchAction.None,
        Confirmed = 3,
        Price = new WatchPrice { UsersFailing = false, LossSeconds = 0.2, LossBytes = 4096 },
        Witnesses = [Witness],
        Watcher = "process 1 on here",
    };

    public static WatchEvent WatchedLoss => Watched with
    {
        Verdict = WatchVerdict.Region,
        Reasons = ["Nothing of eastus answers."],
        Phase = WatchPhase.FailingOver,
        Action = WatchAction.Failover,
        Alert = "eastus is lost (Region): failing over to westus.",
        Agreeing = ["the watcher", "westus", "northeurope"],
        FirstFailure = Noon.AddSeconds(-180),
        HoldOffUntil = Noon,
        Incident = "20260301T115700Z",
        Price = new WatchPrice { UsersFailing = true, FailingSeconds = 180, LossSeconds = 0.2, LossBytes = 4096 },
        Witnesses = [Witness with { Word = WitnessWord.Down, Detail = "Connection refused" }],
    };
}
