using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Loss;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>What a run achieved, as its journal tells it. Pure.</summary>
internal static class EvidenceRules
{
    /// <summary>Writes were away from the fence (planned) or from the start of the run (forced) until health was shown through Traffic Manager after the promotion.</summary>
    public static double? RtoSeconds(JournalState state)
    {
        var promotion = state.Steps.FirstOrDefault(s => s.Name == StepNames.Promote && s.Outcome != StepOutcome.Failed);
        if (promotion is null) return null;
        var begun = state.Mode == FailoverMode.Planned ? FencedSince(state, promotion) ?? state.Started : state.Started;
        var healthy = state.Steps.FirstOrDefault(s => s.Name == StepNames.ValidateHealth && s.Outcome == StepOutcome.Succeeded && s.Finished > promotion.Started && ThroughTrafficManager(s));
        return healthy?.Finished is { } end ? Math.Round((end - begun).TotalSeconds, 3) : null;
    }

    /// <summary>0 when nothing lost is proven; after a forced failover what the comparison of the two databases gave, once it is certain; else null.</summary>
    public static long? ReportedLost(JournalState state) =>
        state.Fact<HandoverProof>(HandoverProof.FactName) is { ZeroLossProven: true } ? 0
        : state.Fact<LossReceipt>(LossReceipt.FactName) is { Certain: true } receipt ? receipt.WithRows : null;

    /// <summary>0 when nothing lost is proven, else the lag that was measured before the promotion: a bound; null when nothing is known.</summary>
    public static double? RpoSeconds(JournalState state) =>
        state.Fact<HandoverProof>(HandoverProof.FactName) is { ZeroLossProven: true } ? 0
        : state.Fact<PromotionRecord>(PromotionRecord.FactName)?.LagSeconds is { } lag ? Math.Round(lag, 3) : null;

    // A fence that was lifted again before the promotion gave the writes back. A resumed run finds its own fence: then the first one counts.
    private static DateTimeOffset? FencedSince(JournalState state, StepResult promotion)
    {
        var lifted = state.Steps.LastOrDefault(s => s.Name == StepNames.LiftFence && s.Outcome == StepOutcome.Succeeded && s.Started < promotion.Started)?.Started;
        return state.Steps.FirstOrDefault(s => s.Name == StepNames.Fence && (lifted is null || s.Started > lifted))?.Started;
    }

    private static bool ThroughTrafficManager(StepResult step) =>
        step.Detail?.Contains("TrafficManager", StringComparison.OrdinalIgnoreCase) == true || step.Target.Contains("trafficmanager", StringComparison.OrdinalIgnoreCase);
}
