using System.Globalization;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>A watch's finding as people are told of it. Pure.</summary>
internal static class WatchNotice
{
    public static DrNotice Of(WatchEvent found)
    {
        string Seconds(double value) => value.ToString("0", CultureInfo.InvariantCulture) + " s";
        var facts = new List<KeyValuePair<string, string>>
        {
            new("Verdict", found.Verdict.ToString()),
            new("Active", found.Active ?? "not known"),
            new("Agreeing", found.Agreeing.Length == 0 ? "nobody" : string.Join(", ", found.Agreeing)),
        };
        if (found.Price.FailingSeconds > 0) facts.Add(new("Users failing for", Seconds(found.Price.FailingSeconds)));
        if (found.Verdict is not (WatchVerdict.Healthy or WatchVerdict.Us))
            facts.Add(new("A failover would lose", found.Price.LossSeconds is { } seconds ? $"up to {Seconds(seconds)}{(found.Price.LossBytes is { } bytes ? $", {bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes" : "")}" : "not known"));
        if (found.Refusals.Length > 0) facts.Add(new("Forbidden by", string.Join(", ", found.Refusals.Select(r => r.Code).Distinct())));
        if (found.Incident is { } incident) facts.Add(new("Incident", incident));
        return new DrNotice
        {
            Event = found.Action == WatchAction.Failover ? "WatchFailover" : "WatchAlert",
            Severity = found.Verdict == WatchVerdict.Healthy && found.Action != WatchAction.Failover ? NoticeSeverity.Information
                : found.Action == WatchAction.Failover || found.Verdict is WatchVerdict.Region or WatchVerdict.Database ? NoticeSeverity.Critical
                : NoticeSeverity.Warning,
            Pair = found.Name,
            Title = found.Alert ?? found.Verdict.ToString(),
            Text = string.Join(" ", found.Reasons),
            At = found.At,
            Facts = [.. facts],
        };
    }
}
