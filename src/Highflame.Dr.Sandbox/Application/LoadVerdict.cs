namespace Highflame.Dr.Sandbox.Application;

/// <summary>What the record of acknowledged writes proves.</summary>
internal static class LoadVerdict
{
    /// <summary>The acknowledged writes whose rows are not there.</summary>
    public static IReadOnlyList<AcknowledgedWrite> Lost(IEnumerable<AcknowledgedWrite> writes, IEnumerable<string> held)
    {
        var rows = held.ToHashSet(StringComparer.Ordinal);
        return [.. writes.Where(w => !rows.Contains(w.Id))];
    }

    /// <summary>The server that holds what survives: the one that takes writes now; of several, the one that acknowledged last. Null when none takes any.</summary>
    public static string? Survivor(IReadOnlyList<AcknowledgedWrite> writes, IReadOnlyList<string> writers) => writers switch
    {
        [var only] => only,
        [] => null,
        _ => writes[^1].Server,
    };

    /// <summary>
    /// Writes that another server acknowledged although they were sent after the survivor had acknowledged its first: two writers. An answer that was merely
    /// on its way when the survivor took over was sent before and does not count.
    /// </summary>
    public static long AcceptedByOthers(IReadOnlyList<AcknowledgedWrite> writes, string survivor)
    {
        var first = writes.FirstOrDefault(w => w.Server == survivor);
        return first is null ? 0 : writes.LongCount(w => w.Server != survivor && w.Sent > first.Acknowledged);
    }
}
