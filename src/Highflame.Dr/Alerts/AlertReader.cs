using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Alerts;

/// <summary>
/// Finds Azure Monitor's common alert schema in whatever a runbook is handed: the object of a webhook, its text, the text that Azure Automation breaks for PowerShell 7, or the alert itself. Pure. Errors:
/// HfAlertMalformed.
/// </summary>
internal static class AlertReader
{
    private const string Schema = "azureMonitorCommonAlertSchema";

    public static DrAlert Read(object? given)
    {
        var mended = false;
        var outer = Document(given, ref mended) ?? throw Malformed("it is not JSON, nor the loose form of it that Azure Automation makes");
        string? webhook = null;
        var alert = outer;
        if (Member(outer, "RequestBody") is { } body)
        {
            webhook = Text(Member(outer, "WebhookName"));
            alert = Document(body, ref mended) ?? throw Malformed("its RequestBody is not JSON");
        }

        var data = Member(alert, "data") as JsonObject;
        if (Member(data, "essentials") is not JsonObject essentials)
        {
            var schema = Text(Member(alert, "schemaId"));
            throw Malformed(schema is null || schema == Schema ? "it has no data.essentials" : $"its schema is {schema}; the action group must send the common alert schema");
        }

        var id = Text(Member(essentials, "alertId")) ?? throw Malformed("it has no alertId");
        return new()
        {
            AlertId = id,
            Rule = Text(Member(essentials, "alertRule")) ?? "",
            Condition = Enum.TryParse<AlertCondition>(Text(Member(essentials, "monitorCondition")), ignoreCase: true, out var condition) && Enum.IsDefined(condition) ? condition : AlertCondition.Unknown,
            Severity = Text(Member(essentials, "severity")),
            SignalType = Text(Member(essentials, "signalType")),
            // Spelled alertTargetIDs in Azure's samples and alertTargetIds in its scripts.
            TargetIds = Member(essentials, "alertTargetIDs") is JsonArray targets ? [.. targets.Select(Text).OfType<string>()] : Text(Member(essentials, "alertTargetIDs")) is { } one ? [one] : [],
            FiredAt = Time(Member(essentials, "firedDateTime")),
            ResolvedAt = Time(Member(essentials, "resolvedDateTime")),
            Description = Text(Member(essentials, "description")),
            Webhook = webhook,
            Mended = mended,
        };
    }

    private static JsonObject? Document(object? given, ref bool mended)
    {
        switch (given)
        {
            case PSObject { BaseObject: not PSCustomObject } wrapped:
                return Document(wrapped.BaseObject, ref mended);
            case PSObject custom:
                return new(custom.Properties.Where(p => p.IsGettable).Select(p => KeyValuePair.Create(p.Name, Node(p.Value))));
            case IDictionary table:
                return new(table.Keys.Cast<object>().Select(k => KeyValuePair.Create(k.ToString()!, Node(table[k]))));
            case JsonObject ready:
                return ready;
            case JsonValue value when value.TryGetValue<string>(out var inner):
                return Document(inner, ref mended);
            case string text:
                return Parse(text, ref mended);
            default:
                return null;
        }
    }

    private static JsonObject? Parse(string text, ref bool mended)
    {
        try
        {
            var node = JsonNode.Parse(text);
            // A document that was written as a text once more.
            if (node is JsonValue value && value.TryGetValue<string>(out var inner) && inner.Length < text.Length) return Parse(inner, ref mended);
            return node as JsonObject;
        }
        catch (JsonException)
        {
            if (LooseJson.TryParse(text) is not JsonObject loose) return null;
            mended = true;
            return loose;
        }
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        PSObject { BaseObject: not PSCustomObject } wrapped => Node(wrapped.BaseObject),
        PSObject custom => new JsonObject(custom.Properties.Where(p => p.IsGettable).Select(p => KeyValuePair.Create(p.Name, Node(p.Value)))),
        string text => JsonValue.Create(text),
        IDictionary table => new JsonObject(table.Keys.Cast<object>().Select(k => KeyValuePair.Create(k.ToString()!, Node(table[k])))),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Node)]),
        DateTime at => JsonValue.Create(at.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)),
        IFormattable number => JsonValue.Create(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(value.ToString()),
    };

    /// <summary>A member, its name compared without case.</summary>
    private static JsonNode? Member(JsonObject? from, string name) => from?.FirstOrDefault(m => m.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.TryGetValue<string>(out var text) ? text.Length > 0 ? text : null : value.ToJsonString() : null;

    private static DateTimeOffset? Time(JsonNode? node) =>
        DateTimeOffset.TryParse(Text(node), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private static DrException Malformed(string why) => new(
        "HfAlertMalformed", DrErrorKind.MalformedData, $"This is no alert of Azure Monitor: {why}.", nextStep: "Give what the webhook's runbook got as WebhookData, and switch the common alert schema on in the action group.");
}
