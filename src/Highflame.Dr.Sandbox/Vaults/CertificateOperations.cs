using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>Certificates as Key Vault shows them: each is a secret of the same name that is marked as its. List, get, import and update of its attributes.</summary>
internal sealed class CertificateOperations(VaultDirectory vaults, SecretStore store, SecretOperations secrets)
{
    public const string ContentType = "application/x-pem-file";

    /// <summary>True for a path below /certificates.</summary>
    public static bool Answers(string[] path) => path is [var area, ..] && ArmPath.Same(area, "certificates");

    public (int Status, JsonNode? Body) Answer(VaultCall call) => (call.Method, call.Path) switch
    {
        ("GET", [_]) => (200, List(call)),
        ("GET", [_, var name]) => (200, Get(call, name)),
        ("GET", [_, var name, _]) => (200, Get(call, name)),
        ("POST", [_, var name, var action]) when ArmPath.Same(action, "import") => (200, Import(call, name)),
        ("PATCH", [_, var name]) => (200, Update(call, name)),
        _ => throw new VaultError(405, "MethodNotAllowed", $"The HTTP method {call.Method} is not allowed here."),
    };

    private JsonObject List(VaultCall call)
    {
        call.Demand("read", "certificates");
        return secrets.Page(call, "certificates", [.. store.All(call.Vault.Name).Where(s => s.Latest.Certificate).Select(s => Item(call.Vault, s, whole: false))]);
    }

    private JsonObject Get(VaultCall call, string name)
    {
        call.Demand("read", $"certificates/{name}");
        return Item(call.Vault, Find(call, name), whole: true);
    }

    /// <summary>Takes PEM text with a certificate and its key, which is what this sandbox's own are.</summary>
    private JsonObject Import(VaultCall call, string name)
    {
        call.Demand("import/action", $"certificates/{name}");
        var body = call.Body();
        var pem = body.Text("value") ?? throw VaultError.BadParameter("The property 'value' is required.");
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPem(pem);
        }
        catch (CryptographicException)
        {
            throw VaultError.BadParameter("The specified PEM X.509 certificate content is in an unexpected format. Please check if certificate is in valid PEM format.");
        }

        using (certificate)
        {
            var version = new SecretVersion
            {
                Version = "",
                Value = pem,
                ContentType = ContentType,
                Certificate = true,
                Enabled = body.At("attributes.enabled") is not JsonValue enabled || !enabled.TryGetValue(out bool on) || on,
                NotBefore = new DateTimeOffset(certificate.NotBefore).ToUnixTimeSeconds(),
                Expires = body.Whole("attributes.exp") ?? new DateTimeOffset(certificate.NotAfter).ToUnixTimeSeconds(),
                Created = default,
                Updated = default,
            };
            if (!store.TrySet(call.Vault.Name, name, version, out _)) throw new VaultError(409, "Conflict", $"Certificate {name} is currently in a deleted but recoverable state, and its name cannot be reused.", "ObjectIsDeletedButRecoverable");
        }

        return Item(call.Vault, Find(call, name), whole: true);
    }

    private JsonObject Update(VaultCall call, string name)
    {
        call.Demand("update/action", $"certificates/{name}");
        Find(call, name);
        var body = call.Body();
        store.Change(call.Vault.Name, name, null, v => v with
        {
            Enabled = body.At("attributes.enabled") is JsonValue enabled && enabled.TryGetValue(out bool on) ? on : v.Enabled,
            Expires = body.Whole("attributes.exp") ?? v.Expires,
        });
        return Item(call.Vault, Find(call, name), whole: true);
    }

    private Secret Find(VaultCall call, string name) => store.Find(call.Vault.Name, name) is { Latest.Certificate: true } found
        ? found
        : throw new VaultError(404, "CertificateNotFound", $"A certificate with (name/id) {name} was not found in this key vault. If you recently deleted this certificate you may be able to recover it using the correct recovery command.");

    private JsonObject Item(VaultInfo vault, Secret secret, bool whole)
    {
        using var certificate = X509Certificate2.CreateFromPem(secret.Latest.Value);
        var attributes = new JsonObject { ["enabled"] = secret.Latest.Enabled };
        if (secret.Latest.NotBefore is { } from) attributes["nbf"] = from;
        if (secret.Latest.Expires is { } to) attributes["exp"] = to;
        attributes["created"] = secret.Latest.Created.ToUnixTimeSeconds();
        attributes["updated"] = secret.Latest.Updated.ToUnixTimeSeconds();
        var root = vaults.UriOf(vault.Name);
        var item = new JsonObject
        {
            ["id"] = $"{root}certificates/{secret.Name}{(whole ? $"/{secret.Latest.Version}" : "")}",
            ["x5t"] = System.Buffers.Text.Base64Url.EncodeToString(certificate.GetCertHash()),
            ["attributes"] = attributes,
            ["subject"] = certificate.Subject,
        };
        if (!whole) return item;
        item["kid"] = $"{root}keys/{secret.Name}/{secret.Latest.Version}";
        item["sid"] = $"{root}secrets/{secret.Name}/{secret.Latest.Version}";
        item["cer"] = Convert.ToBase64String(certificate.RawData);
        item["policy"] = new JsonObject
        {
            ["id"] = $"{root}certificates/{secret.Name}/policy",
            ["secret_props"] = new JsonObject { ["contentType"] = ContentType },
            ["x509_props"] = new JsonObject { ["subject"] = certificate.Subject, ["sans"] = new JsonObject { ["dns_names"] = new JsonArray([.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).Select(n => (JsonNode)n)]) } },
        };
        return item;
    }
}
