using System.Text.Json;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Http;

/// <summary>What an application says of itself in the JSON of its health answer. An application that says nothing is judged by status alone.</summary>
internal sealed record HealthAnswer(string? Region, string? Server, DbRole Role, string? Reason)
{
    public static readonly HealthAnswer Silent = new(null, null, DbRole.Unknown, null);

    public static HealthAnswer Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return Silent;
            return new HealthAnswer(
                Text(document.RootElement, "region"), Text(document.RootElement, "server"),
                Enum.TryParse<DbRole>(Text(document.RootElement, "role"), ignoreCase: true, out var role) ? role : DbRole.Unknown,
                Text(document.RootElement, "reason"));
        }
        catch (JsonException)
        {
            return Silent;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
