using System.Globalization;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Watching;

/// <summary>How a line of the board is to be shown.</summary>
internal enum BoardTone
{
    Plain,
    Good,
    Bad,
    Warning,
    Faint,
    Title,
}

/// <summary>A line of the board.</summary>
internal readonly record struct BoardLine(string Text, BoardTone Tone = BoardTone.Plain);

/// <summary>What a watch shows: one block for each pair. Pure, and no wider than it is told.</summary>
internal static class WatchBoard
{
    public static IReadOnlyList<BoardLine> Lines(IReadOnlyList<WatchEvent> found, long round, int width)
    {
        var lines = new List<BoardLine>();
        foreach (var one in found)
        {
            if (lines.Count > 0) lines.Add(new(""));
            lines.AddRange(Block(one));
        }

        lines.Add(new($"round {round}, {found.Max(f => f.At):HH:mm:ss} UTC; Ctrl-C ends the watch", BoardTone.Faint));
        return [.. lines.Select(l => l with { Text = Cut(l.Text, width) })];
    }

    /// <summary>One line that tells the same in short, for a log.</summary>
    public static string Short(WatchEvent found) =>
        $"{found.At:yyyy-MM-dd HH:mm:ss}Z {found.Name} {found.Active ?? "?"}: {Words(found.Verdict)}, {Stand(found)}{(found.Action == WatchAction.None ? "" : $", {found.Action}: {found.Alert}")} {found.Reasons.FirstOrDefault()}".TrimEnd();

    private static IEnumerable<BoardLine> Block(WatchEvent found)
    {
        yield return new($"{found.Name}   active {found.Active ?? "not known"}, standby {found.Passive ?? "not known"}", BoardTone.Title);
        var tone = found.Verdict switch { WatchVerdict.Healthy => BoardTone.Good, WatchVerdict.Us or WatchVerdict.Network => BoardTone.Warning, _ => BoardTone.Bad };
        yield return new($"  {Words(found.Verdict)} ({found.Confirmed} in a row)  {found.Reasons.FirstOrDefault()}", tone);
        foreach (var reason in found.Reasons.Skip(1)) yield return new($"      {reason}", BoardTone.Faint);
        yield return new($"  {Stand(found)}; automatic failover {(found.Automatic == WatchAutomatic.Off ? "off" : "on")}");
        yield return new($"  waiting costs: {Price(found.Price)}", found.Price.UsersFailing == true ? BoardTone.Bad : BoardTone.Plain);
        foreach (var refusal in found.Refusals) yield return new($"  {(found.Phase == WatchPhase.FailingOver ? "under way" : "forbidden")}: {refusal.Code}: {refusal.Observed}", BoardTone.Warning);
        if (found.Alert is { } alert) yield return new($"  {found.Action}: {alert}", BoardTone.Bad);
        foreach (var witness in found.Witnesses)
        {
            yield return new(
                $"    {Mark(witness),-8} {witness.Name,-28} {(witness.Outside ? "outside" : ""),-8}{Milliseconds(witness.Milliseconds),9}  {witness.Detail}",
                witness.Word switch { WitnessWord.Up => BoardTone.Good, WitnessWord.Silent => BoardTone.Faint, _ => witness.Counts ? BoardTone.Bad : BoardTone.Faint });
        }
    }

    internal static string Price(WatchPrice price)
    {
        var users = price.UsersFailing switch { true => $"users fail{(price.FailingSeconds > 0 ? $" since {Seconds(price.FailingSeconds)}" : "")}", false => "users are served", null => "nobody sees the users" };
        var loss = price.LossSeconds is { } seconds ? $"up to {Seconds(seconds)} of writes{(price.LossBytes is { } bytes ? $", {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes" : "")}" : "an unknown number of writes";
        return $"{users}; a failover now would lose {loss}";
    }

    private static string Stand(WatchEvent found) => found.Phase switch
    {
        WatchPhase.HoldOff => found.HoldOffUntil > found.At ? $"hold-off, {Seconds((found.HoldOffUntil.Value - found.At).TotalSeconds)} left" : "hold-off over, not decided",
        WatchPhase.Due => found.Refusals.Length > 0 ? "due and forbidden" : "failover due",
        WatchPhase.FailingOver => "failing over",
        WatchPhase.Cooldown => $"cooldown until {found.CooldownUntil:HH:mm:ss}",
        _ => "watching",
    };

    private static string Words(WatchVerdict verdict) => verdict switch
    {
        WatchVerdict.Us => "WE CANNOT SEE",
        WatchVerdict.Healthy => "HEALTHY",
        WatchVerdict.Application => "APPLICATION FAILS",
        WatchVerdict.Database => "DATABASE IS GONE",
        WatchVerdict.Region => "REGION IS GONE",
        _ => "NETWORK",
    };

    private static string Mark(Witness witness) => witness.Word.ToString().ToLowerInvariant() + (witness.Counts ? "" : "?");

    private static string Seconds(double value) => value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " s";

    private static string Milliseconds(double value) => value > 0 ? value.ToString("0", CultureInfo.InvariantCulture) + " ms" : "";

    private static string Cut(string text, int width)
    {
        text = text.Replace('\n', ' ').Replace('\r', ' ').Replace('\e', ' ');
        return text.Length <= width ? text : text[..Math.Max(0, width - 1)] + "…";
    }
}
