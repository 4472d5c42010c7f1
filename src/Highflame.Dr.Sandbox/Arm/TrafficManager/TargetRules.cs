using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.TrafficManager;

/// <summary>How a target is addressed; one profile does not mix them, except with the MultiValue method.</summary>
internal enum TargetKind
{
    DomainName,
    IPv4Address,
    IPv6Address,
}

/// <summary>What Traffic Manager takes as the target of an external endpoint: a DNS name or a public address, without scheme, port or path.</summary>
internal static partial class TargetRules
{
    /// <summary>RFC 1918, 6890, 5737, 3068, 2544 and 5771, and what else is never public. 127.0.0.0/8 is left out: loopback counts as public in the sandbox.</summary>
    private static readonly IPNetwork[] s_notPublic =
    [
        .. new[]
        {
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
            "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Throws BadRequest for a target that Azure documents as refused.</summary>
    public static TargetKind Check(string endpoint, string target, bool allowPrivate)
    {
        if (target.Contains('/', StringComparison.Ordinal) || target.Contains("://", StringComparison.Ordinal)) throw Bad(endpoint, target, "it must be a DNS name or an IP address, without a scheme and a path");
        if (IPAddress.TryParse(target, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || target.Split('.').Length == 4))
        {
            if (!allowPrivate && Array.Exists(s_notPublic, n => n.Contains(address)))
                throw Bad(endpoint, target, "it is in a private or reserved range: only public IP addresses are allowed");
            return address.AddressFamily == AddressFamily.InterNetwork ? TargetKind.IPv4Address : TargetKind.IPv6Address;
        }

        if (target.Split(':') is [_, var port] && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw Bad(endpoint, target, "it must not have a port; the port is that of the profile's monitor");
        if (target.Length > 253 || !NameForm().IsMatch(target)) throw Bad(endpoint, target, "it is not a DNS name");
        return TargetKind.DomainName;
    }

    private static ArmError Bad(string endpoint, string target, string reason) =>
        ArmError.BadRequest("BadRequest", $"The target '{target}' of endpoint '{endpoint}' is not valid: {reason}.", "properties.target");

    [GeneratedRegex(@"^(?=.*[a-zA-Z])([a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9_])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\.?$")]
    private static partial Regex NameForm();
}
