using System.Net;
using DnsClient;
using DnsClient.Protocol;

namespace Highflame.Dr.Soak.World;

/// <summary>Where the sandbox's DNS leads clients.</summary>
internal static class Names
{
    /// <summary>Location of the region that the Traffic Manager name leads to; null when it leads nowhere.</summary>
    public static async Task<string?> ActiveAsync(SandboxFacts facts)
    {
        var client = new LookupClient(new LookupClientOptions(new IPEndPoint(IPAddress.Parse(facts.Dns.Address), facts.Dns.Port)) { UseCache = false, ThrowDnsErrors = false });
        var name = facts.TrafficManager.Fqdn;
        for (var hop = 0; hop < 5; hop++)
        {
            var answer = await client.QueryAsync(name, QueryType.A);
            if (answer.Answers.OfType<ARecord>().FirstOrDefault() is { } address)
                return facts.Regions.FirstOrDefault(r => r.Gateway.Address == address.Address.ToString())?.Location;
            if (answer.Answers.OfType<CNameRecord>().FirstOrDefault() is not { } alias) return null;
            name = alias.CanonicalName.Value;
        }

        return null;
    }
}
