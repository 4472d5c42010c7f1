using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>What the two ways of promotion have cost a pair, from the journals of its planned runs. Pure.</summary>
internal static class PromotionComparison
{
    public static PromotionFigures[] Of(IEnumerable<JournalState> runs) =>
    [
        .. runs.Where(r => r.Mode == FailoverMode.Planned && Promoted(r) is not null)
            .Select(r => (Promotion: r.Fact<PromotionRecord>(PromotionRecord.FactName)?.Promotion ?? DbPromotion.Standalone, Run: r))
            .GroupBy(r => r.Promotion).OrderBy(g => g.Key)
            .Select(g => new PromotionFigures(g.Key.ToString(), g.Count(), Median(g.Select(r => EvidenceRules.RtoSeconds(r.Run))), Median(g.Select(r => Unprotected(r.Run))))),
    ];

    private static StepResult? Promoted(JournalState run) => run.Steps.FirstOrDefault(s => s.Name == StepNames.Promote && s.Outcome == StepOutcome.Succeeded);

    // A new replica that is there, or the old primary seen to follow.
    private static double? Unprotected(JournalState run) =>
        run.Steps.LastOrDefault(s => s.Name is StepNames.CreateReplica or StepNames.AwaitReplica or StepNames.Follow or StepNames.StrikeFenceDebt && s.Outcome is StepOutcome.Succeeded or StepOutcome.NoChange)?.Finished is { } again
            ? Math.Round((again - Promoted(run)!.Started).TotalSeconds, 3) : null;

    private static double? Median(IEnumerable<double?> values)
    {
        double[] known = [.. values.OfType<double>().Order()];
        return known.Length == 0 ? null : known.Length % 2 == 1 ? known[known.Length / 2] : Math.Round((known[known.Length / 2 - 1] + known[known.Length / 2]) / 2, 3);
    }
}
