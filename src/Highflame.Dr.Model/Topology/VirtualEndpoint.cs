namespace Highflame.Dr.Topology;

/// <summary>
/// A virtual endpoint of a primary: one pair of names, of which the writer always leads to the primary and the reader to one server. Output of Get-HfVirtualEndpoint. A switchover exchanges what the
/// two names lead to, and needs a reader that is aimed at the replica which takes over.
/// </summary>
public sealed record VirtualEndpoint
{
    /// <summary>First part of both names.</summary>
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    /// <summary>The primary it belongs to.</summary>
    public required string Server { get; init; }

    public required string ServerResourceId { get; init; }

    /// <summary>Name of the server that the reader leads to; null when Azure tells none.</summary>
    public string? Reader { get; init; }

    /// <summary>Name that leads to the primary.</summary>
    public string? WriterHost { get; init; }

    /// <summary>Name that leads to <see cref="Reader"/>.</summary>
    public string? ReaderHost { get; init; }
}
