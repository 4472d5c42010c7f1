using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Notifications;

/// <summary>A notice in the words of its receivers. Pure.</summary>
internal static class NoticePayload
{
    public static string For(WebhookFormat format, DrNotice notice) => format switch
    {
        WebhookFormat.Teams => Teams(notice).ToJsonString(JournalJson.Line),
        WebhookFormat.Slack => Slack(notice).ToJsonString(JournalJson.Line),
        _ => JsonSerializer.Serialize(notice, JournalJson.Line),
    };

    /// <summary>An envelope of Application Insights' track endpoint with one EventData: it becomes a row of customEvents.</summary>
    public static string CustomEvent(string key, DrNotice notice)
    {
        var properties = new JsonObject { ["pair"] = notice.Pair, ["severity"] = notice.Severity.ToString(), ["title"] = notice.Title };
        if (notice.Text is { } text) properties["text"] = text;
        foreach (var (name, value) in notice.Facts) properties[name] = value;
        return new JsonArray(new JsonObject
        {
            ["name"] = "Microsoft.ApplicationInsights.Event",
            ["time"] = notice.At.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["iKey"] = key,
            ["tags"] = new JsonObject { ["ai.cloud.role"] = "Highflame.Dr", ["ai.operation.name"] = notice.Event },
            ["data"] = new JsonObject
            {
                ["baseType"] = "EventData",
                ["baseData"] = new JsonObject { ["ver"] = 2, ["name"] = "Highflame.Dr." + notice.Event, ["properties"] = properties },
            },
        }).ToJsonString(JournalJson.Line);
    }

    private static JsonObject Teams(DrNotice notice) => new()
    {
        ["type"] = "message",
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["contentType"] = "application/vnd.microsoft.card.adaptive",
            ["contentUrl"] = null,
            ["content"] = new JsonObject
            {
                ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                ["type"] = "AdaptiveCard",
                ["version"] = "1.4",
                ["body"] = new JsonArray(
                [
                    new JsonObject
                    {
                        ["type"] = "TextBlock",
                        ["size"] = "Medium",
                        ["weight"] = "Bolder",
                        ["wrap"] = true,
                        ["color"] = notice.Severity switch { NoticeSeverity.Critical => "Attention", NoticeSeverity.Warning => "Warning", _ => "Good" },
                        ["text"] = $"{notice.Pair}: {notice.Title}",
                    },
                    .. notice.Text is { } text ? new JsonNode[] { new JsonObject { ["type"] = "TextBlock", ["wrap"] = true, ["text"] = text } } : [],
                    new JsonObject
                    {
                        ["type"] = "FactSet",
                        ["facts"] = new JsonArray([.. notice.Facts.Append(new("At", notice.At.ToString("u", System.Globalization.CultureInfo.InvariantCulture))).Select(f => (JsonNode)new JsonObject { ["title"] = f.Key, ["value"] = f.Value })]),
                    },
                ]),
            },
        }),
    };

    private static JsonObject Slack(DrNotice notice)
    {
        var mark = notice.Severity switch { NoticeSeverity.Critical => ":rotating_light:", NoticeSeverity.Warning => ":warning:", _ => ":information_source:" };
        var facts = string.Join("\n", notice.Facts.Select(f => $"*{Escaped(f.Key)}:* {Escaped(f.Value)}"));
        return new()
        {
            ["text"] = $"{mark} *{Escaped(notice.Pair)}: {Escaped(notice.Title)}*{(notice.Text is { } text ? "\n" + Escaped(text) : "")}{(facts.Length > 0 ? "\n" + facts : "")}",
        };
    }

    // Slack reads these three as markup.
    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
