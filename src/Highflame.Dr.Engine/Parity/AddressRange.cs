using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Highflame.Dr.Engine.Parity;

/// <summary>A range of IPv4 or IPv6 addresses, both ends included.</summary>
internal readonly record struct AddressRange(AddressFamily Family, UInt128 First, UInt128 Last, string Text)
{
    /// <summary>Reads <c>10.1.0.0/16</c> or a single address; null when it is neither.</summary>
    public static AddressRange? TryParse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 2 || !IPAddress.TryParse(parts[0], out var address)) return null;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (parts.Length == 2 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits)) return null;
        var bytes = address.GetAddressBytes();
        UInt128 value = bits == 32 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
        UInt128 size = length == 0 && bits == 128 ? UInt128.MaxValue : (UInt128.One << (bits - length)) - 1;
        var first = value & ~size;
        return new(address.AddressFamily, first, first | size, text);
    }

    public bool Overlaps(AddressRange other) => Family == other.Family && First <= other.Last && other.First <= Last;

    /// <summary>Pairs of ranges, one of each side, that overlap; each range of the first side once. Sorted and swept: no quadratic work.</summary>
    public static IEnumerable<(AddressRange One, AddressRange Other)> Overlaps(IEnumerable<AddressRange> one, IEnumerable<AddressRange> other)
    {
        var others = other.OrderBy(r => r.Family).ThenBy(r => r.First).ToArray();
        var at = 0;
        foreach (var range in one.OrderBy(r => r.Family).ThenBy(r => r.First))
        {
            while (at < others.Length && (others[at].Family < range.Family || (others[at].Family == range.Family && others[at].Last < range.First))) at++;
            if (at < others.Length && range.Overlaps(others[at])) yield return (range, others[at]);
        }
    }
}
