namespace Highflame.Dr.Engine.Notifications;

/// <summary>What an Application Insights connection string says: where custom events are posted to, and under which key.</summary>
/// <param name="Key">Instrumentation key, a GUID.</param>
/// <param name="Track">URL of the track endpoint.</param>
internal sealed record InsightsTarget(string Key, Uri Track)
{
    private const string PublicIngestion = "https://dc.services.visualstudio.com/";

    /// <summary>Null when the text is no connection string.</summary>
    public static InsightsTarget? TryParse(string? text)
    {
        if (text is null) return null;
        var parts = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0], StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First()[1], StringComparer.OrdinalIgnoreCase);
        if (!parts.TryGetValue("InstrumentationKey", out var key) || !Guid.TryParse(key, out _)) return null;
        return WebhookUrl.TryParse(parts.GetValueOrDefault("IngestionEndpoint", PublicIngestion)) is { } endpoint
            ? new(key, new Uri(endpoint.OriginalString.TrimEnd('/') + "/v2.1/track"))
            : null;
    }

    /// <summary>What is wrong with the text in a pair file; null when nothing is.</summary>
    public static string? Problem(string text) => text.StartsWith("env:", StringComparison.Ordinal) || TryParse(text) is not null
        ? null
        : "this is no connection string of Application Insights. Expected: InstrumentationKey=GUID;IngestionEndpoint=https://..., as its overview page shows it, or env:NAME.";
}
