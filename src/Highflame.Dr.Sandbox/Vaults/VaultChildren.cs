using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>Secrets and keys of a vault as ARM has them: a template writes them and nobody reads a value here.</summary>
internal sealed class VaultChildren(ResourceStore store, SecretStore secrets, KeyStore keys, VaultDirectory vaults) : IResourceProvider
{
    public string Namespace => "Microsoft.KeyVault";

    public bool Answers(ArmPath path) => ArmPath.Same(path.Namespace, Namespace) && path.Types is [var vault, var child] && ArmPath.Same(vault, "vaults") && (ArmPath.Same(child, "secrets") || ArmPath.Same(child, "keys"));

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var path = call.Path;
        var vault = store.Find(path.TopResourceId) ?? throw ArmError.ParentNotFound(path);
        var isSecret = ArmPath.Same(path.Types[1], "secrets");
        return Task.FromResult((call.Method, path.Names.Count) switch
        {
            ("GET", 1) when isSecret => ArmAnswer.List(secrets.All(vault.Name).Select(s => Show(vault, s))),
            ("GET", 2) when isSecret => ArmAnswer.Ok(Show(vault, secrets.Find(vault.Name, path.Names[1]) ?? throw ArmError.ResourceNotFound(path))),
            ("PUT" or "PATCH", 2) when isSecret => PutSecret(call, vault),
            ("GET", 1) => ArmAnswer.List(keys.All(vault.Name).Select(k => Show(vault, k))),
            ("GET", 2) => ArmAnswer.Ok(Show(vault, keys.Find(vault.Name, path.Names[1]) ?? throw ArmError.ResourceNotFound(path))),
            ("PUT", 2) => PutKey(call, vault),
            _ => throw ArmError.MethodNotAllowed(call.Method, path),
        });
    }

    private ArmAnswer PutSecret(ArmCall call, StoredResource vault)
    {
        var (body, name) = (call.Body(), call.Path.Names[1]);
        var known = secrets.Find(vault.Name, name) is not null;
        if (body.Text("properties.value") is not { } value)
            throw ArmError.BadRequest("BadRequest", "The secret's value is missing.", "properties.value");
        var version = new SecretVersion { Version = "", Value = value, ContentType = body.Text("properties.contentType"), Tags = body["tags"]?.DeepClone() as JsonObject, Created = default, Updated = default };
        if (!secrets.TrySet(vault.Name, name, version, out _))
            throw new ArmError(409, "Conflict", $"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.");
        return new ArmAnswer(known ? 200 : 201, Show(vault, secrets.Find(vault.Name, name)!));
    }

    // ARM makes a key that is not there; one that is there it leaves as it is.
    private ArmAnswer PutKey(ArmCall call, StoredResource vault)
    {
        var (wanted, name) = (call.Body()["properties"] as JsonObject ?? throw ArmError.BadRequest("BadRequest", "The key's properties are missing.", "properties"), call.Path.Names[1]);
        if (keys.Find(vault.Name, name) is null)
        {
            if (!ArmPath.Same(wanted.Text("kty"), "RSA")) throw ArmError.BadRequest("BadRequest", "The sandbox makes keys of the type RSA only.", "properties.kty");
            keys.Create(vault.Name, name);
        }

        return ArmAnswer.Ok(Show(vault, keys.Find(vault.Name, name)!));
    }

    private JsonObject Show(StoredResource vault, VaultKey key)
    {
        var uri = $"{vaults.UriOf(vault.Name)}keys/{key.Name}";
        return new JsonObject
        {
            ["id"] = $"{vault.Id}/keys/{key.Name}",
            ["name"] = key.Name,
            ["type"] = "Microsoft.KeyVault/vaults/keys",
            ["location"] = vault.Location,
            ["properties"] = new JsonObject
            {
                ["attributes"] = new JsonObject { ["enabled"] = key.Enabled, ["created"] = key.Created.ToUnixTimeSeconds(), ["updated"] = key.Updated.ToUnixTimeSeconds(), ["recoveryLevel"] = "Recoverable" },
                ["kty"] = "RSA",
                ["keyOps"] = new JsonArray("wrapKey", "unwrapKey"),
                ["keySize"] = 2048,
                ["keyUri"] = uri,
                ["keyUriWithVersion"] = $"{uri}/{key.Version}",
            },
        };
    }

    private JsonObject Show(StoredResource vault, Secret secret)
    {
        var (latest, uri) = (secret.Latest, $"{vaults.UriOf(vault.Name)}secrets/{secret.Name}");
        var document = new JsonObject { ["id"] = $"{vault.Id}/secrets/{secret.Name}", ["name"] = secret.Name, ["type"] = "Microsoft.KeyVault/vaults/secrets", ["location"] = vault.Location };
        if (latest.Tags is { Count: > 0 } tags) document["tags"] = tags.DeepClone();
        var properties = new JsonObject
        {
            ["attributes"] = new JsonObject { ["enabled"] = latest.Enabled, ["created"] = latest.Created.ToUnixTimeSeconds(), ["updated"] = latest.Updated.ToUnixTimeSeconds() },
            ["secretUri"] = uri,
            ["secretUriWithVersion"] = $"{uri}/{latest.Version}",
        };
        if (latest.ContentType is not null) properties["contentType"] = latest.ContentType;
        document["properties"] = properties;
        return document;
    }
}
