using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>The application's table in the database that it uses. What goes wrong there is told by <see cref="EntryStore.IsFailure"/>.</summary>
internal interface IEntries : IAsyncDisposable
{
    Task<bool> IsReplicaAsync(CancellationToken cancellationToken);

    /// <summary>Writes an entry and returns when it is committed; an id that is there already keeps its row.</summary>
    Task<DateTimeOffset> WriteAsync(string id, string value);

    /// <summary>Null when there is no such entry.</summary>
    Task<(string Value, string Region, DateTimeOffset CreatedAt)?> ReadAsync(string id, CancellationToken cancellationToken);
}

/// <summary>The table of a database that is a document.</summary>
internal sealed class DocumentEntries(DocumentDatabases databases, string server, string region) : IEntries
{
    public async Task<bool> IsReplicaAsync(CancellationToken cancellationToken)
    {
        var state = await databases.GetStateAsync(server, cancellationToken).ConfigureAwait(false);
        return state.Running ? state.InRecovery : throw new IOException($"The server '{server}' does not answer.");
    }

    public Task<DateTimeOffset> WriteAsync(string id, string value) => Told(() => databases.Write(server, id, value, region).CreatedAt);

    public Task<(string Value, string Region, DateTimeOffset CreatedAt)?> ReadAsync(string id, CancellationToken cancellationToken) =>
        Told<(string, string, DateTimeOffset)?>(() => databases.Read(server, id) is { } entry ? (entry.Value, entry.Region, entry.CreatedAt) : null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task<T> Told<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (InvalidOperationException refused)
        {
            return Task.FromException<T>(new IOException(refused.Message, refused));
        }
    }
}
