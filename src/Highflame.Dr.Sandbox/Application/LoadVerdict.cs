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
