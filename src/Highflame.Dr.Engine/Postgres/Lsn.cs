using System.Globalization;

namespace Highflame.Dr.Engine.Postgres;

/// <summary>A position in the write-ahead log, as PostgreSQL's pg_lsn: <c>16/B374D848</c>.</summary>
internal readonly record struct Lsn(ulong Value) : IComparable<Lsn>
{
    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;

    /// <summary>Null when the text is null or no position.</summary>
    public static Lsn? Parse(string? text)
    {
        var parts = text?.Split('/');
        return parts is { Length: 2 }
            && uint.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            && uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
            ? new Lsn(((ulong)high << 32) | low)
            : null;
    }

    /// <summary>Bytes from the second position up to the first, as pg_wal_lsn_diff; null when either is unknown.</summary>
    public static long? Difference(string? later, string? earlier) =>
        Parse(later) is { } a && Parse(earlier) is { } b ? (long)a.Value - (long)b.Value : null;

    /// <summary>True when both are known and the first is at or past the second.</summary>
    public static bool Reached(string? position, string? target) => Parse(position) is { } a && Parse(target) is { } b && a >= b;

    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    public override string ToString() => $"{Value >> 32:X}/{Value & 0xFFFFFFFF:X}";
}
