using System.Text.Json;
using System.Text.Json.Serialization;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>The parity catalogue: one entry a resource type, embedded as JSON. It drives the reading, the snapshot, the comparison and docs/parity.md.</summary>
internal sealed class Catalogue
{
    /// <summary>Properties that every type has: tags, locks, role assignments, the zones and the identity of the resource.</summary>
    public const string Common = "*";

    /// <summary>The property that stands for a resource as a whole.</summary>
    public const string Whole = "(resource)";

    private const string Folder = "Highflame.Dr.Engine.Parity.Catalogue.";

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Disallow,
    };

    private static readonly Lazy<Catalogue> s_shipped = new(() => new(ReadShipped()));

    private readonly Dictionary<string, TypeRules> _types;
    private readonly TypeRules _unknown;

    public Catalogue(IReadOnlyList<CatalogueEntry> entries)
    {
        var common = entries.Single(e => e.Type == Common);
        Entries = [.. entries.Where(e => e.Type != Common).OrderBy(e => e.Type, StringComparer.OrdinalIgnoreCase)];
        CommonEntry = common;
        _types = Entries.ToDictionary(e => e.Type, e => new TypeRules(e, common), StringComparer.OrdinalIgnoreCase);
        _unknown = new TypeRules(common, null);
    }

    public static Catalogue Shipped => s_shipped.Value;

    /// <summary>Every type, by name.</summary>
    public IReadOnlyList<CatalogueEntry> Entries { get; }

    public CatalogueEntry CommonEntry { get; }

    public bool Knows(string type) => _types.ContainsKey(type);

    /// <summary>The rules of a type; of one that is not in the catalogue, what is common to all.</summary>
    public TypeRules RulesOf(string type) => _types.GetValueOrDefault(type) ?? _unknown;

    public static CatalogueEntry Parse(string json) => JsonSerializer.Deserialize<CatalogueEntry>(json, s_options)!;

    private static List<CatalogueEntry> ReadShipped()
    {
        var assembly = typeof(Catalogue).Assembly;
        var entries = new List<CatalogueEntry>();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            entries.Add(Parse(reader.ReadToEnd()));
        }

        return entries;
    }
}

/// <summary>One property's rule with what it takes over from the list it is in.</summary>
/// <param name="Property">The rule.</param>
/// <param name="List">The list that it is an item's property of; null at the top.</param>
/// <param name="IsItem">True for the mark of a list's item, false for a property.</param>
internal sealed record PropertyRule(CatalogueProperty Property, CatalogueProperty? List, bool IsItem)
{
    public DriftSeverity Severity => Property.Severity ?? List?.Severity ?? DriftSeverity.Cosmetic;

    public string Why => Property.Why ?? List?.Why ?? "";

    public string Remedy => Property.Remedy ?? List?.Remedy ?? "";

    public ParityPart? Part => Property.Part ?? List?.Part;
}

/// <summary>The rules of one type, found by the names that properties have in a snapshot.</summary>
internal sealed class TypeRules
{
    private readonly Dictionary<string, PropertyRule> _rules = new(StringComparer.Ordinal);

    public TypeRules(CatalogueEntry entry, CatalogueEntry? common)
    {
        Entry = entry;
        // An entry's own property hides the common one of its name.
        foreach (var property in (common?.Properties ?? []).Concat(entry.Properties)) Add(property);
        Properties = [.. entry.Properties, .. (common?.Properties ?? []).Where(c => !entry.Properties.Any(p => p.Name == c.Name))];
        Fits = [.. _rules.Where(r => r.Value.Property.Fit is not null).Select(r => r.Value)];
    }

    public CatalogueEntry Entry { get; }

    public IReadOnlyList<CatalogueProperty> Properties { get; }

    /// <summary>Rules that say what a value has to be.</summary>
    public IReadOnlyList<PropertyRule> Fits { get; }

    /// <summary>Every rule with the name it is found under: <c>pools.maxCount</c>.</summary>
    public IEnumerable<KeyValuePair<string, PropertyRule>> Rules => _rules;

    /// <summary>The rule of a property of a snapshot; null when the catalogue does not know it any more.</summary>
    public PropertyRule? Find(string property) => _rules.GetValueOrDefault(Pattern(property));

    /// <summary><c>pools[general].maxCount</c> is <c>pools.maxCount</c>. Keys may hold dots and brackets.</summary>
    public static string Pattern(string property)
    {
        var open = property.IndexOf('[', StringComparison.Ordinal);
        if (open < 0) return property;
        var close = property.LastIndexOf(']');
        return close < open ? property : string.Concat(property.AsSpan(0, open), property.AsSpan(close + 1));
    }

    /// <summary>What stands in the brackets; null when there are none.</summary>
    public static string? KeyOf(string property)
    {
        var open = property.IndexOf('[', StringComparison.Ordinal);
        var close = property.LastIndexOf(']');
        return open < 0 || close < open ? null : property[(open + 1)..close];
    }

    private void Add(CatalogueProperty property)
    {
        if (property.Properties is not { } items)
        {
            _rules[property.Name] = new(property, null, false);
            return;
        }

        _rules[property.Name] = new(property, null, true);
        foreach (var item in items)
        {
            // An item that is a value itself is the mark too.
            if (item.Name.Length == 0) _rules[property.Name] = new(item with { Missing = property.Missing, Extra = property.Extra }, property, true);
            else _rules[$"{property.Name}.{item.Name}"] = new(item, property, false);
        }
    }
}
