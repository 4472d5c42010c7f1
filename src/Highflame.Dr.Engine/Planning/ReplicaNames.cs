using System.Globalization;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Engine.Planning;

/// <summary>Names for servers. A flexible server's name is unique in all of Azure and can never be changed, so a rebuilt replica needs a new one. Pure.</summary>
internal static partial class ReplicaNames
{
    /// <summary>Azure's rule: 3 to 63 letters, digits and single hyphens between them. Names are sent in lower case.</summary>
    public static bool IsValid(string name) => name.Length is >= 3 and <= 63 && Allowed().IsMatch(name);

    /// <summary>
    /// Names to try in turn: the pair's own, then the first name that any server of the location had with 2, 3, 4 ... behind it.
    /// </summary>
    /// <param name="preferred">The pair file's replicaName for the location.</param>
    /// <param name="atLocation">Names of the servers that are at the location now, stopped ones included.</param>
    /// <param name="source">Name of the primary; serves as the stem where the location has had no server.</param>
    /// <param name="location">Where the new server shall be.</param>
    public static IEnumerable<string> Candidates(string? preferred, IEnumerable<string> atLocation, string source, string location)
    {
        if (!string.IsNullOrWhiteSpace(preferred)) yield return preferred.ToLowerInvariant();
        var stem = atLocation.Select(Stem).OrderBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal).FirstOrDefault();
        if (stem is null) yield return stem = $"{Stem(source)}-{location}".ToLowerInvariant();
        for (var i = 2; i < 100; i++) yield return $"{stem}-{i.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>A name without the number behind it: <c>highflame-prod-postgres-2</c> is <c>highflame-prod-postgres</c>.</summary>
    internal static string Stem(string name) => Numbered().Match(name.ToLowerInvariant()) is { Success: true } match ? match.Groups[1].Value : name.ToLowerInvariant();

    [GeneratedRegex("^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$")]
    private static partial Regex Allowed();

    [GeneratedRegex("^(.+[a-z].*)-[0-9]{1,2}$")]
    private static partial Regex Numbered();
}
