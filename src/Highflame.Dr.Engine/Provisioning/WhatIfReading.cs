using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>Azure's what-if answer in the model's words.</summary>
internal static class WhatIfReading
{
    private const int LongestValue = 120;

    public static IEnumerable<RegionChange> Read(JsonElement result, string location)
    {
        var changes = RegionSurvey.Part(RegionSurvey.Part(result, "properties"), "changes");
        if (changes.ValueKind != JsonValueKind.Array) yield break;
        foreach (var change in changes.EnumerateArray())
        {
            if (RegionSurvey.Text(change, "resourceId") is not { } id) continue;
            var properties = new List<PropertyChange>();
            Walk(RegionSurvey.Part(change, "delta"), "", properties);
            yield return Make(id, location, AzureWord(RegionSurvey.Text(change, "changeType")), [.. properties]);
        }
    }

    /// <summary>What a template makes in a group that is not there yet: Azure's what-if needs the group, and with none of it there, all of it is made.</summary>
    public static IEnumerable<RegionChange> ReadTemplate(JsonObject template, string groupId, string location)
    {
        var resources = template["resources"] switch
        {
            JsonObject symbols => symbols.Select(s => (s.Key, s.Value)),
            JsonArray list => list.Select((r, i) => ($"{i + 1}", r)),
            _ => [],
        };
        foreach (var (symbol, resource) in resources)
        {
            if (resource is not JsonObject declared || (declared["existing"] is JsonValue existing && existing.TryGetValue(out bool only) && only)) continue;
            var type = (string?)declared["type"] ?? "";
            yield return new() { Location = location, Change = ResourceChange.Create, Type = type, Name = symbol, ResourceId = groupId };
        }
    }

    public static RegionChange Make(string id, string location, ResourceChange change, PropertyChange[] properties) =>
        new() { Location = location, Change = change, Type = TypeOf(id), Name = NameOf(id), ResourceId = id, Properties = properties };

    public static string TypeOf(string id)
    {
        var chain = Chain(id);
        return chain.Length == 0 ? "" : $"{chain[0]}/{string.Join('/', chain.Skip(1).Where((_, i) => i % 2 == 0))}";
    }

    public static string NameOf(string id) => Chain(id) is { Length: > 2 } chain ? string.Join('/', chain.Skip(1).Where((_, i) => i % 2 == 1)) : AzureId.NameOf(id);

    private static string[] Chain(string id)
    {
        var at = id.LastIndexOf("/providers/", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? [] : id[(at + "/providers/".Length)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
    }

    private static ResourceChange AzureWord(string? word) => Enum.TryParse<ResourceChange>(word, ignoreCase: true, out var change) ? change : ResourceChange.Unknown;

    private static void Walk(JsonElement delta, string prefix, List<PropertyChange> into)
    {
        if (delta.ValueKind != JsonValueKind.Array) return;
        foreach (var entry in delta.EnumerateArray())
        {
            var path = prefix + (RegionSurvey.Text(entry, "path") ?? "");
            if (RegionSurvey.Text(entry, "propertyChangeType") is "NoEffect") continue;
            if (RegionSurvey.Part(entry, "children") is { ValueKind: JsonValueKind.Array } children) Walk(children, path + ".", into);
            else into.Add(new PropertyChange(path, Value(entry, "before"), Value(entry, "after")));
        }
    }

    private static string? Value(JsonElement entry, string name)
    {
        var value = RegionSurvey.Part(entry, name);
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return text.Length <= LongestValue ? text : text[..(LongestValue - 3)] + "...";
    }
}
