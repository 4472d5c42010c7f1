using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Vaults;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Looks at a server's key, through the data plane of its vault, and at the room on its disk.</summary>
internal sealed class ServerProbe
{
    private readonly AzureConnection _connection;
    private readonly AzureInventory _inventory;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    public ServerProbe(AzureConnection connection, AzureInventory inventory, TimeSpan patience, TimeProvider time)
    {
        _connection = connection;
        _inventory = inventory;
        _patience = patience;
        _time = time;
    }

    public async Task<ServerSight> LookAsync(string serverId, bool promoted, CancellationToken cancellationToken)
    {
        var sight = new ServerSight(AzureId.NameOf(serverId), promoted);
        var percent = LookAsync<object>(async token => await _inventory.GetStoragePercentAsync(serverId, token).ConfigureAwait(false), cancellationToken);
        var document = await LookAsync<Boxed>(async token => await _connection.Arm.TryGetAsync(serverId, ApiVersions.FlexibleServers, token).ConfigureAwait(false) is { } found ? new Boxed(found) : null, cancellationToken).ConfigureAwait(false);
        sight = sight with { StoragePercent = await percent.ConfigureAwait(false) };
        if (document.Value is not { } server) return sight with { Problem = document.Problem ?? "Azure does not know it." };
        var encryption = Child(Child(server.Document, "properties"), "dataEncryption");
        var storage = Child(Child(Child(server.Document, "properties"), "storage"), "storageSizeGB");
        sight = sight with
        {
            KeyId = AzureWord.Is(Text(encryption, "type"), "AzureKeyVault") ? Text(encryption, "primaryKeyURI") : null,
            KeyStatus = Text(encryption, "primaryEncryptionKeyStatus"),
            StorageGB = storage.ValueKind == JsonValueKind.Number ? storage.GetInt32() : null,
        };
        if (!Uri.TryCreate(sight.KeyId, UriKind.Absolute, out var key)) return sight;
        return sight with { Key = await LookAsync<VaultItem>(async token => await _connection.Vaults.GetKeyAsync(key, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false) };
    }

    private Task<Glimpse<T>> LookAsync<T>(Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
        => Glimpse.OfAsync(look, _patience, _time, cancellationToken);

    private static JsonElement Child(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var child) ? child : default;

    private static string? Text(JsonElement element, string name) => Child(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private sealed record Boxed(JsonElement Document);
}
