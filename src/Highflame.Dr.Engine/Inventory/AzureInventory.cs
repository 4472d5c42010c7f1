using System.Globalization;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Inventory;

/// <summary>The inventory of one connection: single resources. Lists of servers are in <see cref="ServerListing"/>.</summary>
internal sealed class AzureInventory : IInventory
{
    private readonly IArm _arm;
    private readonly string _subscriptionId;
    private readonly TimeProvider _time;
    private readonly Action<string, string>? _warn;
    private readonly ServerListing _listing;

    /// <param name="arm">Azure Resource Manager.</param>
    /// <param name="subscriptionId">Where names are looked for.</param>
    /// <param name="time">Clock.</param>
    /// <param name="warn">Told the resource group of what Azure does not answer for, and the words for it.</param>
    public AzureInventory(IArm arm, string subscriptionId, TimeProvider time, Action<string, string>? warn = null)
    {
        _arm = arm;
        _subscriptionId = subscriptionId;
        _time = time;
        _warn = warn;
        _listing = new(arm, subscriptionId, warn);
    }

    /// <summary>The inventory as one call of the engine needs it; what could not be read is told to the observer.</summary>
    public static AzureInventory Of(AzureConnection connection, IDrObserver? observer = null) =>
        new(connection.Arm, connection.Context.SubscriptionId, connection.Time, observer is null ? null : (group, words) =>
        {
            if (connection.IsNews(group)) observer.Warning(words);
            else observer.Verbose(words);
        });

    public async Task<DbServer> GetServerAsync(string nameOrId, string? resourceGroup, CancellationToken cancellationToken)
    {
        if (AzureId.LooksLikeId(nameOrId))
        {
            return await TryGetServerAsync(RequireServerId(nameOrId), cancellationToken).ConfigureAwait(false)
                ?? throw NotFound(nameOrId, "There is no flexible server with this resource id.");
        }
        var found = await _listing.FindAsync(nameOrId, resourceGroup, cancellationToken).ConfigureAwait(false);
        return found switch
        {
            [var only] => only,
            [] => throw NotFound(nameOrId, resourceGroup is null ? $"Subscription {_subscriptionId} has no flexible server '{nameOrId}'." : $"Resource group '{resourceGroup}' has no flexible server '{nameOrId}'."),
            _ => throw new DrException("HfServerAmbiguous", DrErrorKind.InvalidArgument, $"'{nameOrId}' stands for {found.Count} servers: {string.Join(", ", found.Select(s => $"{s.ResourceGroup}/{s.Name}"))}.", nameOrId,
                "Give the resource group or the resource id."),
        };
    }

    public async Task<DbServer?> TryGetServerAsync(string resourceId, CancellationToken cancellationToken)
    {
        try
        {
            var document = await _arm.TryGetAsync(resourceId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
            return document is { } found ? ServerMapping.From(WireJson.Read(found, WireJson.Default.ServerWire, resourceId), resourceId) : null;
        }
        catch (DrException failure) when (failure.ErrorId == "HfArmUnavailable")
        {
            _warn?.Invoke(AzureId.GroupOf(resourceId), $"Azure does not answer for {AzureId.NameOf(resourceId)}: {failure.Message}");
            return await _listing.UnansweredAsync(resourceId, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<IReadOnlyList<DbServer>> GetServersAsync(DbServerQuery query, CancellationToken cancellationToken)
    {
        if (query.ResourceId is not null) return [await GetServerAsync(query.ResourceId, null, cancellationToken).ConfigureAwait(false)];
        if (query.Name is not null && !ServerListing.IsWildcard(query.Name) && query.Pair is null)
            return [await GetServerAsync(query.Name, query.ResourceGroup, cancellationToken).ConfigureAwait(false)];
        var servers = await _listing.ListAsync(query, cancellationToken).ConfigureAwait(false);
        if (servers.Count == 0 && query.Name is not null && !ServerListing.IsWildcard(query.Name)) throw NotFound(query.Name, $"No resource group of the pair has a flexible server '{query.Name}'.");
        return servers;
    }

    public async Task<IReadOnlyList<DbServer>> GetReplicasAsync(string primaryId, CancellationToken cancellationToken)
    {
        var items = await _arm.ListAsync(primaryId + "/replicas", ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        return [.. items.Select(i => ServerMapping.From(WireJson.Read(i, WireJson.Default.ServerWire, primaryId), primaryId))];
    }

    public async Task<string?> GetParameterAsync(string serverId, string parameter, CancellationToken cancellationToken)
    {
        var document = await _arm.TryGetAsync($"{serverId}/configurations/{Uri.EscapeDataString(parameter)}", ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        return document is { } found ? WireJson.Read(found, WireJson.Default.ParameterWire, serverId).Properties?.Value : null;
    }

    public async Task<IReadOnlyList<ResourceLock>> GetLocksAsync(string resourceId, CancellationToken cancellationToken)
    {
        const string Locks = "/providers/Microsoft.Authorization/locks";
        var id = AzureId.TryParse(resourceId) ?? throw new DrException("HfResourceIdInvalid", DrErrorKind.InvalidArgument, "This is not the id of a resource in a resource group.", resourceId, "Give a full resource id.");
        // Whether the list at a resource also shows inherited locks differs by service version: ask each scope and join.
        var subscription = $"/subscriptions/{id.SubscriptionId}";
        string[] scopes = [resourceId, $"{subscription}/resourceGroups/{id.ResourceGroupName}", subscription];
        var lists = await Task.WhenAll(scopes.Select(scope => LocksAtAsync(scope + Locks, optional: scope == subscription, cancellationToken))).ConfigureAwait(false);
        var locks = new Dictionary<string, ResourceLock>(StringComparer.OrdinalIgnoreCase);
        foreach (var document in lists.SelectMany(l => l))
        {
            var wire = WireJson.Read(document, WireJson.Default.LockWire, resourceId);
            if (wire.Id?.IndexOf(Locks, StringComparison.OrdinalIgnoreCase) is not (>= 0 and var end)) continue;
            var scope = wire.Id[..end];
            // The list of a group or subscription shows the locks of everything in it.
            if (!AzureId.Same(scope, resourceId) && !resourceId.StartsWith(scope + "/", StringComparison.OrdinalIgnoreCase)) continue;
            locks[wire.Id] = new(wire.Name ?? AzureId.NameOf(wire.Id), wire.Properties?.Level ?? "Unknown", scope)
            {
                Id = wire.Id,
                Notes = wire.Properties?.Notes,
                Properties = document.TryGetProperty("properties", out var properties) ? properties.GetRawText() : "{}",
            };
        }
        return [.. locks.Values];
    }

    /// <summary>A principal with roles on resource groups only may not read what stands above them.</summary>
    private async Task<IReadOnlyList<JsonElement>> LocksAtAsync(string path, bool optional, CancellationToken cancellationToken)
    {
        try
        {
            return await _arm.ListAsync(path, ApiVersions.Locks, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException refused) when (optional && refused.ErrorId == "HfPermissionDenied")
        {
            return [];
        }
    }

    public async Task<TrafficProfile> GetProfileAsync(string profileId, CancellationToken cancellationToken)
    {
        if (AzureId.TryParse(profileId) is not { } id || !AzureId.IsOfType(id, AzureId.TrafficProfile))
            throw new DrException("HfProfileIdInvalid", DrErrorKind.InvalidArgument, "This is not the resource id of a Traffic Manager profile.", profileId, "Give an id that ends with /providers/Microsoft.Network/trafficManagerProfiles/NAME.");
        var document = await _arm.TryGetAsync(profileId, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfProfileNotFound", DrErrorKind.NotFound, "There is no Traffic Manager profile with this resource id.", profileId, "Check the subscription, the resource group and the profile's name.");
        return TrafficMapping.From(WireJson.Read(document, WireJson.Default.ProfileWire, profileId), profileId);
    }

    /// <summary>Every profile of the subscription.</summary>
    public async Task<IReadOnlyList<TrafficProfile>> GetProfilesAsync(CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{_subscriptionId}/providers/Microsoft.Network/trafficmanagerprofiles";
        var items = await _arm.ListAsync(path, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false);
        return [.. items.Select(i => TrafficMapping.From(WireJson.Read(i, WireJson.Default.ProfileWire, path), path))];
    }

    public async Task<TrafficEndpoint> GetEndpointAsync(string endpointId, CancellationToken cancellationToken)
    {
        var profileId = ProfileIdOf(endpointId);
        var document = await _arm.TryGetAsync(endpointId, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfEndpointNotFound", DrErrorKind.NotFound, "There is no Traffic Manager endpoint with this resource id.", endpointId, "See the endpoints with Get-HfTrafficEndpoint.");
        return TrafficMapping.From(WireJson.Read(document, WireJson.Default.EndpointWire, endpointId), profileId);
    }

    /// <summary>The profile that an endpoint belongs to. Errors: HfEndpointIdInvalid.</summary>
    public static string ProfileIdOf(string endpointId)
    {
        var id = AzureId.TryParse(endpointId);
        if (id?.Parent is { } parent && AzureId.IsOfType(parent, AzureId.TrafficProfile)) return string.Join('/', endpointId.TrimEnd('/').Split('/')[..^2]);
        throw new DrException("HfEndpointIdInvalid", DrErrorKind.InvalidArgument, "This is not the resource id of a Traffic Manager endpoint.", endpointId,
            "Give an id that ends with /trafficManagerProfiles/PROFILE/externalEndpoints/NAME.");
    }

    public Task<double?> GetLagSecondsMetricAsync(string replicaId, CancellationToken cancellationToken) => GetMetricAsync(replicaId, "physical_replication_delay_in_seconds", cancellationToken);

    /// <summary>Latest storage_percent of a server, from Azure Monitor; null when there is none.</summary>
    public Task<double?> GetStoragePercentAsync(string serverId, CancellationToken cancellationToken) => GetMetricAsync(serverId, "storage_percent", cancellationToken);

    private async Task<double?> GetMetricAsync(string serverId, string metric, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var span = string.Create(CultureInfo.InvariantCulture, $"{now.AddMinutes(-10):yyyy-MM-ddTHH:mm:ssZ}/{now:yyyy-MM-ddTHH:mm:ssZ}");
        var path = $"{serverId}/providers/Microsoft.Insights/metrics?metricnames={metric}&timespan={Uri.EscapeDataString(span)}&interval=PT1M&aggregation=Maximum";
        var document = await _arm.TryGetAsync(path, ApiVersions.Metrics, cancellationToken).ConfigureAwait(false);
        if (document is not { } found) return null;
        return WireJson.Read(found, WireJson.Default.MetricsWire, serverId).Value?
            .SelectMany(m => m.Timeseries ?? []).SelectMany(t => t.Data ?? [])
            .Where(p => p.Maximum is not null).OrderByDescending(p => p.TimeStamp).FirstOrDefault()?.Maximum;
    }

    /// <summary>
    /// Asks Azure whether a server's name is free anywhere. The question is one to the subscription: to a principal with roles on resource groups only it is
    /// refused, and the name counts as free; the creation then tells.
    /// </summary>
    public async Task<bool> IsServerNameFreeAsync(string subscriptionId, string name, CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{subscriptionId}/providers/Microsoft.DBforPostgreSQL/checkNameAvailability";
        try
        {
            var answer = await _arm.WriteAsync(HttpMethod.Post, path, ApiVersions.FlexibleServers, new { name, type = AzureId.FlexibleServer }, cancellationToken).ConfigureAwait(false);
            return answer.Body is { } body && WireJson.Read(body, WireJson.Default.NameAvailabilityWire, path).NameAvailable == true;
        }
        catch (DrException refused) when (refused.ErrorId == "HfPermissionDenied")
        {
            return true;
        }
    }

    private static string RequireServerId(string text) => AzureId.TryParse(text) is { } id && AzureId.IsOfType(id, AzureId.FlexibleServer)
        ? text
        : throw new DrException("HfServerIdInvalid", DrErrorKind.InvalidArgument, "This is not the resource id of a PostgreSQL flexible server.", text,
            $"Give an id that ends with /providers/{AzureId.FlexibleServer}/NAME.");

    private static DrException NotFound(string target, string message) =>
        new("HfServerNotFound", DrErrorKind.NotFound, message, target, "See the servers with Get-HfDbServer.");
}
