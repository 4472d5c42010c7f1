using System.Net;
using System.Net.Sockets;

namespace Highflame.Dr.Sandbox.Traffic;

internal enum ZoneQuestion
{
    Any,
    A,
    Aaaa,
    CName,
    Other,
}

/// <summary>One record of an answer: an address, or the name that another name stands for.</summary>
internal sealed record ZoneRecord(string Name, long Ttl, IPAddress? Address, string? Alias);

/// <summary>An answer of a name that exists; no records is NODATA.</summary>
internal sealed record ZoneAnswer(IReadOnlyList<ZoneRecord> Records);

/// <summary>
/// What the sandbox's DNS answers, apart from the wire: Traffic Manager names from their profiles (CNAME then A for a name, A or AAAA for an address,
/// with the profile's TTL), fixed names with a TTL of 30 s, database names with 0 so that a moved server is found at once.
/// </summary>
internal sealed class TrafficZone(
    Func<string, ProfileView?> profiles,
    Func<(ProfileView Profile, EndpointView Endpoint), string> status,
    Func<string, IPAddress?> addresses,
    Func<long, long> next)
{
    public const long FixedTtl = 30;
    private const int LongestChain = 8;

    public static string Canonical(string name) => name.TrimEnd('.').ToLowerInvariant();

    /// <summary>The answer to a question; null when the name does not exist (NXDOMAIN).</summary>
    public ZoneAnswer? Answer(string name, ZoneQuestion question)
    {
        List<ZoneRecord> records = [];
        return Answer(Canonical(name), question, records, LongestChain) ? new ZoneAnswer(records) : null;
    }

    private bool Answer(string name, ZoneQuestion question, List<ZoneRecord> records, int depth)
    {
        if (depth == 0) return true;
        if (addresses(name) is { } address)
        {
            AddAddress(records, name, name.EndsWith(".postgres.database.azure.com", StringComparison.Ordinal) ? 0 : FixedTtl, address, question);
            return true;
        }

        if (profiles(name) is not { } profile) return false;
        var chosen = TrafficRouting.Choose(profile, e => status((profile, e)), next);
        if (chosen is null) return false;
        foreach (var endpoint in chosen)
        {
            if (IPAddress.TryParse(endpoint.Target, out var target))
            {
                AddAddress(records, name, profile.Ttl, target, question);
                continue;
            }

            var alias = Canonical(endpoint.Target!);
            records.Add(new ZoneRecord(name, profile.Ttl, null, alias));
            // A target outside this zone is answered with its CNAME alone: the resolver would ask on.
            if (question is not ZoneQuestion.CName) Answer(alias, question, records, depth - 1);
        }

        return true;
    }

    private static void AddAddress(List<ZoneRecord> records, string name, long ttl, IPAddress address, ZoneQuestion question)
    {
        var fits = question switch
        {
            ZoneQuestion.Any => true,
            ZoneQuestion.A => address.AddressFamily == AddressFamily.InterNetwork,
            ZoneQuestion.Aaaa => address.AddressFamily == AddressFamily.InterNetworkV6,
            _ => false,
        };
        if (fits) records.Add(new ZoneRecord(name, ttl, address, null));
    }
}
