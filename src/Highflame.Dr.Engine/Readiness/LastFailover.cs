using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>The last promotion that a pair's runs have made.</summary>
/// <param name="RunId">The run.</param>
/// <param name="From">Location that was left; null when it was not known.</param>
/// <param name="To">Location that took over.</param>
/// <param name="At">When it was promoted.</param>
internal sealed record LastFailover(string RunId, string? From, string To, DateTimeOffset At)
{
    /// <summary>True when the last failover left the region that shall take over now.</summary>
    public bool Left(PairRegion region) => From is not null && AzureLocation.Same(From, region.Location) && !AzureLocation.Same(To, region.Location);

    /// <summary>Null when none was made, or only by the run that is under way.</summary>
    public static LastFailover? Of(RunStore store, string? currentRun) => store.ReadRuns()
        .Select(r => r.State)
        .Where(s => s.RunId != currentRun)
        .Select(s => (State: s, Step: s.Steps.LastOrDefault(p => p.Name == StepNames.Promote && p.Outcome == StepOutcome.Succeeded)))
        .Where(r => r.Step is not null)
        .Select(r => new LastFailover(r.State.RunId, r.State.Before.Active, r.State.To, r.Step!.Finished ?? r.Step.Started))
        .OrderByDescending(l => l.At)
        .FirstOrDefault();
}
