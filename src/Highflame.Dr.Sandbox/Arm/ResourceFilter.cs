using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>
/// The OData <c>$filter</c> of ARM's resource lists: eq and ne on name, location, resourceType, resourceGroup and tags, substringof, startswith(tagName, ...),
/// joined by and / or (and binds stronger).
/// </summary>
internal sealed partial class ResourceFilter
{
    private readonly List<List<Func<StoredResource, bool>>> _alternatives = [];
    private string? _tagName;

    /// <summary>True when tags are filtered: then ARM leaves tags out of the result.</summary>
    public bool UsesTags { get; private set; }

    public bool Matches(StoredResource resource) => _alternatives.Count == 0 || _alternatives.Exists(all => all.TrueForAll(one => one(resource)));

    /// <summary>Throws InvalidFilterInQueryString for what ARM would not understand.</summary>
    public static ResourceFilter Parse(string? text)
    {
        var filter = new ResourceFilter();
        if (string.IsNullOrWhiteSpace(text)) return filter;
        var all = new List<Func<StoredResource, bool>>();
        filter._alternatives.Add(all);
        var rest = text.Trim();
        while (true)
        {
            var match = Term().Match(rest);
            if (!match.Success) throw Invalid(text);
            all.Add(filter.Test(match, text));
            rest = rest[match.Length..].TrimStart();
            if (rest.Length == 0) return filter;
            var join = Join().Match(rest);
            if (!join.Success) throw Invalid(text);
            if (join.Groups[1].Value.Equals("or", StringComparison.OrdinalIgnoreCase)) filter._alternatives.Add(all = []);
            rest = rest[join.Length..];
        }
    }

    private Func<StoredResource, bool> Test(Match match, string text)
    {
        if (match.Groups["function"].Success)
        {
            var (function, one, two) = (match.Groups["function"].Value.ToLowerInvariant(), match.Groups["a"].Value, match.Groups["b"].Value);
            if (function == "substringof")
            {
                var (part, field) = (Unquote(one), two);
                return r => Value(r, field, text)?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
            }

            if (!ArmPath.Same(one, "tagName")) throw Invalid(text);
            UsesTags = true;
            var start = Unquote(two);
            return r => Tags(r).Any(t => t.Key.StartsWith(start, StringComparison.OrdinalIgnoreCase));
        }

        var (name, equal, value) = (match.Groups["name"].Value, ArmPath.Same(match.Groups["op"].Value, "eq"), Unquote(match.Groups["value"].Value));
        if (ArmPath.Same(name, "tagName"))
        {
            UsesTags = true;
            _tagName = value;
            return r => Tags(r).Any(t => ArmPath.Same(t.Key, value)) == equal;
        }

        if (ArmPath.Same(name, "tagValue"))
        {
            UsesTags = true;
            var tag = _tagName;
            return r => Tags(r).Any(t => (tag is null || ArmPath.Same(t.Key, tag)) && (string?)t.Value == value) == equal;
        }

        _ = Value(s_probe, name, text);
        return ArmPath.Same(name, "location")
            ? r => (r.Location == SandboxLayout.Normalize(value)) == equal
            : r => ArmPath.Same(Value(r, name, text), value) == equal;
    }

    private static readonly StoredResource s_probe = new() { Id = "", Name = "", Type = "", Group = "", Location = "", Document = [], Created = default, Changed = default };

    private static string? Value(StoredResource resource, string field, string text) => field.ToLowerInvariant() switch
    {
        "name" => resource.Name,
        "resourcetype" => resource.Type,
        "resourcegroup" => resource.Group,
        "location" => resource.Location,
        "kind" => resource.Document.Text("kind"),
        "identity/principalid" => resource.Document.Text("identity.principalId"),
        _ => throw Invalid(text),
    };

    private static JsonObject Tags(StoredResource resource) => resource.Document["tags"] as JsonObject ?? [];

    private static string Unquote(string text) => text.Trim('\'').Replace("''", "'", StringComparison.Ordinal);

    private static ArmError Invalid(string text) => ArmError.BadRequest("InvalidFilterInQueryString", $"Invalid $filter '{text}' specified in the query string.");

    [GeneratedRegex("""^(?:(?<function>substringof|startswith)\s*\(\s*(?<a>'(?:[^']|'')*'|[\w/]+)\s*,\s*(?<b>'(?:[^']|'')*'|[\w/]+)\s*\)|(?<name>[\w/]+)\s+(?<op>eq|ne)\s+(?<value>'(?:[^']|'')*'))""", RegexOptions.IgnoreCase)]
    private static partial Regex Term();

    [GeneratedRegex(@"^(and|or)\s+", RegexOptions.IgnoreCase)]
    private static partial Regex Join();
}
