using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>What the witnesses of one round mean together.</summary>
/// <param name="Verdict">What is wrong.</param>
/// <param name="Reasons">Why, a sentence each.</param>
/// <param name="Agreeing">Places that say the region (or its database) is gone.</param>
/// <param name="AgreesOutside">True when one of them lies outside both regions.</param>
/// <param name="UsersFailing">True when the application does not serve; null when nobody sees it.</param>
internal sealed record WatchJudgement(WatchVerdict Verdict, string[] Reasons, string[] Agreeing, bool AgreesOutside, bool? UsersFailing)
{
    /// <summary>True while the active region fails its users or is gone: from the first such moment the hold-off counts.</summary>
    public bool Fails => Verdict is not (WatchVerdict.Us or WatchVerdict.Healthy) && UsersFailing != false;
}

/// <summary>
/// From what witnesses say to one verdict. Pure. Anything of the active region that answers keeps it from being judged lost, and witnesses that look from the same place are
/// one witness: a watcher that is cut off has two dead probes and one voice.
/// </summary>
internal static class WatchJudge
{
    public static WatchJudgement Judge(PairWatch rules, string? active, string? passive, IReadOnlyList<Witness> witnesses)
    {
        var reasons = new List<string>();
        var counted = witnesses.Where(w => w.Counts).ToArray();
        foreach (var dumb in witnesses.Where(w => !w.Counts)) reasons.Add($"{dumb.Name} is not counted: it has not been seen up in the hour before.");

        Witness? One(WitnessKind kind) => Array.Find(counted, w => w.Kind == kind && w.Word != WitnessWord.Silent);
        var gateway = One(WitnessKind.Gateway);
        var standby = One(WitnessKind.StandbyGateway);
        var primary = One(WitnessKind.Primary);
        var stream = One(WitnessKind.Replica);
        var azure = One(WitnessKind.ResourceHealth);
        var outside = counted.Where(w => w.Kind is WitnessKind.VantagePoint or WitnessKind.TrafficManager && w.Word != WitnessWord.Silent).ToArray();
        if (standby is { Word: not WitnessWord.Up }) reasons.Add($"{passive ?? "The passive region"} could not take over: {standby.Detail}");
        if (azure is { Word: not WitnessWord.Up }) reasons.Add(Say(azure));

        var checks = witnesses.Where(w => w.Kind == WitnessKind.SelfCheck).ToArray();
        if (checks.Length > 0 && Array.TrueForAll(checks, c => c.Word != WitnessWord.Up))
        {
            // What answers from the regions proves that our network carries; then only the check's own addresses are in trouble.
            if (gateway is not { Word: WitnessWord.Up } && standby is not { Word: WitnessWord.Up } && primary is not { Word: WitnessWord.Up })
                return new(WatchVerdict.Us, [$"Nothing answers that depends on neither region: {string.Join("; ", checks.Select(Say))}", .. reasons], [], false, null);
        }

        if (active is null) return new(WatchVerdict.Us, ["Which region is active is not known: Azure does not answer, and no watcher has seen it before.", .. reasons], [], false, null);

        var front = Array.Exists(outside, w => w.Word == WitnessWord.Up);
        var denied = outside.Where(w => w.Word is WitnessWord.Down or WitnessWord.Failing).ToArray();
        bool? users = gateway is { Word: WitnessWord.Up } ? denied.Length > 0 && !front ? null : false
            : gateway is not null || denied.Length > 0 ? !front
            : front ? false : null;

        WatchJudgement Tell(WatchVerdict verdict, string why, params Witness?[] agreeing)
        {
            var places = agreeing.Where(w => w is not null).Select(w => w!).ToArray();
            // What stands in the first reason is not said twice.
            return new(verdict, [why, .. reasons.Where(r => !why.Contains(r, StringComparison.Ordinal))], [.. places.Select(w => w.Place).Distinct(StringComparer.OrdinalIgnoreCase)], Array.Exists(places, w => w.Outside), users);
        }

        if (gateway is null && primary is null && stream is null && outside.Length == 0)
            return Tell(WatchVerdict.Us, $"No witness can tell anything about {active}: {string.Join("; ", witnesses.Where(w => w.Word == WitnessWord.Silent && w.Kind != WitnessKind.SelfCheck).Select(Say))}");

        if (gateway is { Word: WitnessWord.Up })
        {
            if (denied.Length > 0) return Tell(WatchVerdict.Network, $"{active} serves from here; not so for {string.Join("; ", denied.Select(Say))}");
            if (stream is { Word: WitnessWord.Down }) return Tell(WatchVerdict.Network, $"{active} serves, and its replica does not hear it: {stream.Detail}");
            if (primary is { Word: WitnessWord.Down }) return Tell(WatchVerdict.Network, $"{active} serves, and its database cannot be reached from here: {primary.Detail}");
            return Tell(WatchVerdict.Healthy, $"{active} serves.");
        }

        var databaseAlive = primary is { Word: WitnessWord.Up or WitnessWord.Failing } || stream is { Word: WitnessWord.Up };
        var databaseGone = !databaseAlive && (primary is { Word: WitnessWord.Down } || stream is { Word: WitnessWord.Down });
        if (gateway is { Word: WitnessWord.Failing })
        {
            var agree = new[] { primary is { Word: WitnessWord.Down } ? primary : gateway, stream is { Word: WitnessWord.Down } ? stream : null, azure is { Word: WitnessWord.Down or WitnessWord.Failing } ? azure : null }.Concat(denied).ToArray();
            return databaseGone
                ? Tell(WatchVerdict.Database, $"The application of {active} answers and its database does not: {string.Join("; ", new[] { primary, stream }.Where(w => w is { Word: WitnessWord.Down }).Select(w => Say(w!)))}", agree)
                : Tell(WatchVerdict.Application, $"The application of {active} answers that it is not well: {gateway.Detail}");
        }

        if (gateway is null)
        {
            if (databaseAlive || front) return Tell(denied.Length > 0 && !front ? WatchVerdict.Application : WatchVerdict.Healthy, denied.Length > 0 && !front ? $"{active} does not serve: {string.Join("; ", denied.Select(Say))}" : $"{active} is alive; its gateway could not be looked at from here.");
        }
        else if (front)
        {
            return Tell(WatchVerdict.Network, $"{active} cannot be reached from here and serves others: {string.Join("; ", outside.Where(w => w.Word == WitnessWord.Up).Select(Say))}");
        }
        else if (databaseAlive)
        {
            return denied.Length > 0
                ? Tell(WatchVerdict.Application, $"The gateway of {active} is gone and its database lives: {Say(gateway)}; {string.Join("; ", denied.Select(Say))}")
                : Tell(WatchVerdict.Network, $"The gateway of {active} cannot be reached from here and its database lives; nobody outside says that it is gone: {gateway.Detail}");
        }

        // Nothing of the region answers. A region's own health is Azure's word, late at times: it can agree, and silence or an old word of good health proves nothing.
        Witness?[] gone = [gateway, primary is { Word: WitnessWord.Down } ? primary : null, stream is { Word: WitnessWord.Down } ? stream : null, azure is { Word: WitnessWord.Down } ? azure : null, .. denied.Where(d => d.Word == WitnessWord.Down)];
        var judged = Tell(WatchVerdict.Region, $"Nothing of {active} answers: {string.Join("; ", gone.Where(w => w is not null).Select(w => Say(w!)))}", gone);
        if (judged.Agreeing.Length >= Math.Max(3, rules.Witnesses) && judged.AgreesOutside) return judged;
        return judged with
        {
            Verdict = WatchVerdict.Network,
            Reasons =
            [
                $"Nothing of {active} answers, and too few agree to call it lost: {string.Join(", ", judged.Agreeing)} ({judged.Agreeing.Length} of {Math.Max(3, rules.Witnesses)} places{(judged.AgreesOutside ? "" : ", none of them outside both regions")}).",
                .. judged.Reasons,
            ],
        };
    }

    public static string Say(Witness witness) => $"{witness.Name}: {witness.Detail ?? witness.Word.ToString()}";
}
