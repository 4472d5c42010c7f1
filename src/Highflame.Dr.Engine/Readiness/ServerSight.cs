using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Vaults;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>What a server needs besides running: its key and room on its disk.</summary>
/// <param name="Name">Name of the server.</param>
/// <param name="Promoted">True for the replica that would be promoted.</param>
internal sealed record ServerSight(string Name, bool Promoted)
{
    /// <summary>Id of the customer-managed key; null when the platform keeps the key.</summary>
    public string? KeyId { get; init; }

    /// <summary>Azure's own word for the key: Valid or Invalid; null when it does not say.</summary>
    public string? KeyStatus { get; init; }

    public Glimpse<VaultItem> Key { get; init; }

    public int? StorageGB { get; init; }

    /// <summary>Percent of the storage in use; the problem says why it is not known.</summary>
    public Glimpse<object> StoragePercent { get; init; }

    /// <summary>Why the server's own document could not be read.</summary>
    public string? Problem { get; init; }
}

/// <summary>What the signed-in principal may do at a scope, and what a step needs there.</summary>
/// <param name="Step">Cmdlet that needs it.</param>
/// <param name="Scope">Resource id, or the id of a group.</param>
/// <param name="Actions">What it needs.</param>
/// <param name="Promotes">True for the promotion itself.</param>
/// <param name="Granted">What the roles there allow.</param>
internal sealed record PermissionSight(string Step, string Scope, IReadOnlyList<string> Actions, bool Promotes, Glimpse<IReadOnlyList<Grant>> Granted);

/// <summary>One entry of Microsoft.Authorization/permissions: a role's actions less its notActions, with wildcards.</summary>
internal sealed record Grant(IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions)
{
    public bool Allows(string action) => Actions.Any(p => Matches(p, action)) && !NotActions.Any(p => Matches(p, action));

    /// <summary>Azure's wildcard: an asterisk stands for any number of characters, slashes included; case does not count.</summary>
    internal static bool Matches(string pattern, string action)
    {
        int p = 0, a = 0, star = -1, mark = 0;
        while (a < action.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, mark, p) = (p, a, p + 1);
            else if (p < pattern.Length && char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(action[a])) (p, a) = (p + 1, a + 1);
            else if (star >= 0) (p, a) = (star + 1, ++mark);
            else return false;
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}

/// <summary>A clock against ours.</summary>
/// <param name="Whose">Azure, or a database.</param>
/// <param name="SkewSeconds">Its time less ours, the half of the round trip and of the last digit taken out.</param>
/// <param name="ErrorSeconds">How exact that is.</param>
internal sealed record ClockSight(string Whose, double SkewSeconds, double ErrorSeconds);
