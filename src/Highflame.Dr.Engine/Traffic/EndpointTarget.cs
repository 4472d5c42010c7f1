using System.Net;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>How Traffic Manager answers for a target: an A record, an AAAA record or a CNAME.</summary>
internal enum TargetType
{
    Name,
    IPv4,
    IPv6,
}

/// <summary>A target as text, read. What Traffic Manager cannot take says why.</summary>
internal sealed partial record EndpointTarget(string Text, TargetType Type, IPAddress? Address)
{
    /// <summary>Null when the text can be a target, else what is wrong with it, a sentence.</summary>
    public static string? TryRead(string text, out EndpointTarget target)
    {
        target = null!;
        var trimmed = text.Trim();
        if (trimmed.Length == 0) return "The target is empty.";
        if (trimmed.Contains("://", StringComparison.Ordinal)) return $"'{trimmed}' is a URL; a target has no scheme and no path.";
        if (trimmed.StartsWith('[')) return $"'{trimmed}' has brackets; an IPv6 target is written without them and without a port.";
        if (trimmed.Contains('/', StringComparison.Ordinal)) return $"'{trimmed}' has a path; a target is a host name or an address.";
        // "10.1" and "1" are addresses to the parser of the base library, not to people.
        if (IPAddress.TryParse(trimmed, out var address) && (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork || trimmed.Count(c => c == '.') == 3))
        {
            if (AddressScope.IsV6(address) && address.ScopeId != 0) return $"'{trimmed}' has a scope id; a target is reachable from everywhere.";
            target = new(address.ToString(), AddressScope.IsV6(address) ? TargetType.IPv6 : TargetType.IPv4, address);
            return null;
        }
        if (Port().IsMatch(trimmed)) return $"'{trimmed}' has a port; Traffic Manager answers with names and addresses only, the port is the client's.";
        var name = trimmed.TrimEnd('.');
        if (name.Length > 253 || !Name().IsMatch(name)) return $"'{trimmed}' is neither an IP address nor a fully qualified host name.";
        target = new(name, TargetType.Name, null);
        return null;
    }

    public bool SameAs(string? other) => other is not null && (TryRead(other, out var read) is null ? read.Text : other).Equals(Text, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@":\d{1,5}$", RegexOptions.CultureInvariant)]
    private static partial Regex Port();

    [GeneratedRegex(@"^(?=.*\.)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
