using System.Net;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Documentation;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Topology;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Documentation;

public class DocumentSurveyTests
{
    private static readonly DrException s_forbidden = new("HfPermissionDenied", DrErrorKind.PermissionDenied, "Azure answered HTTP 403.");
    private readonly ScriptedArm _arm = new();
    private readonly RegionPair _pair = DocumentSamples.Pair();

    [Fact]
    public async Task Read_OneListIsForbidden_IsAGapAndTheRestIsThere()
    {
        List("rg1", "Microsoft.Cache/redis", () => throw s_forbidden);
        List("rg1", "Microsoft.KeyVault/vaults", () => [Json(new { name = "kv1", properties = new { vaultUri = "https://kv1.vault.azure.net/" } })]);
        List("rg2", "Microsoft.Network/applicationGateways", () => [Json(new { name = "gw", properties = new { operationalState = "Running", frontendIPConfigurations = new[] { new { properties = new { publicIPAddress = new { id = "/x/ip" } } } } } })]);
        List("rg2", "Microsoft.Network/publicIPAddresses", () => [Json(new { id = "/X/ip", name = "ip", properties = new { ipAddress = "20.2.2.2", dnsSettings = new { fqdn = "gw.cloudapp.azure.com" } } })]);

        var facts = await Survey().ReadAsync(_pair, CancellationToken.None);

        Assert.Equal("redis of rg1: Azure answered HTTP 403.", facts.RegionOf("eastus")!.Caches.Problem);
        Assert.Contains("redis of rg1: Azure answered HTTP 403.", facts.Unread);
        Assert.Equal("kv1", Assert.Single(facts.RegionOf("eastus")!.Vaults.Items).Name);
        Assert.Equal(new GatewayFact("gw", "Running", "20.2.2.2", "gw.cloudapp.azure.com", null), Assert.Single(facts.RegionOf("westus")!.Gateways.Items));
        // The profile is not there either: that is a gap, not an end.
        Assert.Null(facts.Traffic);
        Assert.Contains(facts.Unread, u => u.StartsWith("Traffic Manager:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HfArmUnreachable", DrErrorKind.ConnectionFailed)]
    [InlineData("HfSignInFailed", DrErrorKind.AuthenticationFailed)]
    public async Task Read_AzureAsAWholeFails_IsNoDocumentWithGaps(string id, DrErrorKind kind)
    {
        List("rg2", "Microsoft.Cache/redis", () => throw new DrException(id, kind, "No."));

        var error = await Assert.ThrowsAsync<DrException>(() => Survey().ReadAsync(_pair, CancellationToken.None));

        Assert.Equal(id, error.ErrorId);
    }

    [Fact]
    public async Task Read_DatabasesThatDoNotAnswer_LeaveTheLagOutAndNothingElse()
    {
        var survey = Survey(_ => throw new DrException("HfDatabaseUnreachable", DrErrorKind.ConnectionFailed, "It does not answer."));

        var facts = await survey.ReadAsync(_pair, CancellationToken.None);

        Assert.Null(facts.Replication);
        Assert.Contains("Replication: It does not answer.", facts.Unread);
        Assert.NotNull(facts.Status);
    }

    [Theory]
    [InlineData("postgresqlServer", "pg.privatelink.postgres.database.azure.com", "10.0.0.9")]
    [InlineData("redisCache", "pg.privatelink.redis.cache.windows.net", null)]
    [InlineData("somethingNew", null, null)]
    public async Task Read_PrivateEndpoint_IsNamedByItsZoneAndResolvedWhereItCanBe(string group, string? host, string? address)
    {
        List("rg1", "Microsoft.Network/privateEndpoints", () =>
        [
            Json(new { name = "pe", properties = new { customDnsConfigs = Array.Empty<object>(), privateLinkServiceConnections = new[] { new { properties = new { privateLinkServiceId = "/x/pg", groupIds = new[] { group }, privateLinkServiceConnectionState = new { status = "Approved" } } } } } }),
        ]);

        var link = Assert.Single((await Survey().ReadAsync(_pair, CancellationToken.None)).RegionOf("eastus")!.PrivateLinks.Items);

        Assert.Equal(new PrivateLinkFact("pe", "pg", group, "Approved", host, address), link);
    }

    private DocumentSurvey Survey(Func<string, IReadOnlyList<ReplicationStatus>>? replication = null)
    {
        var context = DocumentSamples.Facts().Context;
        var connection = new AzureConnection(context, new DrConnectionOptions(), _arm, new TwoRegions(), new Names(), null, TimeProvider.System);
        return new(connection, (_, _) => Task.FromResult(DocumentSamples.Facts().Status!), (id, _) => Task.FromResult(replication?.Invoke(id) ?? []), new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)));
    }

    private void List(string group, string type, Func<IReadOnlyList<JsonElement>> answer) => _arm.Lists[$"/subscriptions/{DocumentSamples.Subscription}/resourceGroups/{group}/providers/{type}"] = answer;

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    private sealed class Names : INameResolver
    {
        public Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken) => hostOrAddress.Contains("postgres", StringComparison.Ordinal)
            ? Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.9")])
            : throw new DrException("HfNameNotResolved", DrErrorKind.NotFound, "No.");
    }
}
