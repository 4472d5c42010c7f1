using Highflame.Dr.Engine.Postgres;

namespace Highflame.Dr.Engine.Loss;

/// <summary>What both servers say of the transactions around a forced promotion.</summary>
internal sealed record LossReading
{
    /// <summary>What the replica had when it was last looked at before the promotion.</summary>
    public required TransactionSnapshot Boundary { get; init; }

    /// <summary>Position at that look, and the position at which its recovery ended; the same when nothing arrived in between.</summary>
    public string? BoundaryLsn { get; init; }

    public string? RecoveryEnd { get; init; }

    /// <summary>Committed on the old primary, from the boundary's oldest on.</summary>
    public required IReadOnlyCollection<long> OldCommitted { get; init; }

    /// <summary>Committed on the new primary, over the same range.</summary>
    public required IReadOnlyCollection<long> NewCommitted { get; init; }
}

/// <summary>
/// Which transactions were lost. Before the boundary a transaction is lost when the old primary calls it committed and the new one does not (it was in flight at the
/// cut). From the boundary on an id means another transaction on each server, so whatever the old one committed there is lost. Pure.
/// </summary>
internal static class LossRules
{
    /// <summary>True when the boundary is the very end of the recovery: nothing arrived after the last look.</summary>
    public static bool IsExact(LossReading reading) => Lsn.Reached(reading.BoundaryLsn, reading.RecoveryEnd) && reading.RecoveryEnd is not null;

    /// <summary>Lost for certain, and those that may be the same transaction on both.</summary>
    public static (IReadOnlyList<long> Lost, IReadOnlyList<long> Ambiguous) Judge(LossReading reading)
    {
        var there = reading.NewCommitted.ToHashSet();
        var exact = IsExact(reading);
        var lost = new List<long>();
        var ambiguous = new List<long>();
        foreach (var id in reading.OldCommitted.Where(x => x >= reading.Boundary.Oldest).Order())
        {
            if (id < reading.Boundary.Next ? !there.Contains(id) : exact || !there.Contains(id)) lost.Add(id);
            else if (id >= reading.Boundary.Next) ambiguous.Add(id);
        }

        return (lost, ambiguous);
    }
}
