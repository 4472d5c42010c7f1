using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;

namespace Highflame.Dr.Sandbox.Traffic;

/// <summary>The DNS server on UDP and TCP: puts the zone's answers on the wire.</summary>
internal sealed class DnsListener : IDisposable
{
    private readonly TrafficZone _zone;
    private readonly DnsServer _server;
    private bool _silent;

    public DnsListener(TrafficZone zone, IPAddress address, int port)
    {
        _zone = zone;
        var endpoint = new IPEndPoint(address, port);
        _server = new DnsServer(new UdpServerTransport(endpoint), new TcpServerTransport(endpoint));
        _server.QueryReceived += OnQueryAsync;
    }

    /// <summary>While true, no question is answered, as by a server that is gone.</summary>
    public bool Silent
    {
        get => Volatile.Read(ref _silent);
        set => Volatile.Write(ref _silent, value);
    }

    /// <exception cref="System.Net.Sockets.SocketException">The address and port are taken.</exception>
    public void Start() => _server.Start();

    public void Dispose()
    {
        _server.Stop();
        _server.QueryReceived -= OnQueryAsync;
    }

    private Task OnQueryAsync(object sender, QueryReceivedEventArgs received)
    {
        if (!Silent && received.Query is DnsMessage query) received.Response = Respond(query);
        return Task.CompletedTask;
    }

    private DnsMessage Respond(DnsMessage query)
    {
        var response = query.CreateResponseInstance();
        response.IsRecursionAllowed = true;
        response.IsAuthoritiveAnswer = true;
        if (query.Questions.Count != 1)
        {
            response.ReturnCode = ReturnCode.FormatError;
            return response;
        }

        var question = query.Questions[0];
        var kind = question.RecordType switch
        {
            RecordType.A => ZoneQuestion.A,
            RecordType.Aaaa => ZoneQuestion.Aaaa,
            RecordType.CName => ZoneQuestion.CName,
            RecordType.Any => ZoneQuestion.Any,
            _ => ZoneQuestion.Other,
        };
        if (_zone.Answer(question.Name.ToString(), kind) is not { } answer)
        {
            response.ReturnCode = ReturnCode.NxDomain;
            return response;
        }

        response.ReturnCode = ReturnCode.NoError;
        foreach (var record in answer.Records)
        {
            // The name is answered in the case it was asked in: resolvers may check that (0x20).
            var name = string.Equals(TrafficZone.Canonical(question.Name.ToString()), record.Name, StringComparison.Ordinal) ? question.Name : DomainName.Parse(record.Name);
            var ttl = (int)Math.Clamp(record.Ttl, 0, int.MaxValue);
            response.AnswerRecords.Add(record.Alias is not null
                ? new CNameRecord(name, ttl, DomainName.Parse(record.Alias))
                : record.Address!.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
                    ? new AaaaRecord(name, ttl, record.Address)
                    : new ARecord(name, ttl, record.Address));
        }

        return response;
    }
}
