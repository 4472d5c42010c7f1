using System.Globalization;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>
/// The watch's state machine: what was remembered and what is seen, to what is remembered next and what to say. Pure: no clock, no I/O. It asks for a failover only when the
/// verdict is one that the file names, the hold-off since the first failure is over, the last observations in a row agree, and nothing forbids it.
/// </summary>
internal static class WatchDecision
{
    /// <summary>How long before a failure a witness must have been seen up to be believed.</summary>
    public static readonly TimeSpan Credit = TimeSpan.FromHours(1);

    public static (WatchMemory Memory, WatchEvent Event) Decide(RegionPair pair, WatchMemory? before, WatchSight sight)
    {
        var rules = pair.Watch;
        var known = before ?? new WatchMemory();
        var witnesses = Believed(known, sight);
        var judged = WatchJudge.Judge(rules, sight.Active, sight.Passive, witnesses);
        var memory = Remember(rules, known, sight, witnesses, judged);
        var price = WatchPricing.Of(memory, sight, judged);
        var (phase, refusals) = PhaseOf(pair, memory, sight, judged, price);
        (memory, var action, var alert) = Act(rules, memory, sight, judged, phase, refusals);
        return (memory, new WatchEvent
        {
            Name = pair.Name,
            Pair = pair,
            At = sight.At,
            Active = sight.Active,
            Passive = sight.Passive,
            Verdict = judged.Verdict,
            Reasons = judged.Reasons,
            Phase = action == WatchAction.Failover ? WatchPhase.FailingOver : phase,
            Action = action,
            Alert = alert,
            Agreeing = judged.Agreeing,
            Confirmed = memory.Confirmed,
            Automatic = rules.Automatic,
            Refusals = [.. refusals],
            Price = price,
            Incident = memory.Incident,
            FirstFailure = memory.FirstFailure,
            HoldOffUntil = memory.FirstFailure?.AddSeconds(rules.HoldOffSeconds),
            CooldownUntil = memory.CooldownUntil > sight.At ? memory.CooldownUntil : null,
            Witnesses = [.. witnesses],
            Watcher = sight.Watcher,
        });
    }

    /// <summary>True when a round that begins now may ask for a failover, or follows one up: then lease, debts and preflight must be seen.</summary>
    public static bool NeedsGuards(PairWatch rules, WatchMemory known, DateTimeOffset now) =>
        known.Asked is not null || (known.FirstFailure is { } first && (now - first).TotalSeconds >= rules.HoldOffSeconds - (2 * rules.IntervalSeconds));

    // A witness that has been dead all along tells nothing about what has just happened.
    private static Witness[] Believed(WatchMemory known, WatchSight sight)
    {
        var since = (known.FirstFailure ?? sight.At) - Credit;
        return [.. sight.Witnesses.Select(w => w with
        {
            Counts = w.Word is WitnessWord.Up or WitnessWord.Silent || w.Kind is WitnessKind.SelfCheck or WitnessKind.StandbyGateway || (known.LastUp.TryGetValue(KeyOf(w, sight), out var up) && up >= since),
        })];
    }

    // What is seen from here is seen by this watcher; another one may look from a place that never could.
    private static string KeyOf(Witness witness, WatchSight sight) => witness.Kind is WitnessKind.Gateway or WitnessKind.Primary or WitnessKind.Replica ? $"{witness.Name} [{sight.Active}] @ {sight.Watcher.Split(" on ")[^1]}" : $"{witness.Name} [{sight.Active}]";

    private static WatchMemory Remember(PairWatch rules, WatchMemory known, WatchSight sight, Witness[] witnesses, WatchJudgement judged)
    {
        var up = new Dictionary<string, DateTimeOffset>(known.LastUp);
        foreach (var witness in witnesses.Where(w => w.Word == WitnessWord.Up)) up[KeyOf(witness, sight)] = sight.At;
        foreach (var old in up.Where(u => sight.At - u.Value > TimeSpan.FromDays(7)).Select(u => u.Key).ToArray()) up.Remove(old);

        var blind = judged.Verdict == WatchVerdict.Us;
        // Blindness neither proves nor disproves; one longer than the hold-off, or a watch that was not kept, begins anew.
        var forgotten = known.LastSeen is { } seen && (sight.At - seen).TotalSeconds > Math.Max(rules.HoldOffSeconds, 3 * rules.IntervalSeconds);
        var moved = known.Pair is { } pair && sight.Active is { } active && !AzureLocation.Same(pair.Active, active);
        var first = blind ? (forgotten ? null : known.FirstFailure)
            : !judged.Fails ? null
            : known.FirstFailure is { } since && !forgotten && !moved ? since : sight.At;
        return known with
        {
            At = sight.At,
            Verdict = judged.Verdict,
            Confirmed = known.Verdict == judged.Verdict && !forgotten && !moved ? known.Confirmed + 1 : 1,
            FirstFailure = first,
            LastSeen = blind ? known.LastSeen : sight.At,
            LastUp = up,
            Pair = sight.Pair ?? known.Pair,
            Position = sight.PrimaryLsn is { } lsn && judged.Verdict == WatchVerdict.Healthy ? new(sight.At, lsn) : known.Position,
            Changes = Changes(known, sight, witnesses),
        };
    }

    private static WitnessChange[] Changes(WatchMemory known, WatchSight sight, Witness[] witnesses)
    {
        var last = known.Changes.GroupBy(c => (c.Watcher, c.Witness)).ToDictionary(g => g.Key, g => g.Last().Word);
        var fresh = witnesses.Where(w => !last.TryGetValue((sight.Watcher, w.Name), out var word) || word != w.Word).Select(w => new WitnessChange(w.At, sight.Watcher, w.Name, w.Word, w.Detail)).ToArray();
        return fresh.Length == 0 ? known.Changes : [.. known.Changes.Concat(fresh).TakeLast(WatchMemory.KeptChanges)];
    }

    private static (WatchPhase Phase, List<Refusal> Refusals) PhaseOf(RegionPair pair, WatchMemory memory, WatchSight sight, WatchJudgement judged, WatchPrice price)
    {
        var rules = pair.Watch;
        if (memory.Asked is not null) return (WatchPhase.FailingOver, sight.Guards?.Holder is { } holder ? [WatchRefusals.Held(sight.Active ?? pair.Name, holder)] : []);
        if (memory.FirstFailure is not { } first) return (memory.CooldownUntil > sight.At ? WatchPhase.Cooldown : WatchPhase.Watching, []);
        if ((sight.At - first).TotalSeconds < rules.HoldOffSeconds) return (WatchPhase.HoldOff, []);
        if (!rules.FailoverOn.Contains(judged.Verdict) || memory.Confirmed < rules.Confirmations) return (WatchPhase.HoldOff, []);
        // This round began before anybody looked at what forbids it: the next one does.
        if (sight.Guards is null) return (WatchPhase.HoldOff, []);
        return (WatchPhase.Due, WatchRefusals.Of(pair, memory, sight, judged, price));
    }

    private static (WatchMemory Memory, WatchAction Action, string? Alert) Act(PairWatch rules, WatchMemory memory, WatchSight sight, WatchJudgement judged, WatchPhase phase, List<Refusal> refusals)
    {
        if (memory.Asked is { } asked) return FollowUp(rules, memory, sight, judged, asked);
        if (judged.Verdict == WatchVerdict.Healthy) return Recovered(rules, memory, sight, judged);

        memory = memory with { RecoveredAt = null };
        if (phase == WatchPhase.Due && refusals.Count == 0 && rules.Automatic == WatchAutomatic.Failover)
        {
            memory = Open(memory, sight) with { Asked = new(sight.Passive!, sight.At, sight.At, sight.Watcher) };
            return (memory with { Alerted = [.. memory.Alerted, "failover"] }, WatchAction.Failover, $"{sight.Active} is lost ({judged.Verdict}): failing over to {sight.Passive}.");
        }

        if (memory.Confirmed < rules.Confirmations) return (memory, WatchAction.None, null);
        memory = Open(memory, sight);
        if (phase != WatchPhase.Due) return Once(memory, $"verdict {judged.Verdict}", $"{judged.Verdict}: {judged.Reasons[0]}");
        return refusals.Count > 0
            ? Once(memory, $"refused {string.Join(' ', refusals.Select(r => r.Code).Distinct().Order(StringComparer.Ordinal))}", $"A failover to {sight.Passive} is due and forbidden: {string.Join(" ", refusals.Select(r => r.Observed))}")
            : Once(memory, "due", $"A failover to {sight.Passive} is due. Automatic failover is off: {judged.Reasons[0]}");
    }

    // The lease decides who fails over. A request that nobody took up, or whose runner died, is made again; the runbook resumes what was begun.
    private static (WatchMemory Memory, WatchAction Action, string? Alert) FollowUp(PairWatch rules, WatchMemory memory, WatchSight sight, WatchJudgement judged, AskedFailover asked)
    {
        if (sight.Guards is null || sight.Guards.Problem is not null) return (memory, WatchAction.None, null);
        var held = sight.Guards.Holder is not null;
        if (AzureLocation.Same(sight.Active, asked.To) && !held)
        {
            // Owed steps (a fence, a new replica) are for the runbook, when the region that was left answers again.
            memory = memory with { Asked = null, FirstFailure = null, CooldownUntil = sight.At.AddSeconds(rules.CooldownSeconds), Confirmed = 1 };
            return Once(memory, "moved", $"Traffic goes to {asked.To} since the failover that was asked for at {asked.First:u}.{(sight.Guards.Debts.Count > 0 ? $" Still owed: the fence of {string.Join(", ", sight.Guards.Debts)}; run the runbook again when it answers." : "")}");
        }

        if (held || (sight.At - asked.Last).TotalSeconds < Math.Max(30, 3 * rules.IntervalSeconds)) return (memory, WatchAction.None, null);
        var begun = sight.Guards.Unfinished is { } run && AzureLocation.Same(run.To, asked.To);
        if (!begun && !rules.FailoverOn.Contains(judged.Verdict))
        {
            // Nobody has begun, and the region does not look lost any more: the request is taken back.
            return Once(memory with { Asked = null, Confirmed = 1 }, "withdrawn", $"The failover to {asked.To} was not begun and is not asked for any more: {judged.Verdict}.");
        }

        return (memory with { Asked = asked with { Last = sight.At, By = sight.Watcher } }, WatchAction.Failover, begun ? $"The failover to {asked.To} was left unfinished by its runner: go on with it." : $"Nobody has taken the failover to {asked.To} up: asked again.");
    }

    private static (WatchMemory Memory, WatchAction Action, string? Alert) Recovered(PairWatch rules, WatchMemory memory, WatchSight sight, WatchJudgement judged)
    {
        // A region that could not take over is no trouble of the users, and is one of the night after.
        if (memory.Confirmed >= rules.Confirmations && sight.Witnesses.FirstOrDefault(w => w.Kind == WitnessKind.StandbyGateway) is { Word: WitnessWord.Down or WitnessWord.Failing } standby)
            return Once(Open(memory, sight) with { RecoveredAt = null }, "standby", $"{sight.Passive} could not take over: {standby.Detail}");
        // Who cannot hear enough places would not know a lost region: better said on a quiet day.
        if (memory.Confirmed >= rules.Confirmations && Deaf(rules, sight) is { } deaf) return Once(Open(memory, sight) with { RecoveredAt = null }, "deaf", deaf);
        if (memory.Incident is null || memory.Confirmed < rules.Confirmations) return (memory, WatchAction.None, null);
        var since = memory.RecoveredAt ?? sight.At;
        // Flapping stays one incident: it is closed when the calm has lasted for a cooldown.
        if ((sight.At - since).TotalSeconds >= rules.CooldownSeconds) return (memory with { Incident = null, Alerted = [], RecoveredAt = null }, WatchAction.None, null);
        memory = memory with { RecoveredAt = since };
        return memory.Alerted.Length == 0 ? (memory, WatchAction.None, null) : Once(memory, "recovered", $"Recovered: {judged.Reasons[0]}");
    }

    /// <summary>Why the loss of the active region could not be told from a cut-off watcher as things stand; null when it could.</summary>
    private static string? Deaf(PairWatch rules, WatchSight sight)
    {
        var heard = sight.Witnesses.Where(w => w.Word != WitnessWord.Silent && w.Kind is not (WitnessKind.SelfCheck or WitnessKind.StandbyGateway)).ToArray();
        string[] places = [.. heard.Select(w => w.Place).Distinct(StringComparer.OrdinalIgnoreCase)];
        var needed = Math.Max(3, rules.Witnesses);
        if (places.Length >= needed && Array.Exists(heard, w => w.Outside)) return null;
        var silent = sight.Witnesses.Where(w => w.Word == WitnessWord.Silent && w.Kind != WitnessKind.SelfCheck).Select(WatchJudge.Say);
        return $"If {sight.Active} were lost now, {places.Length} of {needed} places could tell ({string.Join(", ", places)}){(Array.Exists(heard, w => w.Outside) ? "" : ", none of them outside both regions")}. Not heard: {string.Join("; ", silent)}";
    }

    private static WatchMemory Open(WatchMemory memory, WatchSight sight) =>
        memory.Incident is not null ? memory : memory with { Incident = (memory.FirstFailure ?? sight.At).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture), Alerted = [] };

    private static (WatchMemory Memory, WatchAction Action, string? Alert) Once(WatchMemory memory, string key, string text) =>
        memory.Alerted.Contains(key) ? (memory, WatchAction.None, null) : (memory with { Alerted = [.. memory.Alerted, key] }, WatchAction.Alert, text);
}
