using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Postgres;

namespace Highflame.Dr.Engine.Planning;

/// <summary>A reading that may fail or take too long without stopping the rest: what was seen, or why nothing was.</summary>
internal readonly record struct Glimpse<T>(T? Value, string? Problem, DrException? Failure = null)
    where T : class;

internal static class Glimpse
{
    /// <summary>Reads within a time limit; null means without one. A failure becomes the reason, a cancelled caller stays cancelled.</summary>
    public static async Task<Glimpse<T>> OfAsync<T>(Func<CancellationToken, Task<T?>> read, TimeSpan? limit, TimeProvider time, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = limit is { } span ? Patience.Begin(span, time) : null;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline?.Token ?? CancellationToken.None);
        try
        {
            // A read that does not listen to its token must not hold the caller either.
            return new(await read(both.Token).WaitAsync(both.Token).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"no answer within {limit?.TotalSeconds:0.#} s.");
        }
        catch (DrException e)
        {
            return new(null, e.Message, e);
        }
    }

    /// <summary>One observation of a database, with a session of its own.</summary>
    public static Task<Glimpse<DatabaseObservation>> OfDatabaseAsync(IDatabases databases, string hostName, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken) =>
        OfAsync<DatabaseObservation>(
            async token =>
            {
                var database = await databases.OpenAsync(hostName, limit, token).ConfigureAwait(false);
                await using (database.ConfigureAwait(false)) return await database.ObserveAsync(token).ConfigureAwait(false);
            },
            limit, time, cancellationToken);
}
