using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>What a deployment would change: each resource of the template against the one that is there, property by property. What the template does not say is not compared.</summary>
internal static class WhatIf
{
    /// <summary>Members that name a thing and never change.</summary>
    private static readonly string[] s_envelope = ["id", "name", "type", "apiVersion"];

    /// <param name="resource">The resource of the template.</param>
    /// <param name="wanted">Its body with everything filled in that can be known before.</param>
    /// <param name="there">As GET shows it; null when it is not there.</param>
    public static JsonObject Change(EvaluatedResource resource, JsonObject wanted, JsonObject? there)
    {
        var after = new JsonObject { ["apiVersion"] = resource.ApiVersion, ["id"] = resource.Path.Text, ["name"] = resource.Path.Names[^1], ["type"] = resource.Path.FullType };
        foreach (var (name, value) in wanted) after[name] = Hide(resource.Path, name, value?.DeepClone());
        if (there is null) return new JsonObject { ["resourceId"] = resource.Path.Text, ["changeType"] = "Create", ["after"] = after };
        var delta = new JsonArray();
        foreach (var (name, value) in wanted) Compare(name, there.At(name), value, delta);
        var change = new JsonObject { ["resourceId"] = resource.Path.Text, ["changeType"] = delta.Count == 0 ? "NoChange" : "Modify", ["before"] = there.DeepClone(), ["after"] = after };
        if (delta.Count > 0) change["delta"] = delta;
        return change;
    }

    /// <summary>A resource of the group that the template does not have.</summary>
    public static JsonObject Ignored(string id, JsonObject there) => new() { ["resourceId"] = id, ["changeType"] = "Ignore", ["before"] = there.DeepClone(), ["after"] = there.DeepClone() };

    private static void Compare(string path, JsonNode? before, JsonNode? after, JsonArray delta)
    {
        // Null asks for nothing; an expression that cannot be known before, neither.
        if (after is null || (after is JsonValue open && open.TryGetValue(out string? text) && TemplateExpression.Is(text))) return;
        switch (after)
        {
            case JsonObject wanted when before is JsonObject or null:
                if (before is null && wanted.Count > 0)
                {
                    delta.Add(Entry(path, "Create", null, after));
                    return;
                }

                foreach (var (name, value) in wanted) Compare($"{path}.{name}", before.At(name), value, delta);
                return;
            case JsonArray wanted when before is JsonArray or null:
                CompareArrays(path, before as JsonArray ?? [], wanted, delta);
                return;
            default:
                if (before is null) delta.Add(Entry(path, "Create", null, after));
                else if (!Same(path, before, after)) delta.Add(Entry(path, "Modify", before, after));
                return;
        }
    }

    private static void CompareArrays(string path, JsonArray before, JsonArray wanted, JsonArray delta)
    {
        var children = new JsonArray();
        if (wanted.All(w => w is JsonObject named && named.Text("name") is not null))
        {
            foreach (var item in wanted)
            {
                var there = before.FirstOrDefault(b => ArmPath.Same(b.Text("name"), item.Text("name")));
                if (there is null) children.Add(Entry(item.Text("name")!, "Create", null, item));
                else Compare(item.Text("name")!, there, item, children);
            }

            foreach (var gone in before.Where(b => wanted.All(w => !ArmPath.Same(w.Text("name"), b.Text("name"))))) children.Add(Entry(gone.Text("name") ?? "", "Delete", gone, null));
        }
        else if (before.Count == wanted.Count)
        {
            for (var i = 0; i < wanted.Count; i++) Compare(i.ToString(System.Globalization.CultureInfo.InvariantCulture), before[i], wanted[i], children);
        }
        else
        {
            delta.Add(Entry(path, "Modify", before, wanted));
            return;
        }

        if (children.Count > 0) delta.Add(new JsonObject { ["path"] = path, ["propertyChangeType"] = "Array", ["children"] = children });
    }

    private static bool Same(string path, JsonNode before, JsonNode after)
    {
        if (before.GetValueKind() != after.GetValueKind() && !(before.GetValueKind() is JsonValueKind.String || after.GetValueKind() is JsonValueKind.String)) return false;
        var (one, other) = (before.ToString(), after.ToString());
        if (string.Equals(one, other, StringComparison.Ordinal)) return true;
        if (path.EndsWith("location", StringComparison.OrdinalIgnoreCase)) return SandboxLayout.Normalize(one) == SandboxLayout.Normalize(other);
        // Ids and the services' enumerations are read without case.
        if (string.Equals(one, other, StringComparison.OrdinalIgnoreCase)) return true;
        // A service shows the patch of a version that was asked for without it.
        return path.EndsWith("version", StringComparison.OrdinalIgnoreCase) && one.StartsWith(other + ".", StringComparison.Ordinal);
    }

    private static JsonObject Entry(string path, string kind, JsonNode? before, JsonNode? after)
    {
        var entry = new JsonObject { ["path"] = path, ["propertyChangeType"] = kind };
        if (before is not null) entry["before"] = before.DeepClone();
        if (after is not null) entry["after"] = after.DeepClone();
        return entry;
    }

    /// <summary>The value of a secret is not shown.</summary>
    private static JsonNode? Hide(ArmPath path, string name, JsonNode? value)
    {
        if (ArmPath.Same(name, "properties") && value is JsonObject properties)
        {
            if (path.Is("Microsoft.KeyVault", "vaults/secrets")) properties.Remove("value");
            foreach (var secret in properties.Select(p => p.Key).Where(k => k.EndsWith("Password", StringComparison.OrdinalIgnoreCase)).ToList()) properties.Remove(secret);
        }

        return value;
    }

    /// <summary>True for a member of the envelope.</summary>
    public static bool IsEnvelope(string name) => s_envelope.Contains(name, StringComparer.OrdinalIgnoreCase);
}
