using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>One Key Vault request after its token was checked.</summary>
internal sealed record VaultCall
{
    public required VaultInfo Vault { get; init; }

    public required string Method { get; init; }

    public required string[] Path { get; init; }

    public required string ApiVersion { get; init; }

    public required Func<string, string> Query { get; init; }

    /// <summary>The body as an object; throws <see cref="VaultError"/> when it is none.</summary>
    public required Func<JsonObject> Body { get; init; }

    /// <summary>Throws <see cref="VaultError"/> (403) unless the caller may do the data action to the resource.</summary>
    public required Action<string, string> Demand { get; init; }
}

/// <summary>Secrets: get, set, update, list, versions, delete, and what follows a soft deletion.</summary>
internal sealed partial class SecretOperations(VaultDirectory vaults, SecretStore store)
{
    private const int LargestPage = 25;
    private const int LongestValue = 25 * 1024;

    public (int Status, JsonNode? Body) Answer(VaultCall call)
    {
        if (call.Path is [var area, var named, ..] && Is(area, "secrets", "deletedsecrets") && !NamePattern().IsMatch(named))
            throw VaultError.BadParameter($"The request URI contains an invalid name: {named}");
        return (call.Method, call.Path) switch
        {
            ("GET", [var a]) when Is(a, "secrets") => (200, List(call)),
            ("GET", [var a, var name, var b]) when Is(a, "secrets") && Is(b, "versions") => (200, Versions(call, name)),
            ("GET", [var a, var name]) when Is(a, "secrets") => (200, Get(call, name, null)),
            ("GET", [var a, var name, var version]) when Is(a, "secrets") => (200, Get(call, name, version)),
            ("PUT", [var a, var name]) when Is(a, "secrets") => (200, Set(call, name)),
            ("PATCH", [var a, var name]) when Is(a, "secrets") => (200, Update(call, name, null)),
            ("PATCH", [var a, var name, var version]) when Is(a, "secrets") => (200, Update(call, name, version)),
            ("DELETE", [var a, var name]) when Is(a, "secrets") => (200, Delete(call, name)),
            ("GET", [var a]) when Is(a, "deletedsecrets") => (200, ListDeleted(call)),
            ("GET", [var a, var name]) when Is(a, "deletedsecrets") => (200, GetDeleted(call, name)),
            ("POST", [var a, var name, var b]) when Is(a, "deletedsecrets") && Is(b, "recover") => (200, Recover(call, name)),
            ("DELETE", [var a, var name]) when Is(a, "deletedsecrets") => Purge(call, name),
            (_, [var a, ..]) when Is(a, "secrets", "deletedsecrets") => throw new VaultError(405, "MethodNotAllowed", $"The HTTP method {call.Method} is not allowed here."),
            _ => throw new VaultError(404, "NotFound", "The sandbox's vaults hold secrets and certificates only."),
        };
    }

    private JsonObject Get(VaultCall call, string name, string? version)
    {
        call.Demand("getSecret/action", $"secrets/{name}");
        var secret = store.Find(call.Vault.Name, name) ?? throw VaultError.NotFound(name);
        var found = string.IsNullOrEmpty(version) ? secret.Latest : secret.Versions.FirstOrDefault(v => ArmPath.Same(v.Version, version)) ?? throw VaultError.NotFound($"{name}/{version}");
        if (!found.Enabled) throw new VaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
        return Bundle(call.Vault, secret.Name, found, value: true);
    }

    private JsonObject Set(VaultCall call, string name)
    {
        call.Demand("setSecret/action", $"secrets/{name}");
        var body = call.Body();
        if (store.Find(call.Vault.Name, name) is { Latest.Certificate: true }) throw new VaultError(409, "Conflict", $"A certificate with the name {name} is there: its secret is written with it.", "ObjectIsManaged");
        var value = body.Text("value") ?? throw VaultError.BadParameter("The property 'value' is required.");
        if (Encoding.UTF8.GetByteCount(value) > LongestValue) throw VaultError.BadParameter($"The secret value is longer than {LongestValue} bytes.");
        var version = Changed(new SecretVersion { Version = "", Value = value, Created = default, Updated = default }, body);
        if (!store.TrySet(call.Vault.Name, name, version, out var made))
            throw new VaultError(409, "Conflict", $"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.", "ObjectIsDeletedButRecoverable");
        return Bundle(call.Vault, store.Find(call.Vault.Name, name)!.Name, made, value: true);
    }

    private JsonObject Update(VaultCall call, string name, string? version)
    {
        call.Demand("update/action", $"secrets/{name}");
        var body = call.Body();
        var changed = store.Change(call.Vault.Name, name, version, v => Changed(v, body)) ?? throw VaultError.NotFound(version is null ? name : $"{name}/{version}");
        return Bundle(call.Vault, store.Find(call.Vault.Name, name)!.Name, changed, value: false);
    }

    private JsonObject Delete(VaultCall call, string name)
    {
        call.Demand("delete", $"secrets/{name}");
        return Bundle(call.Vault, store.Delete(call.Vault.Name, name, call.Vault.RetentionDays) ?? throw VaultError.NotFound(name), version: true);
    }

    private JsonObject GetDeleted(VaultCall call, string name)
    {
        call.Demand("getSecret/action", $"deletedsecrets/{name}");
        return Bundle(call.Vault, store.FindDeleted(call.Vault.Name, name) ?? throw VaultError.DeletedNotFound(name), version: true);
    }

    private JsonObject Recover(VaultCall call, string name)
    {
        call.Demand("recover/action", $"deletedsecrets/{name}");
        var secret = store.Recover(call.Vault.Name, name) ?? throw VaultError.DeletedNotFound(name);
        return Bundle(call.Vault, secret.Name, secret.Latest, value: false);
    }

    private (int Status, JsonNode? Body) Purge(VaultCall call, string name)
    {
        call.Demand("purge/action", $"deletedsecrets/{name}");
        if (store.FindDeleted(call.Vault.Name, name) is null) throw VaultError.DeletedNotFound(name);
        if (call.Vault.PurgeProtection) throw new VaultError(403, "Forbidden", "Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.", "ForbiddenByPolicy");
        store.Purge(call.Vault.Name, name);
        return (204, null);
    }

    private JsonObject List(VaultCall call)
    {
        call.Demand("readMetadata/action", "secrets");
        return Page(call, "secrets", [.. store.All(call.Vault.Name).Select(s => Item(call.Vault, s.Name, s.Latest, version: false))]);
    }

    private JsonObject Versions(VaultCall call, string name)
    {
        call.Demand("readMetadata/action", $"secrets/{name}");
        // Key Vault orders versions by their hash, not by time.
        var versions = store.Find(call.Vault.Name, name) is { } secret ? secret.Versions.OrderBy(v => v.Version, StringComparer.Ordinal).Select(v => Item(call.Vault, secret.Name, v, version: true)) : [];
        return Page(call, $"secrets/{name}/versions", [.. versions]);
    }

    private JsonObject ListDeleted(VaultCall call)
    {
        call.Demand("readMetadata/action", "deletedsecrets");
        return Page(call, "deletedsecrets", [.. store.AllDeleted(call.Vault.Name).Select(d => Bundle(call.Vault, d, version: false))]);
    }

    internal JsonObject Page(VaultCall call, string path, List<JsonObject> items)
    {
        var size = LargestPage;
        if (call.Query("maxresults") is { Length: > 0 } asked && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > LargestPage))
            throw VaultError.BadParameter($"The value of maxresults must be from 1 to {LargestPage}.");
        var start = 0;
        if (call.Query("$skiptoken") is { Length: > 0 } token && !int.TryParse(Unwrap(token), NumberStyles.None, CultureInfo.InvariantCulture, out start)) throw VaultError.BadParameter("The $skiptoken is not valid.");
        var next = start + size < items.Count
            ? string.Create(CultureInfo.InvariantCulture, $"{vaults.UriOf(call.Vault.Name)}{path}?api-version={call.ApiVersion}&$skiptoken={Wrap(start + size)}&maxresults={size}")
            : null;
        return new JsonObject { ["value"] = new JsonArray([.. items.Skip(start).Take(size)]), ["nextLink"] = next };
    }

    private static string Wrap(int at) => Convert.ToBase64String(Encoding.ASCII.GetBytes(at.ToString(CultureInfo.InvariantCulture))).TrimEnd('=');

    private static string Unwrap(string token)
    {
        var bytes = new byte[token.Length + 4];
        return Convert.TryFromBase64String(token.PadRight((token.Length + 3) / 4 * 4, '='), bytes, out var length) ? Encoding.ASCII.GetString(bytes, 0, length) : "-";
    }

    /// <summary>A version with what a body says: members that are absent stay as they are.</summary>
    private static SecretVersion Changed(SecretVersion version, JsonObject body)
    {
        if (body.ContainsKey("contentType")) version = version with { ContentType = body.Text("contentType") };
        if (body["tags"] is JsonObject tags) version = version with { Tags = (JsonObject)tags.DeepClone() };
        if (body["attributes"] is not JsonObject attributes) return version;
        if (attributes["enabled"] is { } enabled) version = version with { Enabled = enabled.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw VaultError.BadParameter("attributes.enabled must be true or false.") } };
        if (attributes.ContainsKey("nbf")) version = version with { NotBefore = attributes.Whole("nbf") };
        if (attributes.ContainsKey("exp")) version = version with { Expires = attributes.Whole("exp") };
        return version is { NotBefore: { } from, Expires: { } to } && from > to ? throw VaultError.BadParameter("Property nbf must not be greater than property exp.") : version;
    }

    private JsonObject Bundle(VaultInfo vault, string name, SecretVersion version, bool value)
    {
        var item = Item(vault, name, version, version: true);
        if (value) item.Insert(0, "value", version.Value);
        return item;
    }

    private JsonObject Bundle(VaultInfo vault, DeletedSecret deleted, bool version)
    {
        var item = Item(vault, deleted.Secret.Name, deleted.Secret.Latest, version);
        item["recoveryId"] = $"{vaults.UriOf(vault.Name)}deletedsecrets/{deleted.Secret.Name}";
        item["deletedDate"] = deleted.Deleted.ToUnixTimeSeconds();
        item["scheduledPurgeDate"] = deleted.Purge.ToUnixTimeSeconds();
        return item;
    }

    private JsonObject Item(VaultInfo vault, string name, SecretVersion secret, bool version)
    {
        var attributes = new JsonObject { ["enabled"] = secret.Enabled };
        if (secret.NotBefore is { } from) attributes["nbf"] = from;
        if (secret.Expires is { } to) attributes["exp"] = to;
        attributes["created"] = secret.Created.ToUnixTimeSeconds();
        attributes["updated"] = secret.Updated.ToUnixTimeSeconds();
        attributes["recoveryLevel"] = vault.RecoveryLevel;
        attributes["recoverableDays"] = vault.RetentionDays;
        var item = new JsonObject();
        if (secret.ContentType is not null) item["contentType"] = secret.ContentType;
        item["id"] = $"{vaults.UriOf(vault.Name)}secrets/{name}{(version ? $"/{secret.Version}" : "")}";
        item["attributes"] = attributes;
        if (secret.Certificate)
        {
            item["managed"] = true;
            item["kid"] = $"{vaults.UriOf(vault.Name)}keys/{name}/{secret.Version}";
        }

        if (secret.Tags is not null) item["tags"] = secret.Tags.DeepClone();
        return item;
    }

    private static bool Is(string word, params string[] words) => words.Contains(word, StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}$")]
    private static partial Regex NamePattern();
}
