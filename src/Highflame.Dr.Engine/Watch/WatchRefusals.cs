using System.Globalization;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using static Highflame.Dr.Engine.Planning.Refuse;

namespace Highflame.Dr.Engine.Watch;

/// <summary>Everything that forbids a failover that is due, all at once. Pure.</summary>
internal static class WatchRefusals
{
    public static List<Refusal> Of(RegionPair pair, WatchMemory memory, WatchSight sight, WatchJudgement judged, WatchPrice price)
    {
        var rules = pair.Watch;
        var refusals = new List<Refusal>();
        var active = sight.Active ?? "(unknown)";
        var passive = sight.Passive ?? "(unknown)";
        var needed = Math.Max(3, rules.Witnesses);
        if (judged.Agreeing.Length < needed || !judged.AgreesOutside)
        {
            refusals.Add(Make("HfTooFewWitnesses", DrErrorKind.InvalidState, active, $"{judged.Agreeing.Length} independent places agree{(judged.AgreesOutside ? "" : ", none of them outside both regions")}.",
                $"{needed} places, one of them outside both regions.", "Declare vantage points in the pair file (watch.vantagePoints)."));
        }

        if (memory.CooldownUntil is { } until && until > sight.At)
            refusals.Add(Make("HfCooldown", DrErrorKind.InvalidState, active, $"The last failover ended a short time ago; the cooldown lasts until {until:u}.", "No failover in the cooldown.", "Look whether the same cause makes both regions fail."));

        if (sight.Guards is not { } guards)
        {
            refusals.Add(Make("HfGuardsUnknown", DrErrorKind.InvalidState, active, "Lease, debts and preflight have not been looked at yet.", "A look at them.", "Wait for the next observation."));
            return refusals;
        }

        if (guards.Problem is { } problem)
            refusals.Add(Make("HfGuardsUnknown", DrErrorKind.InvalidState, active, $"Lease, debts or preflight cannot be read: {problem}", "All of them seen.", "Make the run store and Azure reachable from the watcher."));
        if (guards.Holder is { } holder)
            refusals.Add(Held(active, holder));
        else if (guards.Unfinished is { } run)
            refusals.Add(Make("HfRunUnfinished", DrErrorKind.InvalidState, active, $"Run {run.Id} to {run.To} has begun and not ended.", "No unfinished run.", $"Finish it: run the runbook again with -To {run.To}."));
        if (guards.LastRunEnded is { } ended && (sight.At - ended).TotalSeconds < rules.CooldownSeconds && refusals.TrueForAll(r => r.Code != "HfCooldown"))
            refusals.Add(Make("HfCooldown", DrErrorKind.InvalidState, active, $"The last run ended at {ended:u}.", $"{Number(rules.CooldownSeconds)} s since.", "Look whether the same cause makes both regions fail."));
        foreach (var debt in guards.Debts)
            refusals.Add(Make("HfFenceOwed", DrErrorKind.InvalidState, debt, $"{debt} still owes a fence.", "No fence debt: two servers could take writes.", $"Pay it first: Complete-HfFence -Name {debt}."));
        refusals.AddRange(guards.Preflight);

        var standby = sight.Witnesses.FirstOrDefault(w => w.Kind == WitnessKind.StandbyGateway);
        if (standby is not { Word: WitnessWord.Up })
            refusals.Add(Make("HfGatewayUnhealthy", DrErrorKind.InvalidState, passive, $"The application of {passive} does not serve: {standby?.Detail ?? "not looked at"}", "A healthy gateway where traffic shall go.", "Put it right, or fail over by hand knowing it."));
        if (price.LossSeconds is not { } loss || loss > pair.Objectives.RpoSeconds)
        {
            refusals.Add(Make("HfLagOverRpo", DrErrorKind.InvalidState, passive,
                price.LossSeconds is { } lost ? $"A failover now would lose up to {Number(lost)} s of writes." : "How much a failover now would lose is not known.",
                $"At most {Number(pair.Objectives.RpoSeconds)} s (objectives.rpoSeconds).", "Decide yourself: Invoke-HfRegionFailover.ps1 -Mode Forced -AllowDataLoss."));
        }

        return refusals;
    }

    /// <summary>What a watcher tells beside one whose run goes on, too.</summary>
    public static Refusal Held(string active, string holder) =>
        Make("HfRunHeld", DrErrorKind.ResourceBusy, active, $"A run holds the pair's lease: {holder}.", "Nobody holds the lease.", "Wait until it has ended (Get-HfRun).");

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
