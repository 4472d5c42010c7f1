using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Asks Azure what the signed-in principal may do where a step works, and what time it is elsewhere.</summary>
internal sealed class AccessProbe
{
    private readonly AzureConnection _connection;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    public AccessProbe(AzureConnection connection, TimeSpan patience, TimeProvider time)
    {
        _connection = connection;
        _patience = patience;
        _time = time;
    }

    /// <summary>Every step with the scope it works at, the locks that it takes away among them. Those of the region that is left only where it may be called.</summary>
    public Task<PermissionSight[]> LookAsync(RegionPair pair, PairRegion to, DbServer? replica, bool forced, IReadOnlyList<string> locked, CancellationToken cancellationToken)
    {
        var profile = pair.Traffic.ProfileId;
        var steps = new List<(string Step, string Scope, string[] Actions, bool Promotes)>
        {
            ("Set-HfTrafficEndpoint", $"{profile}/externalEndpoints/{pair.Traffic.EndpointName}", PermissionRules.Endpoint, false),
            ("Set-HfTrafficProfile", profile, PermissionRules.Lifetime, false),
        };
        if (replica is not null) steps.Add(("Invoke-HfDbFailover", replica.ResourceId, PermissionRules.Promotion, true));
        if (!forced)
        {
            if (replica?.SourceServerResourceId is { } primary) steps.Add(("Complete-HfFence", primary, PermissionRules.Fence, false));
            steps.Add(("New-HfReadReplica", $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{pair.OtherThan(to).ResourceGroup}", PermissionRules.Replica, false));
        }

        steps.AddRange(locked.Select(scope => ("Unlock-HfResource", scope, PermissionRules.Locks, false)));
        return Task.WhenAll(steps.Select(async s => new PermissionSight(s.Step, s.Scope, s.Actions, s.Promotes, await GrantsAsync(s.Scope, cancellationToken).ConfigureAwait(false))));
    }

    /// <summary>Azure's clock, and the replica's database's.</summary>
    public Task<Glimpse<ClockSight>[]> ClocksAsync(RegionPair pair, DbServer? replica, CancellationToken cancellationToken)
    {
        var clocks = new List<Task<Glimpse<ClockSight>>>();
        if (_connection.Arm is IArmClock arm) clocks.Add(Glimpse.OfAsync(token => AzureAsync(arm, pair, token), _patience, _time, cancellationToken));
        if (replica is not null && _connection.Databases.Asks(replica.HostName)) clocks.Add(Glimpse.OfAsync<ClockSight>(async token => await DatabaseAsync(replica, token).ConfigureAwait(false), _patience, _time, cancellationToken));
        return Task.WhenAll(clocks);
    }

    private Task<Glimpse<IReadOnlyList<Grant>>> GrantsAsync(string scope, CancellationToken cancellationToken) => Glimpse.OfAsync<IReadOnlyList<Grant>>(
        async token => [.. (await _connection.Arm.ListAsync($"{scope}/providers/Microsoft.Authorization/permissions", ApiVersions.Permissions, token).ConfigureAwait(false)).Select(e => new Grant(Words(e, "actions"), Words(e, "notActions")))],
        _patience, _time, cancellationToken);

    private static string[] Words(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Where(w => w.ValueKind == JsonValueKind.String).Select(w => w.GetString()!)] : [];

    private static async Task<ClockSight?> AzureAsync(IArmClock arm, RegionPair pair, CancellationToken cancellationToken)
    {
        // The header has whole seconds: half of one is right on average.
        return await arm.ReadClockAsync(pair.Traffic.ProfileId, ApiVersions.TrafficManager, cancellationToken).ConfigureAwait(false) is { } reading
            ? Sight("Azure", reading.Said.AddSeconds(0.5), reading.Before, reading.After, 0.5)
            : null;
    }

    private async Task<ClockSight> DatabaseAsync(DbServer replica, CancellationToken cancellationToken)
    {
        var session = await _connection.Databases.OpenAsync(replica.HostName, _patience, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            var before = _time.GetUtcNow();
            var seen = await session.ObserveAsync(cancellationToken).ConfigureAwait(false);
            return Sight(replica.Name, seen.ServerTime, before, _time.GetUtcNow(), 0);
        }
    }

    internal static ClockSight Sight(string whose, DateTimeOffset said, DateTimeOffset before, DateTimeOffset after, double grain)
    {
        var half = (after - before) / 2;
        return new(whose, (said - (before + half)).TotalSeconds, half.TotalSeconds + grain);
    }
}
