using System.IO.Enumeration;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>
/// Lists of servers. PostgreSQL's own list has the properties but needs each region to answer; the generic resource list has only names and locations, but
/// answers while a region is down. Both are read, and a server that only the second one knows is shown as Unknown.
/// </summary>
internal sealed class ServerListing
{
    private readonly IArm _arm;
    private readonly string _subscriptionId;
    private readonly Action<string, string>? _warn;

    public ServerListing(IArm arm, string subscriptionId, Action<string, string>? warn)
    {
        _arm = arm;
        _subscriptionId = subscriptionId;
        _warn = warn;
    }

    public static bool IsWildcard(string name) => name.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>Servers of one exact name.</summary>
    public Task<IReadOnlyList<DbServer>> FindAsync(string name, string? resourceGroup, CancellationToken cancellationToken) =>
        ListAsync(new(name, resourceGroup), cancellationToken);

    /// <summary>Servers that match the query, ordered by resource group and name.</summary>
    public async Task<IReadOnlyList<DbServer>> ListAsync(DbServerQuery query, CancellationToken cancellationToken)
    {
        var groups = query.Pair is { } pair ? pair.Regions.Select(r => r.ResourceGroup).Distinct(StringComparer.OrdinalIgnoreCase).ToArray()
            : query.ResourceGroup is { } group ? [group] : null;
        var subscription = $"/subscriptions/{query.Pair?.SubscriptionId ?? _subscriptionId}";
        string[] scopes = groups is null ? [subscription] : [.. groups.Select(g => $"{subscription}/resourceGroups/{Uri.EscapeDataString(g)}")];
        // A group that is down must not hide the other: each scope is read for itself.
        var lists = await Task.WhenAll(scopes.Select(scope => ListScopeAsync(scope, cancellationToken))).ConfigureAwait(false);
        return [.. lists.SelectMany(l => l)
            .Where(s => query.Name is null || FileSystemName.MatchesSimpleExpression(query.Name, s.Name, ignoreCase: true))
            .OrderBy(s => s.ResourceGroup, StringComparer.OrdinalIgnoreCase).ThenBy(s => s.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>A server whose region does not answer, with the location that the generic list has for it.</summary>
    public async Task<DbServer> UnansweredAsync(string resourceId, CancellationToken cancellationToken)
    {
        var known = Array.Empty<ResourceWire>();
        if (AzureId.TryParse(resourceId) is { } id)
            known = await TryListResourcesAsync($"/subscriptions/{id.SubscriptionId}/resourceGroups/{id.ResourceGroupName}", cancellationToken).ConfigureAwait(false) ?? [];
        return ServerMapping.Unanswered(resourceId, Array.Find(known, r => AzureId.Same(r.Id, resourceId))?.Location);
    }

    private async Task<IReadOnlyList<DbServer>> ListScopeAsync(string scope, CancellationToken cancellationToken)
    {
        var reading = ListServersAsync(scope, cancellationToken);
        var known = await TryListResourcesAsync(scope, cancellationToken).ConfigureAwait(false);
        List<DbServer> servers;
        try
        {
            servers = await reading.ConfigureAwait(false);
        }
        catch (DrException failure) when (failure.ErrorId == "HfArmUnavailable" && known is not null)
        {
            _warn?.Invoke(AzureId.NameOf(scope), $"Azure does not list the flexible servers of {AzureId.NameOf(scope)}: {failure.Message}");
            servers = [.. await Task.WhenAll(known.Where(r => r.Id is not null).Select(r => ReadOrUnansweredAsync(r, cancellationToken))).ConfigureAwait(false)];
        }
        foreach (var resource in known ?? [])
        {
            if (resource.Id is null || servers.Exists(s => AzureId.Same(s.ResourceId, resource.Id))) continue;
            // Named by the one list and not by the other: just deleted, just created, or its region is down. The server itself tells.
            if (await TryReadAsync(resource, cancellationToken).ConfigureAwait(false) is { } server) servers.Add(server);
        }
        return servers;
    }

    private async Task<List<DbServer>> ListServersAsync(string scope, CancellationToken cancellationToken)
    {
        var path = $"{scope}/providers/{AzureId.FlexibleServer}";
        try
        {
            var items = await _arm.ListAsync(path, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
            return [.. items.Select(i => ServerMapping.From(WireJson.Read(i, WireJson.Default.ServerWire, path), ""))];
        }
        catch (DrException failure) when (failure.ErrorId == "HfResourceNotFound")
        {
            throw new DrException("HfResourceGroupNotFound", DrErrorKind.NotFound, failure.Message, scope, "Check the resource group's name and the subscription.", failure);
        }
    }

    private async Task<DbServer> ReadOrUnansweredAsync(ResourceWire resource, CancellationToken cancellationToken) =>
        await TryReadAsync(resource, cancellationToken).ConfigureAwait(false) ?? ServerMapping.Unanswered(resource.Id!, resource.Location);

    /// <summary>Null when the server is gone; a server of state Unknown when Azure does not answer for it.</summary>
    private async Task<DbServer?> TryReadAsync(ResourceWire resource, CancellationToken cancellationToken)
    {
        try
        {
            var document = await _arm.TryGetAsync(resource.Id!, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
            return document is { } found ? ServerMapping.From(WireJson.Read(found, WireJson.Default.ServerWire, resource.Id!), resource.Id!) : null;
        }
        catch (DrException failure) when (failure.ErrorId == "HfArmUnavailable")
        {
            _warn?.Invoke(AzureId.GroupOf(resource.Id!), $"Azure does not answer for {resource.Name}: {failure.Message}");
            return ServerMapping.Unanswered(resource.Id!, resource.Location);
        }
    }

    /// <summary>Null when the generic list itself is not to be had.</summary>
    private async Task<ResourceWire[]?> TryListResourcesAsync(string scope, CancellationToken cancellationToken)
    {
        try
        {
            var filter = Uri.EscapeDataString($"resourceType eq '{AzureId.FlexibleServer}'");
            var items = await _arm.ListAsync($"{scope}/resources?$filter={filter}", ApiVersions.Resources, cancellationToken).ConfigureAwait(false);
            return [.. items.Select(Read)];
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            return null;
        }

        ResourceWire Read(JsonElement item) => WireJson.Read(item, WireJson.Default.ResourceWire, scope);
    }
}
