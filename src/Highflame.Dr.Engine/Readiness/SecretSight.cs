using Highflame.Dr.Engine.Vaults;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>The database secrets of a region, judged without a value: which are empty, which are missing, which server they name, whether they log in.</summary>
/// <param name="Vault">Name of the vault.</param>
/// <param name="Empty">Names of secrets that are there and empty.</param>
/// <param name="Missing">Names that a pod needs and that are not there, or disabled.</param>
/// <param name="Server">First word of the host: the server they name; null when it is not known.</param>
/// <param name="Login">True: they log in. False: the server refused them. Null: not tried, or not known.</param>
/// <param name="Refused">Why the server refused them, or why it is not known. No value of a secret.</param>
internal sealed record SecretSight(string Vault, IReadOnlyList<string> Empty, IReadOnlyList<string> Missing, string? Server, bool? Login, string? Refused)
{
    /// <summary>The names that the deployment gives them and that a pod needs.</summary>
    public static readonly string[] Needed = ["host", "port", "dbname", "username", "password"];

    /// <summary>Written by the deployment; no pod needs it.</summary>
    public const string PrivateAddress = "privateip";

    /// <summary>True for a vault that holds database secrets: most of the needed names are there.</summary>
    public static bool IsIn(IEnumerable<VaultItem> items) => items.Count(i => Needed.Contains(i.Name, StringComparer.OrdinalIgnoreCase)) >= 3;
}

/// <summary>The vaults of a region that were looked through.</summary>
/// <param name="Found">Those with database secrets.</param>
/// <param name="Hidden">Those that could not be looked into: name and reason.</param>
internal sealed record SecretsSight(IReadOnlyList<SecretSight> Found, IReadOnlyList<(string Vault, string Problem)> Hidden);
