using System.Globalization;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Customer-managed keys and storage: a server without its key becomes inaccessible, one without room read-only. Pure.</summary>
internal static class KeyRules
{
    // Azure makes a flexible server read-only at 95 % or with less than 5 GiB free.
    private const double Full = 95;
    private const double NearlyFull = 85;
    private const double LeastFreeGB = 5;

    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        foreach (var server in seen.Details)
        {
            if (server.Problem is { } problem) findings.NotObserved(server.Name, $"Key and storage of {server.Name}", problem);
            if (server.KeyId is not null) Key(seen, server, findings);
            Storage(server, findings);
        }
    }

    private static void Key(ReadinessObservation seen, ServerSight server, Findings findings)
    {
        void Refuse(string code, string observed, string required, string remedy)
        {
            // The replica's own key decides whether there is a server to promote.
            if (server.Promoted) findings.RefuseAlways(code, server.Name, observed, required, remedy);
            else findings.Refuse(code, server.Name, observed, required, remedy);
        }

        var key = $"The customer-managed key of {server.Name} ({server.KeyId})";
        const string Usable = "A key that is enabled and valid now.";
        var inaccessible = $"{server.Name} becomes inaccessible without it.";
        if (server.Key.Value is { } found)
        {
            if (!found.Enabled) Refuse("HfKeyDisabled", $"{key} is disabled. {inaccessible}", Usable, "Enable the key in its vault.");
            else if (found.Expires <= seen.At || found.NotBefore > seen.At) Refuse("HfKeyExpired", string.Create(CultureInfo.InvariantCulture, $"{key} is not valid now: from {found.NotBefore:u} to {found.Expires:u}. {inaccessible}"), Usable, "Renew or rotate the key.");
            else if (found.Expires - seen.At < GatewayRules.Soon) findings.Warn("HfKeyExpiring", server.Name, string.Create(CultureInfo.InvariantCulture, $"{key} expires at {found.Expires:u}."), Usable, "Renew or rotate the key.");
        }
        else if (server.Key.Failure is { ErrorId: "HfKeyNotFound" })
        {
            Refuse("HfKeyDisabled", $"{key} does not exist. {inaccessible}", Usable, "Recover the deleted key in its vault.");
        }
        else if (server.Key.Problem is { } problem)
        {
            findings.NotObserved(server.Name, key, problem);
        }

        if (Is(server.KeyStatus, "Invalid") && server.Key.Value is not { Enabled: false })
            Refuse("HfKeyStatusInvalid", $"Azure calls the key of {server.Name} Invalid.", "Key status Valid.", "See the key, its vault's network rules and the server's identity.");
    }

    private static void Storage(ServerSight server, Findings findings)
    {
        if (server.StoragePercent.Value is not double percent)
        {
            if (server.StoragePercent.Problem is { } problem) findings.NotObserved(server.Name, $"The storage of {server.Name}", problem);
            return;
        }

        var free = server.StorageGB is { } size ? size * (1 - (percent / 100)) : (double?)null;
        var words = string.Create(CultureInfo.InvariantCulture, $"{percent:0.#} % of the storage of {server.Name} is used{(free is { } left ? $", {left:0.#} GiB are free" : "")}.");
        if (percent >= Full || free < LeastFreeGB)
            findings.Refuse("HfStorageFull", server.Name, words + " Azure makes it read-only.", "Less than 95 % used and 5 GiB free.", "Grow the storage.");
        else if (percent >= NearlyFull)
            findings.Warn("HfStorageNearlyFull", server.Name, words, "Less than 85 % used.", "Grow the storage, or let it grow by itself (autoGrow).");
    }
}
