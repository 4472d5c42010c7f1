using System.Globalization;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>From what was seen to every refusal and every warning at once, worst first, the summary last. Pure.</summary>
internal static class ReadinessRules
{
    /// <param name="seen">What was seen.</param>
    /// <param name="unattended">True for a watcher that may act by itself: what a person could put right after a forced failover refuses it.</param>
    public static ReadinessFinding[] Judge(ReadinessObservation seen, bool unattended = false)
    {
        var findings = new Findings(seen.Mode, seen.Failover.Value is { } failover && ServerRules.UnderWay(failover) is not null, unattended);
        ServerRules.Judge(seen, findings);
        LockRules.Judge(seen, findings);
        FailbackRules.Judge(seen, findings);
        TrafficRules.Judge(seen, findings);
        GatewayRules.Judge(seen, findings);
        SecretRules.Judge(seen, findings);
        KeyRules.Judge(seen, findings);
        PermissionRules.Judge(seen, findings);
        if (seen.Forced)
        {
            findings.Skip($"{seen.From.Location} ({seen.From.ResourceGroup})", "State, database, locks and replication of the old primary");
            findings.Skip($"{seen.From.Location} ({seen.From.ResourceGroup})", "Key, storage and clock of the old primary");
            findings.Skip($"{seen.From.Location} ({seen.From.ResourceGroup})", "What the signed-in principal may do there");
            if (seen.From.GatewayId is not null) findings.Skip($"{seen.From.Location} ({seen.From.ResourceGroup})", "The public hosts of its gateway");
        }

        var sorted = findings.Sorted();
        return [.. sorted, Summary(seen, sorted)];
    }

    private static ReadinessFinding Summary(ReadinessObservation seen, ReadinessFinding[] found)
    {
        int Count(ReadinessSeverity severity) => found.Count(f => f.Severity == severity);
        var refusals = Count(ReadinessSeverity.Refusal);
        return new ReadinessFinding
        {
            Code = "HfReadinessSummary",
            Severity = ReadinessSeverity.Information,
            Resource = seen.Pair.Name,
            Observed = string.Create(CultureInfo.InvariantCulture, $"{seen.Mode} failover from {seen.From.Location} to {seen.To.Location}: {(refusals == 0 ? "ready" : "NOT READY")}. {refusals} refusals, {Count(ReadinessSeverity.Warning)} warnings, {Count(ReadinessSeverity.Skipped)} skipped, in {seen.Seconds:0.0} s at {seen.At:u}. Looked at: {string.Join(", ", seen.Looked)}."),
            Required = "No refusal.",
            Remedy = refusals == 0 ? "Nothing. It is as old as it is: look again right before the failover." : "Put the refusals right, then run this again.",
        };
    }
}
