using System.Globalization;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;

namespace Highflame.Dr.Engine.Settings;

/// <summary>A server parameter that somebody has set.</summary>
internal sealed record SetParameter(string Name, string Value, bool Dynamic);

/// <summary>A Microsoft Entra administrator of a server.</summary>
internal sealed record EntraAdministrator(string ObjectId, string PrincipalName, string PrincipalType, string? TenantId);

/// <summary>A lock at the server itself.</summary>
internal sealed record ServerLock(string Name, string Level, string? Notes);

/// <summary>
/// The settings of a server that a promotion does not carry over to its replica (reference/azure-facts.md section 1.4). Journaled as the fact <see cref="FactName"/> when a run
/// begins: afterwards the old primary may be gone. It holds no secret.
/// </summary>
internal sealed record ServerSettings
{
    public const string FactName = "settings";

    /// <summary>The write fence sets it; it is never carried over.</summary>
    private const string FenceParameter = "default_transaction_read_only";

    public required string ServerId { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Disabled, SameZone or ZoneRedundant.</summary>
    public string HighAvailability { get; init; } = "Disabled";

    public int? BackupRetentionDays { get; init; }

    /// <summary>Enabled or Disabled. Azure takes it at creation only.</summary>
    public string? GeoRedundantBackup { get; init; }

    public bool EntraAuthentication { get; init; }

    /// <summary>Null when they could not be read.</summary>
    public EntraAdministrator[]? Administrators { get; init; }

    public SetParameter[] Parameters { get; init; } = [];

    /// <summary>Null when they could not be read.</summary>
    public ServerLock[]? Locks { get; init; }

    public Dictionary<string, string> Tags { get; init; } = [];

    /// <summary>Values of all parameters by name; not journaled.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads them. Administrators and locks, which need rights of their own, may stay unknown. Errors: HfServerNotFound and those of ARM.</summary>
    public static async Task<ServerSettings> ReadAsync(IArm arm, string serverId, TimeProvider time, CancellationToken cancellationToken)
    {
        var reading = arm.ListAsync($"{serverId}/configurations", ApiVersions.FlexibleServers, cancellationToken);
        var readingLocks = TryListAsync(arm, $"{serverId}/providers/Microsoft.Authorization/locks", ApiVersions.Locks, cancellationToken);
        var readingAdministrators = TryListAsync(arm, $"{serverId}/administrators", ApiVersions.FlexibleServers, cancellationToken);
        var document = await arm.TryGetAsync(serverId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfServerNotFound", DrErrorKind.NotFound, "There is no flexible server with this resource id.", serverId, "See the servers with Get-HfDbServer.");
        return From(document, await reading.ConfigureAwait(false), await readingLocks.ConfigureAwait(false), await readingAdministrators.ConfigureAwait(false), serverId, time.GetUtcNow());
    }

    internal static ServerSettings From(JsonElement document, IReadOnlyList<JsonElement> parameters, IReadOnlyList<JsonElement>? locks, IReadOnlyList<JsonElement>? administrators, string serverId, DateTimeOffset at)
    {
        var scope = serverId + "/providers/Microsoft.Authorization/locks/";
        return new()
        {
            ServerId = serverId,
            TakenAt = at,
            HighAvailability = Text(document, "properties", "highAvailability", "mode") ?? "Disabled",
            BackupRetentionDays = Node(document, "properties", "backup", "backupRetentionDays") is { ValueKind: JsonValueKind.Number } days ? days.GetInt32() : null,
            GeoRedundantBackup = Text(document, "properties", "backup", "geoRedundantBackup"),
            EntraAuthentication = Is(Text(document, "properties", "authConfig", "activeDirectoryAuth"), "Enabled"),
            Administrators = administrators is null ? null : [.. administrators.Select(Administrator).OfType<EntraAdministrator>()],
            Parameters =
            [
                .. parameters.Where(p => Is(Text(p, "properties", "source"), "user-override") && Node(p, "properties", "isReadOnly") is not { ValueKind: JsonValueKind.True })
                    .Select(p => new SetParameter(Text(p, "name") ?? "", Text(p, "properties", "value") ?? "", Node(p, "properties", "isDynamicConfig") is not { ValueKind: JsonValueKind.False }))
                    // transaction_read_only and its like are the state of the session that asked, not a setting of the server.
                    .Where(p => p.Name.Length > 0 && p.Name != FenceParameter && !p.Name.StartsWith("transaction_", StringComparison.Ordinal)),
            ],
            Locks = locks is null ? null : [.. locks.Where(l => Text(l, "id")?.StartsWith(scope, StringComparison.OrdinalIgnoreCase) == true).Select(l => new ServerLock(Text(l, "name") ?? "lock", Text(l, "properties", "level") ?? "CanNotDelete", Text(l, "properties", "notes")))],
            Tags = Node(document, "tags") is { ValueKind: JsonValueKind.Object } tags ? tags.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.ToString(), StringComparer.OrdinalIgnoreCase) : [],
            Values = parameters.Where(p => Text(p, "name") is not null).ToDictionary(p => Text(p, "name")!, p => Text(p, "properties", "value") ?? "", StringComparer.OrdinalIgnoreCase),
        };
    }

    private static EntraAdministrator? Administrator(JsonElement document) =>
        (Text(document, "properties", "objectId") ?? Text(document, "name"), Text(document, "properties", "principalName"), Text(document, "properties", "principalType")) is ({ } id, { } name, { } type)
            ? new(id, name, type, Text(document, "properties", "tenantId"))
            : null;

    private static async Task<IReadOnlyList<JsonElement>?> TryListAsync(IArm arm, string path, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await arm.ListAsync(path, version, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException unknown) when (!unknown.EndsPipeline)
        {
            return null;
        }
    }

    private static bool Is(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string? Text(JsonElement element, params string[] path) => Node(element, path) is { } found
        ? found.ValueKind switch { JsonValueKind.String => found.GetString(), JsonValueKind.Number => found.GetDouble().ToString(CultureInfo.InvariantCulture), _ => null }
        : null;

    private static JsonElement? Node(JsonElement element, params string[] path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return null;
        return element;
    }
}
