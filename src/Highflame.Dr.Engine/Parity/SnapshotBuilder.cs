using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Makes the snapshot of a region from its documents, by the catalogue: what is not named there does not come in, so what is volatile never shows.</summary>
internal static class SnapshotBuilder
{
    public static RegionSnapshot Build(RegionDocuments region, Catalogue catalogue) => new()
    {
        Pair = region.Pair,
        Location = region.Names.Location,
        SubscriptionId = region.SubscriptionId,
        ResourceGroup = region.Names.ResourceGroup,
        NamePrefix = region.Names.NamePrefix,
        TakenAt = region.TakenAt,
        IsTemplate = region.IsTemplate,
        Resources =
        [
            .. region.Resources.Select(r => Resource(r, catalogue, region.Names, region.IsTemplate))
                .OrderBy(r => r.Type, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase),
        ],
        Problems = [.. region.Problems.OrderBy(p => p.Type, StringComparer.OrdinalIgnoreCase).ThenBy(p => p.Name, StringComparer.OrdinalIgnoreCase).ThenBy(p => p.What, StringComparer.Ordinal)],
    };

    /// <param name="resource">Its document.</param>
    /// <param name="catalogue">What matters.</param>
    /// <param name="names">The region's own names.</param>
    /// <param name="written">True takes only what is written: no usual values.</param>
    public static SnapshotResource Resource(ResourceDocument resource, Catalogue catalogue, RegionNames names, bool written = false)
    {
        var properties = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var rule in catalogue.RulesOf(resource.Type).Properties)
        {
            if (rule.Properties is null) Put(properties, rule.Name, Value(rule, resource.Document, resource.Document, names, written));
            else PutList(properties, rule, resource.Document, names, written);
        }

        return new()
        {
            Type = resource.Type,
            Name = resource.Name,
            Id = resource.Id,
            Key = names.Tokens(resource.Name),
            Properties = [.. properties.Select(p => new SnapshotProperty(p.Key, p.Value))],
        };
    }

    private static void PutList(SortedDictionary<string, string> properties, CatalogueProperty list, JsonObject document, RegionNames names, bool written)
    {
        foreach (var (member, item) in DocumentPath.Find(document, document, list.Path))
        {
            var values = list.Properties!.Where(p => Holds(p.When, item)).Select(p => (Rule: p, Value: Value(p, item, document, names, written))).Where(v => v.Value is not null).ToList();
            var key = member is not null ? names.Tokens(member) : KeyOf(list, item, values, names);
            if (list.Ignore.Contains(key, StringComparer.OrdinalIgnoreCase)) continue;
            var itself = list.Properties!.FirstOrDefault(p => p.Name.Length == 0);
            if (itself is not null && !Holds(itself.When, item)) continue;
            // Two of one name: both are there.
            var unique = key;
            for (var n = 2; properties.ContainsKey($"{list.Name}[{unique}]"); n++) unique = string.Create(CultureInfo.InvariantCulture, $"{key} #{n}");
            Put(properties, $"{list.Name}[{unique}]", itself is null ? "present" : values.Find(v => v.Rule.Name.Length == 0).Value ?? "");
            foreach (var (rule, value) in values.Where(v => v.Rule.Name.Length > 0)) Put(properties, $"{list.Name}[{unique}].{rule.Name}", value);
        }
    }

    private static string KeyOf(CatalogueProperty list, JsonNode item, List<(CatalogueProperty Rule, string? Value)> values, RegionNames names) =>
        string.Join(' ', (list.Key ?? ["name"]).Select(k => values.Find(v => v.Rule.Name == k).Value ?? (DocumentPath.FirstText(item, k) is { } text ? names.Tokens(text) : null)).OfType<string>());

    private static string? Value(CatalogueProperty rule, JsonNode item, JsonObject document, RegionNames names, bool written)
    {
        JsonNode[] nodes = [.. DocumentPath.Find(item, document, rule.Path).Select(f => f.Node)];
        if (written && nodes.Length == 0) return null;
        var value = PropertyValues.Of(rule.As, nodes, names);
        return string.IsNullOrEmpty(value) ? (written ? null : rule.Default) : value;
    }

    private static void Put(SortedDictionary<string, string> properties, string name, string? value)
    {
        if (value is not null) properties[name] = value;
    }

    /// <summary>A condition on the same item: <c>member=value</c> or <c>member!=value</c>.</summary>
    private static bool Holds(string? condition, JsonNode item)
    {
        if (condition is null) return true;
        var not = condition.Contains("!=", StringComparison.Ordinal);
        var (path, value) = condition.Split(not ? "!=" : "=", 2) is [var a, var b] ? (a, b) : throw new InvalidOperationException($"'{condition}' is no condition.");
        return string.Equals(DocumentPath.FirstText(item, path) ?? "", value, StringComparison.OrdinalIgnoreCase) != not;
    }
}
