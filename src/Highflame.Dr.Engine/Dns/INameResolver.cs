using System.Net;

namespace Highflame.Dr.Engine.Dns;

/// <summary>What one name server answered.</summary>
internal sealed record NameAnswer(string Resolver, IPAddress[] Addresses, string? Cname, int? Ttl, double Milliseconds, string? Failure);

/// <summary>Names to addresses, by the connection's name servers or the machine's.</summary>
internal interface INameResolver
{
    /// <summary>Asks one name server (null: the connection's first, else the machine's), without any cache of ours.</summary>
    Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken);

    /// <summary>An address literal is its own answer. Errors: HfNameNotResolved.</summary>
    Task<IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken);
}
