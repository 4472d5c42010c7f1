using Highflame.Dr.Alerts;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Alerts;

/// <summary>The alerts that a pair was told of, kept in its run store as <c>alerts.json</c>. Every change is one compare-and-swap, so of two workers with one alert both are told the same region. Pure.</summary>
internal sealed record AlertLedger
{
    /// <summary>The name of the document.</summary>
    public const string Document = "alerts.json";

    /// <summary>How many alerts are remembered.</summary>
    public const int Kept = 500;

    public KeptAlert[] Alerts { get; init; } = [];

    /// <summary>What is known of an alert; null for a new one.</summary>
    public KeptAlert? Find(string alertId) => Array.Find(Alerts, a => string.Equals(a.AlertId, alertId, StringComparison.OrdinalIgnoreCase));

    /// <summary>Registers an alert that fired. <paramref name="to"/> is only used for a new one.</summary>
    /// <returns>The ledger as it becomes, and what to do.</returns>
    public (AlertLedger Ledger, AlertReceipt Receipt) Register(string pair, DrAlert alert, string to, string? whyNot, DateTimeOffset now)
    {
        var known = Find(alert.AlertId);
        var entry = known is null
            ? new KeptAlert { AlertId = alert.AlertId, Rule = alert.Rule, To = to, FirstSeen = now, LastSeen = now, Times = 1, Outcome = whyNot is null ? null : StepOutcome.NoChange, Reason = whyNot }
            : known with { LastSeen = now, Times = known.Times + 1 };
        var (act, reason) = known switch
        {
            null => whyNot is null ? (true, "It fired and is new.") : (false, whyNot),
            { Outcome: null } => (true, $"It was begun at {known.FirstSeen:u} and has not ended: its answer goes on towards {known.To}."),
            _ => (false, $"It was answered already: {known.Outcome}, first seen at {known.FirstSeen:u}."),
        };
        return (With(entry), Receipt(pair, alert, entry, act, reason));
    }

    /// <summary>Notes how the answer to an alert ended.</summary>
    public (AlertLedger Ledger, AlertReceipt Receipt) End(string pair, DrAlert alert, string? to, StepOutcome outcome, DateTimeOffset now)
    {
        var known = Find(alert.AlertId) ?? new KeptAlert { AlertId = alert.AlertId, Rule = alert.Rule, To = to, FirstSeen = now, LastSeen = now, Times = 1 };
        // What is pending goes on with the next one who registers it.
        var entry = known with { LastSeen = now, Outcome = outcome is StepOutcome.Pending or StepOutcome.Unknown ? null : outcome };
        return (With(entry), Receipt(pair, alert, entry, false, entry.Outcome is null ? "Its answer has not ended; register it again to go on." : $"Its answer has ended: {outcome}."));
    }

    public static AlertReceipt Receipt(string pair, DrAlert alert, KeptAlert? entry, bool act, string reason) => new()
    {
        AlertId = alert.AlertId,
        Rule = alert.Rule,
        Condition = alert.Condition,
        Pair = pair,
        Act = act,
        Reason = reason,
        To = entry?.To,
        FirstSeen = entry?.FirstSeen,
        Times = entry?.Times ?? 0,
        Outcome = entry?.Outcome,
    };

    private AlertLedger With(KeptAlert entry) =>
        this with { Alerts = [.. Alerts.Where(a => !string.Equals(a.AlertId, entry.AlertId, StringComparison.OrdinalIgnoreCase)).Append(entry).OrderByDescending(a => a.LastSeen).Take(Kept)] };
}

/// <summary>One alert of the ledger.</summary>
internal sealed record KeptAlert
{
    public required string AlertId { get; init; }

    public required string Rule { get; init; }

    /// <summary>Where its answer leads to.</summary>
    public string? To { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public required int Times { get; init; }

    /// <summary>How the answer ended; null while it has not.</summary>
    public StepOutcome? Outcome { get; init; }

    /// <summary>Why nothing was done, where that was decided at once.</summary>
    public string? Reason { get; init; }
}
