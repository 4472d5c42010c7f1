using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Highflame.Dr.Engine.Dns;

/// <summary>Names by the connection's own name servers (DnsClient, nothing kept), or by the machine's resolver when it has none.</summary>
internal sealed class DnsNameResolver : INameResolver
{
    private readonly DnsServer[] _resolvers;
    private readonly TimeProvider _time;
    private readonly Lazy<LookupClient> _client;

    public DnsNameResolver(DnsServer[] resolvers, TimeProvider time)
    {
        _resolvers = resolvers;
        _time = time;
        _client = new Lazy<LookupClient>(() => new LookupClient(new LookupClientOptions
        {
            AutoResolveNameServers = true,
            UseCache = false,
            Timeout = TimeSpan.FromSeconds(2),
            Retries = 1,
            ThrowDnsErrors = false,
        }));
    }

    public async Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken)
    {
        var asked = resolver ?? _resolvers.FirstOrDefault();
        var label = asked?.ToString() ?? "machine";
        var start = _time.GetTimestamp();
        try
        {
            var answer = await QueryTypeAsync(name, asked, QueryType.A, cancellationToken).ConfigureAwait(false);
            var addresses = Addresses(answer);
            if (addresses.Length == 0 && !answer.HasError)
            {
                var six = await QueryTypeAsync(name, asked, QueryType.AAAA, cancellationToken).ConfigureAwait(false);
                if (Addresses(six) is { Length: > 0 } found) (answer, addresses) = (six, found);
            }

            var cname = answer.Answers.OfType<CNameRecord>().FirstOrDefault(r => Same(r.DomainName, name))?.CanonicalName.Value.TrimEnd('.');
            int? ttl = answer.Answers.Count > 0 ? answer.Answers.Min(r => r.InitialTimeToLive) : null;
            var failure = answer.HasError ? answer.ErrorMessage : addresses.Length == 0 && cname is null ? "no address" : null;
            return new NameAnswer(label, addresses, cname, ttl, Elapsed(start), failure);
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or InvalidOperationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new NameAnswer(label, [], null, null, Elapsed(start), e.Message);
        }
    }

    public async Task<IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(hostOrAddress, out var literal)) return [literal];
        if (_resolvers.Length == 0) return await ResolveByMachineAsync(hostOrAddress, cancellationToken).ConfigureAwait(false);

        string? failure = null;
        foreach (var resolver in _resolvers)
        {
            var name = hostOrAddress;
            for (var hop = 0; hop < 8; hop++)
            {
                var answer = await QueryAsync(name, resolver, cancellationToken).ConfigureAwait(false);
                if (answer.Addresses.Length > 0) return answer.Addresses;
                failure = $"{resolver}: {answer.Failure ?? "no address"}";
                if (answer.Cname is null) break;
                name = answer.Cname;
            }
        }

        throw NotResolved(hostOrAddress, failure!, null);
    }

    private static async Task<IPAddress[]> ResolveByMachineAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await System.Net.Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
            return addresses.Length > 0 ? addresses : throw NotResolved(name, "no address", null);
        }
        catch (SocketException e)
        {
            throw NotResolved(name, e.Message, e);
        }
    }

    private static DrException NotResolved(string name, string why, Exception? inner) => new(
        "HfNameNotResolved", DrErrorKind.NotFound, $"The name {name} cannot be resolved: {why}.", name,
        "Check the name, and the name servers that this connection asks (Get-HfContext shows them).", inner);

    private static bool Same(DnsString one, string other) => string.Equals(one.Value.TrimEnd('.'), other.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    private static IPAddress[] Addresses(IDnsQueryResponse answer) => [.. answer.Answers.OfType<AddressRecord>().Select(r => r.Address)];

    private double Elapsed(long start) => Math.Round(_time.GetElapsedTime(start).TotalMilliseconds, 3);

    private Task<IDnsQueryResponse> QueryTypeAsync(string name, DnsServer? server, QueryType type, CancellationToken cancellationToken)
    {
        if (server is null) return _client.Value.QueryAsync(name, type, QueryClass.IN, cancellationToken);
        if (!IPAddress.TryParse(server.Address, out var address)) throw new InvalidOperationException($"'{server.Address}' is no IP address");
        return _client.Value.QueryServerAsync([new NameServer(address, server.Port)], name, type, QueryClass.IN, cancellationToken);
    }
}
