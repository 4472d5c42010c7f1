using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>
/// Checks a client_assertion: a token that the application signed with its registered certificate (found by x5t or x5t#S256), or one of the issuer that the
/// application trusts (a federated identity credential).
/// </summary>
internal sealed class ClientAssertions(SandboxIdentity identity, ApplicationCredentials credentials, TimeProvider time)
{
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);

    /// <summary>Throws <see cref="AuthorityError"/> (401) unless the assertion proves the application.</summary>
    /// <param name="assertion">The token.</param>
    /// <param name="endpoint">URL of the token endpoint: the audience of an assertion that the application signed.</param>
    public void Check(string assertion, string endpoint)
    {
        var parts = assertion.Split('.');
        JsonElement header, claims;
        byte[] signature;
        try
        {
            if (parts.Length != 3) throw new FormatException();
            header = Parse(parts[0]);
            claims = Parse(parts[1]);
            signature = Base64Url.DecodeFromChars(parts[2]);
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw Invalid(50027, "JWT token is invalid or malformed.");
        }

        var text = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        if (Text(claims, "iss") == identity.ClientId) CheckCertificate(header, claims, text, signature, endpoint);
        else CheckFederated(header, claims, text, signature);
        CheckTimes(claims);
    }

    private void CheckCertificate(JsonElement header, JsonElement claims, byte[] text, byte[] signature, string endpoint)
    {
        var certificate = credentials.Certificate;
        var sha1 = Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA1));
        var sha256 = Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256));
        var (thumbprint, strong) = (Text(header, "x5t"), Text(header, "x5t#S256"));
        if (thumbprint is null && strong is null) throw Invalid(700027, "Client assertion failed signature validation. The header names no certificate: x5t or x5t#S256 is needed.");
        if (thumbprint is not null ? thumbprint != sha1 : strong != sha256)
            throw Invalid(700027, $"The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '{thumbprint ?? strong}']. Configured keys: [Key0:Start={certificate.NotBefore.ToUniversalTime():u}, End={certificate.NotAfter.ToUniversalTime():u};]");
        using var key = certificate.GetRSAPublicKey()!;
        var padding = Text(header, "alg") switch
        {
            "PS256" => RSASignaturePadding.Pss,
            "RS256" => RSASignaturePadding.Pkcs1,
            var other => throw Invalid(5002730, $"Invalid JWT token. Unsupported algorithm '{other}'. Supported: RS256, PS256."),
        };
        if (!key.VerifyData(text, signature, HashAlgorithmName.SHA256, padding)) throw Invalid(700027, "Client assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value.]");
        if (time.GetUtcNow() > certificate.NotAfter) throw Invalid(700027, "The certificate used to sign the client assertion is expired.");
        if (Text(claims, "sub") != identity.ClientId) throw Invalid(700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
        if (!Audiences(claims).Any(a => string.Equals(a.TrimEnd('/'), endpoint, StringComparison.OrdinalIgnoreCase) || endpoint.StartsWith(a.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)))
            throw Invalid(700023, $"Client assertion audience claim does not match Realm issuer. Expected: '{endpoint}'.");
    }

    private void CheckFederated(JsonElement header, JsonElement claims, byte[] text, byte[] signature)
    {
        var (issuer, subject, audiences) = (Text(claims, "iss"), Text(claims, "sub"), Audiences(claims));
        if (!string.Equals(issuer, credentials.FederatedIssuer, StringComparison.Ordinal))
            throw Invalid(700211, $"No matching federated identity record found for presented assertion issuer '{issuer}'.");
        if (!string.Equals(subject, ApplicationCredentials.FederatedSubject, StringComparison.Ordinal))
            throw Invalid(700213, $"No matching federated identity record found for presented assertion subject '{subject}'.");
        if (!audiences.Contains(ApplicationCredentials.FederatedAudience, StringComparer.Ordinal))
            throw Invalid(700212, $"No matching federated identity record found for presented assertion audience '{string.Join(", ", audiences)}'.");
        if (Text(header, "alg") != "ES256" || Text(header, "kid") != credentials.FederatedKeyId || !credentials.IsFederated(text, signature))
            throw Invalid(50013, "Assertion failed signature validation. [Reason - The key was not found, or the signature does not match.]");
    }

    private void CheckTimes(JsonElement claims)
    {
        var now = time.GetUtcNow();
        if (Time(claims, "exp") is not { } until || now - s_skew > until || (Time(claims, "nbf") is { } from && now + s_skew < from))
            throw Invalid(700024, $"Client assertion is not within its valid time range. Current time: {now.UtcDateTime:u}.");
    }

    private static AuthorityError Invalid(int code, string description) => new(401, "invalid_client", code, description);

    private static JsonElement Parse(string part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new FormatException();
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string[] Audiences(JsonElement claims) => !claims.TryGetProperty("aud", out var aud)
        ? []
        : aud.ValueKind == JsonValueKind.Array ? [.. aud.EnumerateArray().Select(a => a.ToString())] : [aud.ToString()];

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && long.TryParse(value.ToString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
