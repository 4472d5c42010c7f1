using System.Text.Json.Nodes;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Brings values into a form in which equal means equal. Which form a property has is said in the catalogue (<c>as</c>).</summary>
internal static class PropertyValues
{
    /// <summary>
    /// text, word (without case), name (own names as tokens), set and names (order means nothing), map (names with values), reference and references (other resources, by type and name), vault (an address in a vault),
    /// major and minor (of a version), prefixes (lengths of address ranges), count, present, rule (what a security rule means), secret (a digest, never shown).
    /// </summary>
    public static readonly string[] Forms = ["text", "word", "name", "set", "names", "map", "reference", "references", "vault", "major", "minor", "prefixes", "count", "present", "rule", "secret"];

    /// <summary>The canonical text; null when there is no value.</summary>
    public static string? Of(string form, IReadOnlyList<JsonNode> nodes, RegionNames names) => form switch
    {
        "count" => Scalars(nodes, true).Count.ToString(System.Globalization.CultureInfo.InvariantCulture),
        "present" => nodes.Count > 0 ? "present" : null,
        "set" => Joined(Scalars(nodes, false)),
        "names" => Joined(Scalars(nodes, false).Select(names.Tokens)),
        "map" => Joined(nodes.OfType<JsonObject>().SelectMany(o => o.Select(m => $"{m.Key}={names.Tokens(DocumentPath.Text(m.Value) ?? "")}"))),
        "references" => Joined(References(nodes).Select(i => Reference(i, names))),
        "prefixes" => Scalars(nodes, false) is { Count: > 0 } ranges ? string.Join(", ", ranges.Select(LengthOf)) : null,
        "rule" => nodes is [JsonObject rule, ..] ? SecurityRule.Meaning(rule, names) : null,
        _ => Scalars(nodes, false) is [var first, ..] ? Scalar(form, first, names) : null,
    };

    /// <summary>A resource id as type and name: <c>@Microsoft.Network/virtualNetworks/{P}-vnet/subnets/{P}-private</c>. In another group than the region's own, the group's name goes along.</summary>
    public static string Reference(string id, RegionNames names)
    {
        var at = id.LastIndexOf("/providers/", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return "@" + names.Tokens(Trim(id));
        var words = id[(at + "/providers/".Length)..].TrimEnd('/').Split('/');
        var type = words.Length > 1 ? $"{words[0]}/{words[1]}" : words[0];
        var rest = words.Skip(2).Select((w, i) => i % 2 == 0 ? names.Tokens(w) : w);
        var group = GroupOf(id);
        var own = group is null || string.Equals(group, names.ResourceGroup, StringComparison.OrdinalIgnoreCase) ? "" : $" in {group}";
        return $"@{string.Join('/', rest.Prepend(type))}{own}";
    }

    private static string? Scalar(string form, string value, RegionNames names) => form switch
    {
        "reference" => Reference(value, names),
        "name" => names.Tokens(value),
        "vault" => VaultReference(value, names),
        "major" => value.Split('.')[0],
        "minor" => string.Join('.', value.Split('.').Take(2)),
        _ => value,
    };

    /// <summary>https://NAME.vault.azure.net/secrets/x/version is @Microsoft.KeyVault/vaults/NAME/secrets/x: the version is the newest or the vault's own.</summary>
    private static string VaultReference(string value, RegionNames names)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Host.Split('.') is not [var vault, _, ..]) return names.Tokens(value);
        return $"@Microsoft.KeyVault/vaults/{names.Tokens(vault)}/{string.Join('/', uri.AbsolutePath.Trim('/').Split('/').Take(2))}";
    }

    private static string Joined(IEnumerable<string> values) => string.Join(", ", values.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase));

    /// <summary>Texts of scalars and of the scalars in lists; with <paramref name="counted"/> a thing that is no scalar counts too.</summary>
    private static List<string> Scalars(IEnumerable<JsonNode> nodes, bool counted)
    {
        var values = new List<string>();
        foreach (var node in nodes)
        {
            if (node is JsonArray array) values.AddRange(Scalars(array.OfType<JsonNode>(), counted));
            else if (DocumentPath.Text(node) is { } text) values.Add(text);
            else if (counted) values.Add("{}");
        }

        return values;
    }

    /// <summary>Ids: scalars, the member <c>id</c> of objects, and the keys of an object of ids (user-assigned identities).</summary>
    private static IEnumerable<string> References(IEnumerable<JsonNode> nodes) => nodes.SelectMany(n => n switch
    {
        JsonArray array => References(array.OfType<JsonNode>()),
        JsonObject one when DocumentPath.Text(one["id"]) is { } id => [id],
        JsonObject map => map.Select(m => m.Key),
        _ => DocumentPath.Text(n) is { } text ? [text] : Enumerable.Empty<string>(),
    });

    private static string LengthOf(string range) => range.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at ? range[at..] : range;

    private static string Trim(string id) => id.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase) && id.Split('/') is { Length: > 3 } words ? string.Join('/', words.Skip(3)) : "subscription";

    private static string? GroupOf(string id)
    {
        var words = id.Split('/');
        var at = Array.FindIndex(words, w => string.Equals(w, "resourceGroups", StringComparison.OrdinalIgnoreCase));
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }
}
