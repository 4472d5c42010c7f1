using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Highflame.Dr.Sandbox.Traffic;
using Highflame.Dr.Tests.Support;

namespace Highflame.Dr.Tests.Traffic;

/// <summary>Answers on the wire, asked by a resolver of another make.</summary>
public sealed class DnsTests : IAsyncLifetime
{
    private const string Name = "highflame-prod-global.trafficmanager.net";
    private const string GatewayName = "highflame-prod-eastus.eastus.cloudapp.azure.com";

    private readonly SandboxFiles _files = new();
    private readonly TrafficPlane _plane = new(TimeProvider.System, new Random(1));
    private DnsListener _listener = null!;
    private LookupClient _client = null!;

    public Task InitializeAsync()
    {
        _listener = new DnsListener(_plane.Zone, _files.Layout.DnsAddress, _files.Layout.DnsPort);
        _listener.Start();
        _client = Client(useTcpOnly: false);
        _plane.SetAddress(GatewayName, IPAddress.Parse("127.9.1.1"));
        _plane.SetAddress("highflame-prod-postgres.postgres.database.azure.com", IPAddress.Parse("127.9.1.100"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _plane.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Query_AddressTarget_AnswersAWithTheProfilesTtl()
    {
        Publish("127.9.2.1", ttl: 17);

        var record = Assert.IsType<ARecord>(Assert.Single((await _client.QueryAsync(Name, QueryType.A)).Answers));

        Assert.Equal((IPAddress.Parse("127.9.2.1"), 17), (record.Address, record.InitialTimeToLive));
    }

    [Fact]
    public async Task Query_OverTcpAndInOtherCase_AnswersTheSame()
    {
        Publish("127.9.2.1");

        var answer = await Client(useTcpOnly: true).QueryAsync(Name.ToUpperInvariant(), QueryType.A);

        Assert.Equal("127.9.2.1", Assert.Single(answer.Answers.ARecords()).Address.ToString());
    }

    [Fact]
    public async Task Query_NameTarget_AnswersCNameThenA()
    {
        Publish(GatewayName, ttl: 5);

        var answers = (await _client.QueryAsync(Name, QueryType.A)).Answers;

        Assert.Collection(
            answers,
            first => Assert.Equal((GatewayName + ".", 5), (Assert.IsType<CNameRecord>(first).CanonicalName.Value, first.InitialTimeToLive)),
            second => Assert.Equal(("127.9.1.1", 30), (Assert.IsType<ARecord>(second).Address.ToString(), second.InitialTimeToLive)));
    }

    [Theory]
    [InlineData("127.9.2.1", QueryType.AAAA)]
    [InlineData("127.9.2.1", QueryType.CNAME)]
    [InlineData("2001:db8::1", QueryType.A)]
    public async Task Query_OtherRecordTypeThanTheTargets_IsNoData(string target, QueryType type)
    {
        Publish(target);

        var answer = await _client.QueryAsync(Name, type);

        Assert.False(answer.HasError);
        Assert.Empty(answer.Answers);
    }

    [Fact]
    public async Task Query_IPv6Target_AnswersAaaa()
    {
        Publish("2001:db8::1");

        Assert.Equal("2001:db8::1", Assert.Single((await _client.QueryAsync(Name, QueryType.AAAA)).Answers.AaaaRecords()).Address.ToString());
    }

    [Fact]
    public async Task Query_UnknownRemovedOrDisabled_IsNxDomain()
    {
        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, (await _client.QueryAsync("nobody.example.com", QueryType.A)).Header.ResponseCode);
        Publish("127.9.2.1", enabled: false);
        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, (await _client.QueryAsync(Name, QueryType.A)).Header.ResponseCode);
        Publish("127.9.2.1");
        Assert.False((await _client.QueryAsync(Name, QueryType.A)).HasError);
        _plane.Remove("/P");
        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, (await _client.QueryAsync(Name, QueryType.A)).Header.ResponseCode);
    }

    [Fact]
    public async Task Query_DatabaseName_IsNotCached()
    {
        var record = Assert.Single((await _client.QueryAsync("highflame-prod-postgres.postgres.database.azure.com", QueryType.A)).Answers.ARecords());

        Assert.Equal(("127.9.1.100", 0), (record.Address.ToString(), record.InitialTimeToLive));
    }

    [Fact]
    public async Task Publish_ANewTarget_IsAnsweredAtOnce()
    {
        Publish("127.9.1.1");
        Assert.Equal("127.9.1.1", Assert.Single((await _client.QueryAsync(Name, QueryType.A)).Answers.ARecords()).Address.ToString());

        Publish("127.9.2.1");

        Assert.Equal("127.9.2.1", Assert.Single((await _client.QueryAsync(Name, QueryType.A)).Answers.ARecords()).Address.ToString());
        Assert.Equal([IPAddress.Parse("127.9.2.1")], _plane.Resolve(Name));
    }

    private LookupClient Client(bool useTcpOnly) => new(new LookupClientOptions(new IPEndPoint(_files.Layout.DnsAddress, _files.Layout.DnsPort))
    {
        UseCache = false,
        UseTcpOnly = useTcpOnly,
        Timeout = TimeSpan.FromSeconds(2),
    });

    private void Publish(string target, long ttl = 30, bool enabled = true) => _plane.Publish(new ProfileView
    {
        Id = "/p",
        Fqdn = Name,
        Enabled = enabled,
        RoutingMethod = "Weighted",
        Ttl = ttl,
        Monitor = new MonitorView("HTTPS", 443, "/", 30, 5, 3, [], []),
        Endpoints = [new EndpointView { Id = "/p/e", Name = "e", Target = target, Enabled = true, AlwaysServe = true }],
    });
}
