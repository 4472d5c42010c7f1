using System.Net;

namespace Highflame.Dr.Binding;

/// <summary>Reads name servers as an operator types them: <c>1.1.1.1</c>, <c>127.9.0.53:5353</c>, <c>[::1]:53</c>.</summary>
internal static class ResolverArgument
{
    public static DnsServer[] Parse(string[]? resolvers) => [.. (resolvers ?? []).Select(Parse)];

    /// <summary>Errors: HfResolverInvalid.</summary>
    public static DnsServer Parse(string resolver)
    {
        // IPEndPoint reads a bare IPv6 address and every address:port form; port 0 means that none was given.
        if (IPEndPoint.TryParse(resolver, out var endpoint)) return new DnsServer(endpoint.Address.ToString(), endpoint.Port == 0 ? 53 : endpoint.Port);
        throw new DrException(
            "HfResolverInvalid",
            DrErrorKind.InvalidArgument,
            $"'{resolver}' is not the address of a name server.",
            resolver,
            "Give an IP address, or address:port.");
    }
}
