namespace Highflame.Dr.Engine.Readiness;

/// <summary>Whether the pods of the region that shall take over could log in to its database. Pure.</summary>
internal static class SecretRules
{
    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        var group = seen.To.ResourceGroup;
        if (seen.Secrets.Value is not { } secrets)
        {
            if (seen.Secrets.Problem is { } problem) findings.NotObserved(group, $"The database secrets of {seen.To.Location}", problem);
            return;
        }

        foreach (var (vault, problem) in secrets.Found.Count == 0 ? secrets.Hidden : []) findings.NotObserved(vault, $"The secrets in vault {vault}", problem);
        if (secrets.Found.Count == 0 && secrets.Hidden.Count == 0)
            findings.Warn("HfSecretsNotFound", group, $"No vault in {group} holds database secrets ({string.Join(", ", SecretSight.Needed)}).", "The secrets that the pods log in with.", "Look whether the group is the right one and the secrets have these names.");
        foreach (var found in secrets.Found) Vault(seen, found, findings);
    }

    private static void Vault(ReadinessObservation seen, SecretSight found, Findings findings)
    {
        var write = $"Write the value into vault {found.Vault}, then restart the pods of {seen.To.Location}.";
        var needed = found.Empty.Where(s => SecretSight.Needed.Contains(s)).ToArray();
        if (needed.Length > 0)
            findings.Refuse("HfSecretEmpty", found.Vault, $"Secrets of vault {found.Vault} are empty: {string.Join(", ", found.Empty)}. The pods of {seen.To.Location} cannot log in with them.", "A value in each.", write);
        else if (found.Empty.Count > 0)
            findings.Warn("HfSecretEmpty", found.Vault, $"Secrets of vault {found.Vault} are empty: {string.Join(", ", found.Empty)}.", "A value in each.", write);
        if (found.Missing.Count > 0)
            findings.Refuse("HfSecretMissing", found.Vault, $"Vault {found.Vault} has no enabled secret {string.Join(", ", found.Missing)}.", "Every secret that the pods need.", write);
        if (found.Server is { } server && seen.Failover.Value?.Replica.Name is { } replica && !server.Equals(replica, StringComparison.OrdinalIgnoreCase))
            findings.Refuse("HfSecretHostElsewhere", found.Vault, $"The secret host of vault {found.Vault} names {server}; the replica of {seen.To.Location} is {replica}.", $"The host of {replica}.", write);
        if (found.Login == false)
            findings.Refuse("HfSecretLoginFailed", found.Vault, $"The secrets of vault {found.Vault} do not log in to the database of {seen.To.Location}: {found.Refused}.", "A login with the region's own secrets.", $"Write the right username, password and dbname into vault {found.Vault}, then restart the pods of {seen.To.Location}.");
        else if (found.Login is null && found.Refused is { } unknown)
            findings.NotObserved(found.Vault, $"Whether the secrets of vault {found.Vault} log in", unknown);
    }
}
