using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>ARM's lists of resources, answered from its cache: no properties, with $filter, $expand, $top and paging by nextLink.</summary>
internal sealed class ResourceLists(ResourceStore store)
{
    private const int PageSize = 1000;

    public ArmAnswer List(ArmCall call, string? group)
    {
        var filter = ResourceFilter.Parse(call.Q("$filter"));
        var expand = (call.Q("$expand") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var matching = store.Where(r => !r.IsChild && (group is null || ArmPath.Same(r.Group, group)) && filter.Matches(r));
        return Page(call, matching, r => Entry(r, filter.UsesTags, expand));
    }

    /// <summary>One page of a list with an absolute nextLink when there is more.</summary>
    public static ArmAnswer Page<T>(ArmCall call, IReadOnlyList<T> items, Func<T, JsonNode> show)
    {
        var size = PageSize;
        if (call.Q("$top") is { } top)
        {
            if (!int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size < 1)
                throw ArmError.BadRequest("InvalidTopInQueryString", $"Invalid $top '{top}' specified in the query string.");
            size = Math.Min(size, PageSize);
        }

        var skip = Offset(call.Q("$skiptoken"));
        var body = new JsonObject { ["value"] = new JsonArray([.. items.Skip(skip).Take(size).Select(show)]) };
        if (skip + size < items.Count)
        {
            var query = call.Query.Where(q => !ArmPath.Same(q.Key, "$skiptoken")).Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value)}");
            body["nextLink"] = $"{call.BaseUri}{call.Path.Text}?{string.Join('&', query)}&$skiptoken={Token(skip + size)}";
        }

        return ArmAnswer.Ok(body);
    }

    private static string Token(int offset) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"skip:{offset}"));

    private static int Offset(string? token)
    {
        if (token is null) return 0;
        try
        {
            if (Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token)) is { } text && text.StartsWith("skip:", StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)) return offset;
        }
        catch (FormatException)
        {
            // Not a token of ours.
        }

        throw ArmError.BadRequest("InvalidSkipToken", "The $skiptoken in the query string is not valid.");
    }

    private static JsonObject Entry(StoredResource resource, bool withoutTags, string[] expand)
    {
        var entry = new JsonObject { ["id"] = resource.Id, ["name"] = resource.Name, ["type"] = resource.Type };
        foreach (var name in (string[])["location", "kind", "managedBy", "sku", "identity"])
        {
            if (resource.Document[name] is { } value) entry[name] = name == "location" ? SandboxLayout.Normalize((string)value!) : value.DeepClone();
        }

        if (!withoutTags && resource.Document["tags"] is JsonObject { Count: > 0 } tags) entry["tags"] = tags.DeepClone();
        foreach (var name in expand)
        {
            if (ArmPath.Same(name, "createdTime")) entry["createdTime"] = Json.Stamp(resource.Created);
            if (ArmPath.Same(name, "changedTime")) entry["changedTime"] = Json.Stamp(resource.Changed);
            if (ArmPath.Same(name, "provisioningState")) entry["provisioningState"] = resource.Document.Text("properties.provisioningState") ?? "Succeeded";
        }

        return entry;
    }
}
