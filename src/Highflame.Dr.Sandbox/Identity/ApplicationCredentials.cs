using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>
/// What the application registration may prove itself with besides its secret: a certificate, and tokens of one other issuer for one subject (a federated
/// identity credential, as for a pod of AKS). Made on first need, in memory, gone with the sandbox.
/// </summary>
internal sealed class ApplicationCredentials(SandboxIdentity identity, Func<string> authority, TimeProvider time) : IDisposable
{
    public const string FederatedSubject = "system:serviceaccount:highflame:dr-operator";
    public const string FederatedAudience = "api://AzureADTokenExchange";
    private readonly Lazy<X509Certificate2> _certificate = new(() => Make(identity, time));
    private readonly Lazy<(ECDsa Key, string Id)> _issuer = new(() => (ECDsa.Create(ECCurve.NamedCurves.nistP256), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12))));

    /// <summary>The registered certificate with its key.</summary>
    public X509Certificate2 Certificate => _certificate.Value;

    /// <summary>URL of the other issuer, which publishes its keys below it.</summary>
    public string FederatedIssuer => $"{authority()}/oidc";

    public string FederatedKeyId => _issuer.Value.Id;

    /// <summary>Certificate and private key in PEM.</summary>
    public string CertificatePem()
    {
        using var key = Certificate.GetRSAPrivateKey()!;
        return $"{Certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    /// <summary>A token of the other issuer, as Kubernetes projects it into a pod; null subject takes the registered one.</summary>
    public string FederatedToken(string? subject = null, string? audience = null, TimeSpan? lifetime = null)
    {
        var now = time.GetUtcNow();
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = FederatedKeyId };
        var payload = new JsonObject
        {
            ["iss"] = FederatedIssuer,
            ["sub"] = subject ?? FederatedSubject,
            ["aud"] = new JsonArray(audience ?? FederatedAudience),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + (lifetime ?? TimeSpan.FromDays(1))).ToUnixTimeSeconds(),
        };
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{Base64Url.EncodeToString(_issuer.Value.Key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
    }

    /// <summary>True when the other issuer signed the text.</summary>
    public bool IsFederated(byte[] text, byte[] signature) => _issuer.Value.Key.VerifyData(text, signature, HashAlgorithmName.SHA256);

    /// <summary>OpenID metadata of the other issuer.</summary>
    public JsonObject Metadata() => new()
    {
        ["issuer"] = FederatedIssuer,
        ["jwks_uri"] = $"{FederatedIssuer}/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    };

    public JsonObject KeySet()
    {
        var key = _issuer.Value.Key.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "EC",
                ["use"] = "sig",
                ["crv"] = "P-256",
                ["alg"] = "ES256",
                ["kid"] = FederatedKeyId,
                ["x"] = Base64Url.EncodeToString(key.Q.X),
                ["y"] = Base64Url.EncodeToString(key.Q.Y),
            }),
        };
    }

    public void Dispose()
    {
        if (_certificate.IsValueCreated) _certificate.Value.Dispose();
        if (_issuer.IsValueCreated) _issuer.Value.Key.Dispose();
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static X509Certificate2 Make(SandboxIdentity identity, TimeProvider time)
    {
        var now = time.GetUtcNow();
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN=highflame-dr {identity.ClientId}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(30));
    }
}
