using System.Globalization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>What a replica tells of itself and of its stream.</summary>
internal sealed record StreamSight(DatabaseObservation Database, WalReceiver? Receiver);

/// <summary>The primary as it is reached from here, and as its replica hears it.</summary>
internal sealed class DatabaseWitnesses
{
    private readonly AzureConnection _connection;
    private readonly RegionPair _pair;
    private readonly TimeProvider _time;

    public DatabaseWitnesses(AzureConnection connection, RegionPair pair, TimeProvider time)
    {
        _connection = connection;
        _pair = pair;
        _time = time;
    }

    public async Task<(Witness Witness, DatabaseObservation? Seen)> PrimaryAsync(string? host, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var (place, outside) = WebWitnesses.Here(_pair);
        var witness = new Witness { Name = "primary database", Kind = WitnessKind.Primary, Word = WitnessWord.Silent, Place = place, Outside = outside, Target = host, At = _time.GetUtcNow() };
        if (Unlooked(host) is { } reason) return (witness with { Detail = reason }, null);
        var (seen, failure) = await OpenAsync(host!, async (database, token) => await database.ObserveAsync(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        witness = witness with { Milliseconds = Elapsed(start), At = _time.GetUtcNow() };
        if (seen is null) return (witness with { Word = Word(failure), Detail = failure?.Message }, null);
        return (seen.InRecovery
            ? witness with { Word = WitnessWord.Failing, Detail = "it answers and is in recovery" }
            : witness with { Word = WitnessWord.Up, Detail = seen.ReadOnly ? "answers, read-only" : "answers" }, seen);
    }

    public async Task<(Witness Witness, StreamSight? Seen)> ReplicaAsync(string? host, string location, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var witness = new Witness { Name = "WAL stream at the replica", Kind = WitnessKind.Replica, Word = WitnessWord.Silent, Place = location, Target = host, At = _time.GetUtcNow() };
        if (Unlooked(host) is { } reason) return (witness with { Detail = reason }, null);
        var (seen, failure) = await OpenAsync(
            host!, async (database, token) => new StreamSight(await database.ObserveAsync(token).ConfigureAwait(false), await database.GetWalReceiverAsync(token).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        witness = witness with { Milliseconds = Elapsed(start), At = _time.GetUtcNow() };
        // The replica's silence says nothing of the primary.
        if (seen is null) return (witness with { Detail = failure?.Message }, null);
        var (word, detail) = Judge(seen, _pair.Watch.HeartbeatSeconds);
        return (witness with { Word = word, Detail = detail }, seen);
    }

    /// <summary>Pure: whether the stream shows the primary alive.</summary>
    internal static (WitnessWord Word, string Detail) Judge(StreamSight seen, double heartbeatSeconds)
    {
        string Seconds(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
        if (!seen.Database.InRecovery) return (WitnessWord.Silent, "it is no replica");
        if (seen.Receiver is { Status: "streaming", HeardSeconds: { } heard })
        {
            return heard <= heartbeatSeconds
                ? (WitnessWord.Up, $"streaming, heard {Seconds(heard)} s ago")
                : (WitnessWord.Down, $"nothing heard of the primary for {Seconds(heard)} s");
        }

        // Catching up from archived WAL: what it replays was written a moment ago.
        return seen.Database.ReplayAgeSeconds is { } age && seen.Receiver is not null && age <= heartbeatSeconds
            ? (WitnessWord.Up, $"{seen.Receiver.Status}, last commit replayed {Seconds(age)} s old")
            : (WitnessWord.Down, seen.Receiver is { } receiver ? $"the WAL receiver is {receiver.Status}" : "no WAL receiver runs: the primary is not heard");
    }

    private string? Unlooked(string? host) => host is null ? "no such server is known" : !_connection.Databases.Asks(host) ? "the connection has no database credential for it" : null;

    private async Task<(T? Seen, DrException? Failure)> OpenAsync<T>(string host, Func<IDatabase, CancellationToken, Task<T>> look, CancellationToken cancellationToken)
        where T : class
    {
        var limit = TimeSpan.FromSeconds(_pair.Watch.TimeoutSeconds);
        var name = await Glimpse.OfAsync<object>(async token => await _connection.Names.ResolveAsync(host, token).ConfigureAwait(false), limit, _time, cancellationToken).ConfigureAwait(false);
        if (name.Value is null) return (null, new DrException("HfNameNotResolved", DrErrorKind.NotFound, name.Problem ?? "the name leads nowhere", host));
        var seen = await Glimpse.OfAsync<T>(
            async token =>
            {
                var database = await _connection.Databases.OpenAsync(host, limit, token).ConfigureAwait(false);
                await using (database.ConfigureAwait(false)) return await look(database, token).ConfigureAwait(false);
            },
            limit, _time, cancellationToken).ConfigureAwait(false);
        return (seen.Value, seen.Value is not null ? null : seen.Failure ?? new DrException("HfDatabaseUnreachable", DrErrorKind.OperationFailed, seen.Problem ?? "no answer", host));
    }

    private static WitnessWord Word(DrException? failure) => failure?.ErrorId switch
    {
        "HfDatabaseUnreachable" => WitnessWord.Down,
        // It is there and speaks.
        "HfDatabaseSignInFailed" or "HfDatabaseTlsFailed" or "HfDatabaseRefused" => WitnessWord.Failing,
        _ => WitnessWord.Silent,
    };

    private double Elapsed(long start) => Math.Round(_time.GetElapsedTime(start).TotalMilliseconds, 3);
}
