using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>Who a token speaks for.</summary>
internal sealed record Principal(string ClientId, string ObjectId)
{
    /// <summary>Name of a user; null for an application.</summary>
    public string? UserName { get; init; }
}

/// <summary>Why a token is refused.</summary>
internal enum TokenFault
{
    Absent,
    Malformed,

    /// <summary>Signed by another key, or for another tenant.</summary>
    Foreign,
    Expired,
    WrongAudience,
}

/// <summary>Makes and checks the JSON Web Tokens (ES256) of the sandbox's authority.</summary>
internal sealed class TokenIssuer(string tenantId, Func<string> authority, Func<TimeSpan> lifetime, TimeProvider time) : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _keyId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    /// <summary>Who the access tokens say has issued them: as in Azure's tokens of version 1.0, which services such as Azure Storage look at.</summary>
    public string Issuer => $"https://sts.windows.net/{tenantId}/";

    public (string Token, DateTimeOffset Expires) Issue(Principal principal, string audience)
    {
        var now = time.GetUtcNow();
        var expires = now + lifetime();
        var payload = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = Issuer,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["appid"] = principal.ClientId,
            ["idtyp"] = principal.UserName is null ? "app" : "user",
            ["oid"] = principal.ObjectId,
            ["sub"] = principal.ObjectId,
            ["tid"] = tenantId,
            ["uti"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            ["ver"] = "1.0",
        };
        if (principal.UserName is { } user)
        {
            payload["upn"] = user;
            payload["scp"] = "user_impersonation";
        }

        return (Sign(payload), expires);
    }

    /// <summary>The token that tells a client who its user is.</summary>
    public string IssueIdToken(Principal user, string? nonce)
    {
        var now = time.GetUtcNow();
        var payload = new JsonObject
        {
            ["aud"] = user.ClientId,
            ["iss"] = authority().TrimEnd('/') + "/v2.0",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + lifetime()).ToUnixTimeSeconds(),
            ["name"] = user.UserName,
            ["preferred_username"] = user.UserName,
            ["oid"] = user.ObjectId,
            ["sub"] = user.ObjectId,
            ["tid"] = tenantId,
            ["ver"] = "2.0",
        };
        if (nonce is not null) payload["nonce"] = nonce;
        return Sign(payload);
    }

    private string Sign(JsonObject payload)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = _keyId };
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    /// <summary>The principal of a token, or why it is refused. The audience is compared without its trailing slash.</summary>
    public (Principal? Principal, TokenFault? Fault) Check(string? token, IEnumerable<string> audiences)
    {
        if (string.IsNullOrEmpty(token)) return (null, TokenFault.Absent);
        if (token.Split('.') is not [var header, var payload, var signature]) return (null, TokenFault.Malformed);
        JsonElement claims;
        bool signed;
        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            using var body = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            claims = body.RootElement.Clone();
            signed = head.RootElement.TryGetProperty("alg", out var algorithm) && algorithm.GetString() == "ES256"
                && _key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256);
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException)
        {
            return (null, TokenFault.Malformed);
        }

        if (!signed || Claim(claims, "tid") != tenantId) return (null, TokenFault.Foreign);
        if (!claims.TryGetProperty("exp", out var exp) || time.GetUtcNow().ToUnixTimeSeconds() >= exp.GetInt64()) return (null, TokenFault.Expired);
        var audience = Claim(claims, "aud").TrimEnd('/');
        if (!audiences.Any(a => string.Equals(a.TrimEnd('/'), audience, StringComparison.OrdinalIgnoreCase))) return (null, TokenFault.WrongAudience);
        return (new Principal(Claim(claims, "appid"), Claim(claims, "oid")), null);
    }

    /// <summary>The key set document.</summary>
    public JsonObject KeySet()
    {
        var key = _key.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "EC",
                ["use"] = "sig",
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["kid"] = _keyId,
                ["x"] = Base64Url.EncodeToString(key.Q.X),
                ["y"] = Base64Url.EncodeToString(key.Q.Y),
            }),
        };
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string Claim(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
