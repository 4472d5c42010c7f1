using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>Keys: get, list, and update of the attributes. No cryptography, no creation.</summary>
internal sealed class KeyOperations(VaultDirectory vaults, KeyStore store)
{
    /// <summary>True for a path below /keys.</summary>
    public static bool Answers(string[] path) => path is [var area, ..] && ArmPath.Same(area, "keys");

    public (int Status, JsonNode? Body) Answer(VaultCall call) => (call.Method, call.Path) switch
    {
        ("GET", [_]) => (200, List(call)),
        ("GET", [_, var name]) => (200, Get(call, name, null)),
        ("GET", [_, var name, var version]) => (200, Get(call, name, version)),
        ("PATCH", [_, var name]) => (200, Update(call, name, null)),
        ("PATCH", [_, var name, var version]) => (200, Update(call, name, version)),
        _ => throw new VaultError(405, "MethodNotAllowed", $"The sandbox's vaults answer GET and PATCH of keys, not {call.Method}."),
    };

    private JsonObject List(VaultCall call)
    {
        call.Demand("read", "keys");
        return new JsonObject { ["value"] = new JsonArray([.. store.All(call.Vault.Name).Select(k => (JsonNode)new JsonObject { ["kid"] = Id(call, k, version: false), ["attributes"] = Attributes(call, k) })]), ["nextLink"] = null };
    }

    private JsonObject Get(VaultCall call, string name, string? version)
    {
        call.Demand("read", $"keys/{name}");
        var key = store.Find(call.Vault.Name, name);
        if (key is null || (version is not null && !ArmPath.Same(version, key.Version))) throw NotFound(name);
        return Bundle(call, key);
    }

    private JsonObject Update(VaultCall call, string name, string? version)
    {
        call.Demand("update/action", $"keys/{name}");
        if (store.Find(call.Vault.Name, name) is not { } known || (version is not null && !ArmPath.Same(version, known.Version))) throw NotFound(name);
        return Bundle(call, store.Change(call.Vault.Name, name, k => Changed(k, call.Body()))!);
    }

    private static VaultKey Changed(VaultKey key, JsonObject body)
    {
        if (body["attributes"] is not JsonObject attributes) return key;
        if (attributes["enabled"] is { } enabled)
            key = key with { Enabled = enabled.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw VaultError.BadParameter("attributes.enabled must be true or false.") } };
        if (attributes.ContainsKey("nbf")) key = key with { NotBefore = attributes.Whole("nbf") };
        if (attributes.ContainsKey("exp")) key = key with { Expires = attributes.Whole("exp") };
        return key;
    }

    private JsonObject Bundle(VaultCall call, VaultKey key)
    {
        var parts = store.PublicKey;
        return new JsonObject
        {
            ["key"] = new JsonObject
            {
                ["kid"] = Id(call, key, version: true),
                ["kty"] = "RSA",
                ["key_ops"] = new JsonArray("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"),
                ["n"] = Url(parts.Modulus!),
                ["e"] = Url(parts.Exponent!),
            },
            ["attributes"] = Attributes(call, key),
        };
    }

    private static JsonObject Attributes(VaultCall call, VaultKey key)
    {
        var attributes = new JsonObject { ["enabled"] = key.Enabled };
        if (key.NotBefore is { } from) attributes["nbf"] = from;
        if (key.Expires is { } to) attributes["exp"] = to;
        attributes["created"] = key.Created.ToUnixTimeSeconds();
        attributes["updated"] = key.Updated.ToUnixTimeSeconds();
        attributes["recoveryLevel"] = call.Vault.RecoveryLevel;
        attributes["recoverableDays"] = call.Vault.RetentionDays;
        return attributes;
    }

    private string Id(VaultCall call, VaultKey key, bool version) => $"{vaults.UriOf(call.Vault.Name)}keys/{key.Name}{(version ? $"/{key.Version}" : "")}";

    private static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static VaultError NotFound(string name) => new(404, "KeyNotFound", $"A key with (name/id) {name} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command.");
}
