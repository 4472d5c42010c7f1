using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Highflame.Dr.Sandbox.Postgres;
using Npgsql;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>Starts and stops the load's process, and compares its record with what the surviving database holds.</summary>
internal sealed class ClientLoad(SandboxLayout layout, DatabaseFleet databases, TimeProvider time) : IClientLoad, IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ChildProcess? _child;
    private LoadSettings? _settings;
    private LoadSnapshot _finished = new();
    private int _number;

    public async Task StartAsync(int writers, double intervalMilliseconds, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(writers);
        ArgumentOutOfRangeException.ThrowIfNegative(intervalMilliseconds);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_child is not null) throw new InvalidOperationException("The client load runs already.");
            var id = string.Create(CultureInfo.InvariantCulture, $"load{++_number}x{time.GetUtcNow().ToUnixTimeSeconds():x}");
            _settings = new LoadSettings(
                id, writers, intervalMilliseconds, layout.DnsAddress.ToString(), layout.DnsPort, layout.TrafficManagerFqdn, layout.GatewayPort, layout.CaCertificatePath,
                Path.Combine(layout.Root, "load", id + ".jsonl"));
            _child = await ChildProcess.StartAsync(ChildPrograms.Load, ChildPrograms.Load, _settings, ChildJson.Default.LoadSettings, layout, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task<LoadSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _child is { } child ? await AskAsync(child, "snapshot", cancellationToken).ConfigureAwait(false) : _finished;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task<LoadSnapshot> StopAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_child is not { } child) return _finished;
            var snapshot = await AskAsync(child, "stop", cancellationToken).ConfigureAwait(false);
            _child = null;
            await child.DisposeAsync().ConfigureAwait(false);
            return _finished = await CountAsync(snapshot, _settings!, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_child is { } child) await child.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private static async Task<LoadSnapshot> AskAsync(ChildProcess child, string command, CancellationToken cancellationToken) =>
        await child.AskAsync(command, null, cancellationToken).ConfigureAwait(false) is { } body && body.Deserialize(ChildJson.Default.LoadSnapshot) is { } snapshot
            ? snapshot
            : throw new InvalidOperationException("The client load gave no numbers.");

    /// <summary>Which acknowledged writes the surviving server does not hold. Lost stays null when there is none, or when it cannot be asked.</summary>
    private async Task<LoadSnapshot> CountAsync(LoadSnapshot snapshot, LoadSettings settings, CancellationToken cancellationToken)
    {
        var writes = await ReadRecordAsync(settings.RecordPath, cancellationToken).ConfigureAwait(false);
        if (writes.Count == 0) return snapshot with { Lost = 0 };
        // The server that takes writes now, not the one that answered last: clients may not have followed yet. While none does, nothing can be counted.
        if (LoadVerdict.Survivor(writes, await databases.FindWritersAsync(layout.ApplicationRole, cancellationToken).ConfigureAwait(false)) is not { } survivor) return snapshot;
        snapshot = snapshot with { CountedIn = survivor, AcceptedByOldPrimary = LoadVerdict.AcceptedByOthers(writes, survivor) };
        try
        {
            var held = await databases.ReadTextAsync(survivor, layout.ApplicationRole, "SELECT id FROM entries WHERE id LIKE $1", cancellationToken, settings.Id + "-%").ConfigureAwait(false);
            var lost = LoadVerdict.Lost(writes, held);
            await File.WriteAllLinesAsync(
                Path.ChangeExtension(settings.RecordPath, ".lost.jsonl"), lost.Select(w => JsonSerializer.Serialize(w, ChildJson.Default.AcknowledgedWrite)), cancellationToken).ConfigureAwait(false);
            return snapshot with { Lost = lost.Count };
        }
        catch (Exception gone) when (gone is NpgsqlException or SocketException or IOException or TimeoutException or InvalidOperationException or KeyNotFoundException)
        {
            return snapshot;
        }
    }

    private static async Task<List<AcknowledgedWrite>> ReadRecordAsync(string path, CancellationToken cancellationToken)
    {
        List<AcknowledgedWrite> writes = [];
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
            writes.Add(JsonSerializer.Deserialize(line, ChildJson.Default.AcknowledgedWrite)!);
        return writes;
    }
}
