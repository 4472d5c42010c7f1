using Highflame.Dr.Sandbox.Arm.FlexibleServers;

namespace Highflame.Dr.Sandbox.Arm.Insights;

/// <summary>One sample of a server: null where there was nothing to measure.</summary>
internal sealed record MetricSample(DateTimeOffset At, double? Alive, double? DelaySeconds, double? DelayBytes, double? StoragePercent)
{
    public double? Value(string metric) => metric switch
    {
        "is_db_alive" => Alive,
        "physical_replication_delay_in_seconds" => DelaySeconds,
        "storage_percent" => StoragePercent,
        _ => DelayBytes,
    };
}

/// <summary>Samples of every server, taken every few seconds and whenever metrics are asked for; an hour of them is kept.</summary>
internal sealed class MetricSamples(ServerTable servers, TimeProvider time)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);
    private readonly Dictionary<string, List<MetricSample>> _samples = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_every, time, cancellationToken);
                foreach (var server in servers.All()) await TakeAsync(server, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
    }

    public async Task TakeAsync(Server server, CancellationToken cancellationToken)
    {
        var sample = new MetricSample(time.GetUtcNow(), await AliveAsync(server, cancellationToken), await SecondsAsync(server, cancellationToken), await BytesAsync(server, cancellationToken), await StorageAsync(server, cancellationToken));
        lock (_gate)
        {
            if (!_samples.TryGetValue(server.Id, out var list)) _samples[server.Id] = list = [];
            list.Add(sample);
            list.RemoveAll(s => s.At < sample.At - s_kept);
        }
    }

    public IReadOnlyList<MetricSample> Between(Server server, DateTimeOffset from, DateTimeOffset to)
    {
        lock (_gate) return _samples.TryGetValue(server.Id, out var list) ? [.. list.Where(s => s.At >= from && s.At <= to)] : [];
    }

    private async Task<double?> AliveAsync(Server server, CancellationToken cancellationToken)
    {
        if (server.State == "Stopped") return null;
        return await TryAsync(async () => (await servers.Fleet.GetStateAsync(server.Name, cancellationToken)).Running ? 1d : 0d) ?? 0d;
    }

    /// <summary>Of a replica: time since the last replayed transaction.</summary>
    private Task<double?> SecondsAsync(Server server, CancellationToken cancellationToken) =>
        server.IsReplica ? TryAsync(async () => (await servers.Fleet.GetLagAsync(server.Name, cancellationToken)).Seconds) : Task.FromResult<double?>(null);

    /// <summary>Of a primary: the most lagging replica, while one is connected.</summary>
    private async Task<double?> BytesAsync(Server server, CancellationToken cancellationToken)
    {
        double? most = null;
        foreach (var replica in servers.ReplicasOf(server))
        {
            var bytes = await TryAsync(async () => (await servers.Fleet.GetLagAsync(replica.Name, cancellationToken)).Bytes);
            if (bytes is not null && (most is null || bytes > most)) most = bytes;
        }

        return most;
    }

    /// <summary>What the cluster's files take of the storage that the server has.</summary>
    private Task<double?> StorageAsync(Server server, CancellationToken cancellationToken) =>
        TryAsync(async () => 100d * await servers.Fleet.GetSizeAsync(server.Name, cancellationToken) / (server.StorageGb * 1024d * 1024 * 1024));

    private static async Task<double?> TryAsync(Func<Task<double?>> measure)
    {
        try
        {
            return await measure();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A server that does not answer gives no sample.
            return null;
        }
    }
}
