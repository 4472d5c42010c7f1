using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Parity;

/// <summary>The names that differ between two regions because they are the regions' own, and their tokens: <c>{group}</c>, <c>{P}</c>, <c>{location}</c>.</summary>
internal sealed class RegionNames
{
    private readonly (string Name, string Token)[] _own;

    public RegionNames(string location, string resourceGroup, string namePrefix, IEnumerable<(string Name, string Token)>? more = null)
    {
        Location = AzureLocation.Normalize(location);
        ResourceGroup = resourceGroup;
        NamePrefix = namePrefix;
        // The longest first: a group's name begins with the prefix.
        _own = [.. (more ?? []).Append((resourceGroup, "{group}")).Append((namePrefix, "{P}")).Append((Location, "{location}"))
            .Where(n => n.Item1.Length > 0).OrderByDescending(n => n.Item1.Length)];
    }

    public string Location { get; }

    public string ResourceGroup { get; }

    /// <summary>Empty when the names have nothing in common.</summary>
    public string NamePrefix { get; }

    /// <summary>The longest prefix, up to a dash, that at least half of the names begin with, two at least; empty when there is none.</summary>
    public static string PrefixOf(IReadOnlyCollection<string> names)
    {
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
            for (var dash = name.IndexOf('-', StringComparison.Ordinal); dash > 0; dash = name.IndexOf('-', dash + 1))
                counts[name[..dash]] = counts.GetValueOrDefault(name[..dash]) + 1;
        return counts.Where(c => c.Value >= 2 && c.Value * 2 >= names.Count).OrderByDescending(c => c.Key.Length).Select(c => c.Key).FirstOrDefault() ?? "";
    }

    /// <summary>The text with tokens in place of the region's own names, where they stand as whole words.</summary>
    public string Tokens(string text)
    {
        foreach (var (name, token) in _own) text = Replace(text, name, token);
        return text;
    }

    /// <summary>The text with this region's names in place of tokens. A token that this region has no name for stays.</summary>
    public string Names(string text)
    {
        foreach (var (name, token) in _own) text = text.Replace(token, name, StringComparison.Ordinal);
        return text;
    }

    private static string Replace(string text, string name, string token)
    {
        for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0;)
        {
            var end = at + name.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                text = string.Concat(text.AsSpan(0, at), token, text.AsSpan(end));
                end = at + token.Length;
            }

            at = end < text.Length ? text.IndexOf(name, end, StringComparison.OrdinalIgnoreCase) : -1;
        }

        return text;
    }
}
