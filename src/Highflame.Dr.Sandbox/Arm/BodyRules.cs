using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>
/// Checks request bodies against Microsoft's schema rules: BodyRules.json holds, for each body, its members with types, enums, required and read-only ones, taken
/// from the published API descriptions. <c>!</c> marks a read-only member: ARM ignores what is sent there, so that a body that was read can be sent back.
/// </summary>
internal static class BodyRules
{
    private static readonly JsonObject s_rules = Load();

    /// <summary>Members that every ARM resource may carry in a request.</summary>
    private static readonly string[] s_envelope = ["id", "name", "type", "etag", "systemData", "kind", "zones", "plan"];

    /// <summary>Throws InvalidRequestContent for a wrong shape and InvalidParameterValue for a value that an enum does not have; gives the body without read-only members.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="rule">For example postgresql.Server.</param>
    /// <param name="allowed">Dotted paths of members that the service takes although the published description lacks them.</param>
    public static JsonObject Check(JsonObject body, string rule, params string[] allowed)
    {
        var rules = s_rules[rule] as JsonObject ?? throw new ArgumentException($"No rule '{rule}'.", nameof(rule));
        return (JsonObject)Checked(body, rules, "", allowed)!;
    }

    private static JsonNode? Checked(JsonNode? value, JsonNode rule, string path, string[] allowed)
    {
        if (value is null) return null;
        if (rule is JsonValue text) return CheckedValue(value, (string)text!, path);
        var members = (JsonObject)rule;
        if (members["*items"] is { } item)
        {
            if (value is not JsonArray array) throw Wrong(path, "an array");
            return new JsonArray([.. array.Select((v, i) => Checked(v, item, $"{path}[{i}]", allowed))]);
        }

        if (value is not JsonObject container) throw Wrong(path, "an object");
        if (members["*map"] is { } entry)
        {
            return new JsonObject(container.Select(p => KeyValuePair.Create(p.Key, Checked(p.Value, entry, Join(path, p.Key), allowed))));
        }

        foreach (var required in members["*required"] as JsonArray ?? [])
        {
            var name = (string)required!;
            if (container.At(name) is null) throw new ArmError(400, "InvalidRequestContent", $"The request content was invalid: required property '{Join(path, name)}' was not found in JSON.", Join(path, name));
        }

        var answer = new JsonObject();
        foreach (var (name, child) in container)
        {
            var known = members.Select(m => m.Key).FirstOrDefault(m => ArmPath.Same(m, name));
            var at = Join(path, known ?? name);
            if (known is null)
            {
                if (path.Length == 0 && s_envelope.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
                if (!allowed.Contains(at, StringComparer.OrdinalIgnoreCase))
                    throw new ArmError(400, "InvalidRequestContent", $"The request content was invalid and could not be deserialized: 'Could not find member '{name}' on object{(path.Length > 0 ? $" '{path}'" : "")}.'.", at);
                answer[name] = child?.DeepClone();
                continue;
            }

            var childRule = members[known]!;
            if (childRule is JsonValue ruleText && ((string)ruleText!).StartsWith('!')) continue;
            answer[known] = Checked(child, childRule, at, allowed);
        }

        return answer;
    }

    private static JsonNode CheckedValue(JsonNode value, string rule, string path)
    {
        var kind = value.GetValueKind();
        switch (rule)
        {
            case "any":
                break;
            case "string" when kind != JsonValueKind.String:
                throw Wrong(path, "a string");
            case "boolean" when kind is not (JsonValueKind.True or JsonValueKind.False):
                throw Wrong(path, "a boolean");
            case "number" when kind != JsonValueKind.Number:
                throw Wrong(path, "a number");
            case "integer" when kind != JsonValueKind.Number || !long.TryParse(value.ToJsonString(), out _):
                throw Wrong(path, "a whole number");
            default:
                if (!rule.StartsWith("enum:", StringComparison.Ordinal)) break;
                if (kind != JsonValueKind.String) throw Wrong(path, "a string");
                var given = (string)value!;
                var valid = rule["enum:".Length..].Split('|');
                // The service reads its enums without case and answers in its own.
                return valid.FirstOrDefault(v => ArmPath.Same(v, given)) is { } canonical
                    ? JsonValue.Create(canonical)
                    : throw ArmError.InvalidParameter(path, $"Invalid value '{given}' given for parameter {path}. Specify a valid parameter value. Valid values: {string.Join(", ", valid)}.");
        }

        return value.DeepClone();
    }

    private static ArmError Wrong(string path, string expected) =>
        new(400, "InvalidRequestContent", $"The request content was invalid and could not be deserialized: the value of '{path}' must be {expected}.", path);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static JsonObject Load()
    {
        using var stream = typeof(BodyRules).Assembly.GetManifestResourceStream("BodyRules.json") ?? throw new InvalidOperationException("BodyRules.json is not embedded.");
        return (JsonObject)JsonNode.Parse(stream)!;
    }
}
