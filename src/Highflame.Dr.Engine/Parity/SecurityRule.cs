using System.Text.Json.Nodes;

namespace Highflame.Dr.Engine.Parity;

/// <summary>What a security rule of a network security group means, without its name and its priority.</summary>
/// <param name="Direction">Inbound or Outbound.</param>
/// <param name="Access">Allow or Deny.</param>
/// <param name="Protocol">Tcp, Udp, Icmp, Esp, Ah or *.</param>
/// <param name="Source">Addresses, tags and groups, sorted.</param>
/// <param name="SourcePorts">Ports and ranges, sorted.</param>
/// <param name="Destination">As the source.</param>
/// <param name="DestinationPorts">As the source's.</param>
internal sealed record SecurityRule(string Direction, string Access, string Protocol, string Source, string SourcePorts, string Destination, string DestinationPorts)
{
    private const string Any = "*";

    /// <summary><c>Inbound Allow Tcp VirtualNetwork:* -&gt; *:6379</c>.</summary>
    public static string Meaning(JsonObject rule, RegionNames names)
    {
        var properties = rule["properties"] as JsonObject ?? rule;
        string Word(string name) => DocumentPath.Text(properties[name]) ?? Any;
        return string.Join(' ', Word("direction"), Word("access"), Word("protocol") is var p && p == Any ? Any : p[..1].ToUpperInvariant() + p[1..].ToLowerInvariant(), $"{Addresses(properties, "source", names)}:{Ports(properties, "source")}", "->", $"{Addresses(properties, "destination", names)}:{Ports(properties, "destination")}");
    }

    /// <summary>Reads a meaning back.</summary>
    public static SecurityRule? Parse(string meaning)
    {
        if (meaning.Split(' ') is not [var direction, var access, var protocol, var from, "->", var to]) return null;
        var (source, sourcePorts) = Split(from);
        var (destination, destinationPorts) = Split(to);
        return new(direction, access, protocol, source, sourcePorts, destination, destinationPorts);
    }

    /// <summary>True when some packet may match both. Tags are taken to overlap with everything but other tags.</summary>
    public bool Meets(SecurityRule other) =>
        Direction == other.Direction && (Protocol == Any || other.Protocol == Any || Protocol == other.Protocol)
        && PortsMeet(SourcePorts, other.SourcePorts) && PortsMeet(DestinationPorts, other.DestinationPorts)
        && AddressesMeet(Source, other.Source) && AddressesMeet(Destination, other.Destination);

    private static (string, string) Split(string side)
    {
        var at = side.LastIndexOf(':');
        return at < 0 ? (side, Any) : (side[..at], side[(at + 1)..]);
    }

    private static string Addresses(JsonObject rule, string side, RegionNames names)
    {
        var values = Values(rule, $"{side}AddressPrefix", $"{side}AddressPrefixes")
            .Concat((rule[$"{side}ApplicationSecurityGroups"] as JsonArray ?? []).Select(g => DocumentPath.Text((g as JsonObject)?["id"])).OfType<string>().Select(i => PropertyValues.Reference(i, names)))
            // All addresses, in each of its spellings. The tag Internet is another thing: it leaves out the virtual network.
            .Select(a => a is "0.0.0.0/0" or "0.0.0.0" or "::/0" ? Any : a.EndsWith("/32", StringComparison.Ordinal) ? a[..^3] : a).ToList();
        return values.Count == 0 || values.Contains(Any) ? Any : string.Join(',', values.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase));
    }

    private static string Ports(JsonObject rule, string side)
    {
        var values = Values(rule, $"{side}PortRange", $"{side}PortRanges").Select(p => p is "0-65535" ? Any : p).ToList();
        return values.Count == 0 || values.Contains(Any) ? Any : string.Join(',', values.Distinct(StringComparer.Ordinal).OrderBy(p => p.Split('-')[0].PadLeft(5, '0'), StringComparer.Ordinal));
    }

    private static IEnumerable<string> Values(JsonObject rule, string one, string many) =>
        new[] { DocumentPath.Text(rule[one]) }.OfType<string>().Concat((rule[many] as JsonArray ?? []).Select(DocumentPath.Text).OfType<string>()).Select(v => v.Replace(" ", "", StringComparison.Ordinal)).Where(v => v.Length > 0);

    private static bool PortsMeet(string one, string other) => one == Any || other == Any
        || one.Split(',').Any(a => other.Split(',').Any(b => Range(a) is var (al, ah) && Range(b) is var (bl, bh) && al <= bh && bl <= ah));

    private static (int Low, int High) Range(string ports) => ports.Split('-') is [var low, var high] && int.TryParse(low, out var l) && int.TryParse(high, out var h) ? (l, h)
        : int.TryParse(ports, out var one) ? (one, one) : (0, 65535);

    private static bool AddressesMeet(string one, string other) => one == Any || other == Any || one.Split(',').Any(a => other.Split(',').Any(b => OneMeets(a, b)));

    private static bool OneMeets(string one, string other)
    {
        if (string.Equals(one, other, StringComparison.OrdinalIgnoreCase)) return true;
        var (a, b) = (AddressRange.TryParse(one), AddressRange.TryParse(other));
        return a is { } x && b is { } y ? x.Overlaps(y) : a is not null || b is not null;
    }
}
