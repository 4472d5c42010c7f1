using System.Globalization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Locks;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>What each step needs, against what the signed-in principal may do; and clocks. Pure.</summary>
internal static class PermissionRules
{
    private const string Server = "Microsoft.DBforPostgreSQL/flexibleServers/";
    private const string Profile = "Microsoft.Network/trafficManagerProfiles/";

    /// <summary>Two clocks that differ by more mislead whoever reads the evidence, and leases.</summary>
    public const double MostSkewSeconds = 5;

    public static readonly string[] Promotion = [Server + "read", Server + "write", Server + "configurations/read", Server + "configurations/write"];

    public static readonly string[] Fence = [Server + "read", Server + "replicas/read", Server + "configurations/read", Server + "configurations/write", Server + "stop/action"];

    public static readonly string[] Endpoint = [Profile + "externalEndpoints/read", Profile + "externalEndpoints/write"];

    public static readonly string[] Lifetime = [Profile + "read", Profile + "write"];

    public static readonly string[] Replica = [Server + "read", Server + "write"];

    /// <summary>To take a lock away, and to put it back.</summary>
    public static readonly string[] Locks = ["Microsoft.Authorization/locks/read", "Microsoft.Authorization/locks/write", "Microsoft.Authorization/locks/delete"];

    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        foreach (var sight in seen.Permissions)
        {
            if (sight.Granted.Value is not { } grants)
            {
                if (sight.Granted.Problem is { } problem) findings.NotObserved(sight.Scope, $"What the signed-in principal may do at {AzureId.NameOf(sight.Scope)}", problem);
                continue;
            }

            string[] missing = [.. sight.Actions.Where(a => !grants.Any(g => g.Allows(a)))];
            if (missing.Length == 0) continue;
            var observed = $"{seen.Account ?? "The signed-in principal"} may not {string.Join(", ", missing)} at {AzureId.NameOf(sight.Scope)}, which {sight.Step} needs.";
            var remedy = sight.Actions.SequenceEqual(Locks)
                ? $"Give it the role Highflame.Dr Unlocker (module/Roles/unlocker.json) on {LockScope.Short(sight.Scope)} besides, or let somebody who may remove the lock and fail over without -Unlock."
                : "Give it the role Highflame.Dr Operator (module/Roles/operator.json) on the resource group, or these actions.";
            if (sight.Promotes) findings.RefuseAlways("HfPermissionMissing", sight.Scope, observed, "Every action of the step.", remedy);
            else findings.Refuse("HfPermissionMissing", sight.Scope, observed, "Every action of the step.", remedy);
        }

        foreach (var clock in seen.Clocks)
        {
            if (clock.Value is not { } sight)
            {
                if (clock.Problem is { } problem) findings.NotObserved("clock", "The difference of a clock to ours", problem);
                continue;
            }

            if (Math.Abs(sight.SkewSeconds) - sight.ErrorSeconds > MostSkewSeconds)
                findings.Warn("HfClockSkew", sight.Whose, string.Create(CultureInfo.InvariantCulture, $"The clock of {sight.Whose} is {Math.Abs(sight.SkewSeconds):0.#} s {(sight.SkewSeconds > 0 ? "ahead of" : "behind")} ours."), $"Clocks within {MostSkewSeconds:0} s.", "Synchronise the clock of this machine (NTP); leases, lag and evidence rest on it.");
        }
    }
}
