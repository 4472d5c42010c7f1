using System.Globalization;
using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>The times of an automatic drill, and what it must have reached. Pure.</summary>
internal static class DrillWatchRules
{
    public static DrillWatch Of(DrillWatchRequest request, RunEvidence evidence, LoadReport load)
    {
        var asked = Array.FindAll(request.Found, f => f.Action == WatchAction.Failover);
        var first = asked.FirstOrDefault();
        var served = load.Shares.FirstOrDefault(s => AzureLocation.Same(s.Region, evidence.To))?.First;
        double? Between(DateTimeOffset? from, DateTimeOffset? to) => from is { } a && to is { } b ? Math.Round((b - a).TotalSeconds, 3) : null;
        return new DrillWatch
        {
            LostAt = request.LostAt,
            DetectionSeconds = Between(request.LostAt, first?.FirstFailure),
            DecisionSeconds = Between(first?.FirstFailure, first?.At),
            HoldOffSeconds = Between(first?.FirstFailure, first?.HoldOffUntil),
            AfterHoldOffSeconds = Between(first?.HoldOffUntil, first?.At),
            BegunAfterHoldOffSeconds = first is null ? null : Between(first.HoldOffUntil, evidence.Started),
            RecoverySeconds = Between(first?.At, served),
            TotalSeconds = Between(request.LostAt, served),
            Failovers = asked.Length,
            Runs = request.Runs,
            FailoversInTroubles = request.Troubles.Sum(t => t.Failovers),
            Agreeing = first?.Agreeing ?? [],
            Troubles = request.Troubles,
        };
    }

    public static IEnumerable<string> Failures(DrillWatch watch, double limitSeconds)
    {
        string Seconds(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
        foreach (var trouble in watch.Troubles)
        {
            if (trouble.Failovers != 0) yield return $"{trouble.Name}: {trouble.Failovers} failovers were asked for.";
            if (trouble.Rounds == 0) yield return $"{trouble.Name}: nobody looked.";
        }

        if (watch.Failovers != 1) yield return $"After the loss of the region {watch.Failovers} failovers were asked for instead of 1.";
        if (watch.Runs != 1) yield return $"{watch.Runs} runs were begun instead of 1.";
        if (watch.AfterHoldOffSeconds is not { } asked || asked < 0) yield return "The failover was asked for before the hold-off's end, or never.";
        else if (watch.BegunAfterHoldOffSeconds is not { } late || late > limitSeconds) yield return $"The failover began {Seconds(watch.BegunAfterHoldOffSeconds ?? double.NaN)} s after the hold-off's end, later than {Seconds(limitSeconds)} s.";
        if (watch.RecoverySeconds is not > 0) yield return "No client had a write acknowledged by the region that took over.";
        if (watch.Agreeing.Length < 3) yield return $"Only {watch.Agreeing.Length} places agreed.";
    }
}
