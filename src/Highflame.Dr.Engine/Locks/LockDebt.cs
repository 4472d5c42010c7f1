using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Locks;

/// <summary>
/// A lock that was taken away and must be put back. Written into the run store before it is taken away, struck out when it is seen to hold again. What it says is
/// enough to write the same lock: nothing else needs to remember it.
/// </summary>
internal sealed record LockDebt
{
    /// <summary>Fact of the journal with all that is owed, whenever one is added.</summary>
    public const string FactName = "locks";

    public required string Name { get; init; }

    /// <summary>Resource id of the lock.</summary>
    public required string LockId { get; init; }

    public required string Level { get; init; }

    /// <summary>Resource id of what it locks.</summary>
    public required string Scope { get; init; }

    public string? Notes { get; init; }

    /// <summary>Azure's properties of it as JSON, to the letter.</summary>
    public required string Properties { get; init; }

    /// <summary>The run that took it away; null when it was done outside a run.</summary>
    public string? RunId { get; init; }

    public required DateTimeOffset Since { get; init; }

    public LockItem Item(string? settled = null) => new()
    {
        Name = Name,
        ResourceId = LockId,
        Level = Level,
        Scope = Scope,
        Reach = LockScope.ReachOf(Scope),
        Notes = Notes,
        Properties = Properties,
        Since = Since,
        Settled = settled,
    };

    public override string ToString() => $"{Name} ({Level}) at {LockScope.Short(Scope)}";
}
