using System.Text;
using System.Text.Json;

namespace Highflame.Dr.Engine.Azure;

/// <summary>The payload of a JSON Web Token: to be shown, never to be trusted.</summary>
internal static class TokenClaims
{
    /// <summary>The claims; null for a token of another make.</summary>
    public static JsonElement? Read(string token)
    {
        if (token.Split('.') is not [_, var payload, _]) return null;
        try
        {
            var padded = payload.Replace('-', '+').Replace('_', '/').PadRight((payload.Length + 3) / 4 * 4, '=');
            using var claims = JsonDocument.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(padded)));
            return claims.RootElement.ValueKind == JsonValueKind.Object ? claims.RootElement.Clone() : null;
        }
        catch (Exception failure) when (failure is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>User name, else application id, of whom a token is for.</summary>
    public static string? NameIn(string token)
    {
        if (Read(token) is not { } claims) return null;
        foreach (var name in (ReadOnlySpan<string>)["upn", "preferred_username", "unique_name", "appid", "azp", "oid"])
        {
            if (claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String) return value.GetString();
        }

        return null;
    }
}
