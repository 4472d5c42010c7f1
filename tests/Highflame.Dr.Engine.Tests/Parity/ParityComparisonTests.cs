using System.Diagnostics;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Tests.Parity;

/// <summary>The comparison as a pure function of two regions' documents.</summary>
public sealed class ParityComparisonTests
{
    private const string Redis = "Microsoft.Cache/redis";
    private const string Nsg = "Microsoft.Network/networkSecurityGroups";
    private const string Vault = "Microsoft.KeyVault/vaults";
    private const string Server = "Microsoft.DBforPostgreSQL/flexibleServers";
    private const string Endpoint = "Microsoft.Network/privateEndpoints";

    [Fact]
    public void Compare_SameButNamesGroupsAndVolatileFields_NoDrift()
    {
        var report = Compare(
            [Resource(Redis, "app-redis", """{"location":"eastus","properties":{"sku":{"name":"Standard","capacity":3},"hostName":"app-redis.redis.cache.windows.net","provisioningState":"Succeeded","redisConfiguration":{"rdb-backup-enabled":"true"}}}""")],
            [Resource(Redis, "app-dr-redis", """{"location":"westus","properties":{"sku":{"name":"standard","capacity":3},"hostName":"app-dr-redis.redis.cache.windows.net","provisioningState":"Updating","redisConfiguration":{"rdb-backup-enabled":"True"}}}""")],
            Skip: ParityPart.Fitness);

        Assert.DoesNotContain(report.Drifts, d => d.Property != "persistence");
        Assert.Equal(1, report.Resources);
    }

    [Fact]
    public void Compare_TagWithTheNameOfThePair_IsTheSameInBothRegions()
    {
        // The pair is called as the first region's names begin.
        static string Tags(string pair, string own) => """{"tags":{"dr-pair":"PAIR","Name":"OWN"}}""".Replace("PAIR", pair, StringComparison.Ordinal).Replace("OWN", own, StringComparison.Ordinal);

        Assert.Empty(Compare([Resource(Redis, "app-redis", Tags("app", "app-redis"))], [Resource(Redis, "app-dr-redis", Tags("app", "app-dr-redis"))]).Drifts);
        Assert.Equal("tags[dr-pair]", Assert.Single(Compare([Resource(Redis, "app-redis", Tags("app", "x"))], [Resource(Redis, "app-dr-redis", Tags("other", "x"))]).Drifts).Property);
    }

    [Theory]
    [InlineData(3, 1, DriftSeverity.BlocksFailover)]
    [InlineData(3, 4, DriftSeverity.Cosmetic)]
    public void Compare_NumberThatMayBeLarger_IsCosmeticWhenItIs(int one, int other, DriftSeverity severity)
    {
        var drift = Assert.Single(Compare([Resource(Redis, "app-redis", Sized(one))], [Resource(Redis, "app-dr-redis", Sized(other))]).Drifts);

        Assert.Equal((severity, "capacity", $"{one}", $"{other}"), (drift.Severity, drift.Property, drift.ReferenceValue, drift.DifferenceValue));
        Assert.Equal("app-redis <> app-dr-redis", drift.Resource);
    }

    [Fact]
    public void Compare_MissingAndExtra_AreToldOnceEach()
    {
        var report = Compare([Resource(Redis, "app-a", Sized(1)), Resource(Redis, "app-b", Sized(1))], [Resource(Redis, "app-dr-a", Sized(1)), Resource(Redis, "app-dr-c", Sized(1)), Resource(Redis, "app-dr-d", Sized(1))]);

        Assert.Equal(["Missing app-b", "Extra app-dr-c", "Extra app-dr-d"], report.Drifts.Select(d => $"{d.Kind} {d.Reference ?? d.Difference}"));
        Assert.All(report.Drifts, d => Assert.Equal(Catalogue.Whole, d.Property));
    }

    [Fact]
    public void Compare_RebuiltServerUnderANewName_IsItsCounterpartAndWhatRefersToItFollows()
    {
        var report = Compare(
            [Resource(Server, "app-postgres", "{}"), PrivateEndpoint("app-postgres-pe", "app-rg", "app-postgres")],
            [Resource(Server, "app-dr-postgres-2", "{}", "app-dr-rg"), PrivateEndpoint("app-dr-postgres-pe", "app-dr-rg", "app-dr-postgres-2")]);

        Assert.Empty(report.Drifts);
        Assert.Equal(2, report.Resources);

        var stale = Assert.Single(Compare(
            [Resource(Server, "app-postgres", "{}"), PrivateEndpoint("app-postgres-pe", "app-rg", "app-postgres")],
            [Resource(Server, "app-dr-postgres-2", "{}", "app-dr-rg"), PrivateEndpoint("app-dr-postgres-pe", "app-dr-rg", "app-dr-postgres")]).Drifts);
        Assert.Equal(("target", "app-postgres", "app-dr-postgres"), (stale.Property, stale.ReferenceValue, stale.DifferenceValue));
    }

    [Fact]
    public void Compare_OldPrimaryThatIsStoppedBesideItsSuccessor_CountsNoMore()
    {
        var report = Compare(
            [Resource(Server, "app-postgres", """{"properties":{"state":"Ready"}}"""), PrivateEndpoint("app-postgres-pe", "app-rg", "app-postgres")],
            [
                Resource(Server, "app-dr-postgres", """{"properties":{"state":"Stopped"}}""", "app-dr-rg"), PrivateEndpoint("app-dr-postgres-pe", "app-dr-rg", "app-dr-postgres"),
                Resource(Server, "app-dr-postgres-2", """{"properties":{"state":"Ready"}}""", "app-dr-rg"), PrivateEndpoint("app-dr-postgres-2-pe", "app-dr-rg", "app-dr-postgres-2"),
            ]);

        Assert.Empty(report.Drifts);
        Assert.Equal(2, report.Resources);
    }

    [Theory]
    [InlineData("4f2a", "99be")]
    [InlineData("beab", "5668")]
    [InlineData("dead", "beef")]
    public void Compare_VaultsWithRandomNames_AreAPairBySubject(string one, string other)
    {
        var report = Compare([Resource(Vault, $"jn-prod-ssl-{one}", "{}"), Resource(Vault, "app-db-kv", "{}")], [Resource(Vault, $"jn-prod-ssl-{other}", "{}"), Resource(Vault, "app-dr-db-kv", "{}")]);

        Assert.Empty(report.Drifts);
        Assert.Equal(2, report.Resources);
    }

    [Theory]
    [InlineData("*", "0.0.0.0/0", true)]
    [InlineData("0.0.0.0/0", "*", true)]
    [InlineData("Internet", "*", false)]
    [InlineData("10.0.0.4/32", "10.0.0.4", true)]
    public void Compare_SecurityRule_ByWhatItMeans(string one, string other, bool same)
    {
        static string Rule(string source) => """{"properties":{"securityRules":[{"name":"r","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"TCP","sourceAddressPrefix":"SOURCE","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRanges":["443","80"]}}]}}"""
            .Replace("SOURCE", source, StringComparison.Ordinal);

        var drifts = Compare([Resource(Nsg, "app-nsg", Rule(one))], [Resource(Nsg, "app-dr-nsg", Rule(other).Replace("\"443\",\"80\"", "\"80\",\"443\"", StringComparison.Ordinal))]).Drifts;

        Assert.Equal(same ? 0 : 1, drifts.Length);
    }

    [Fact]
    public void Compare_UnreadList_IsTheOnlyDriftOfItsType()
    {
        var one = Build("eastus", "app-rg", [Resource(Redis, "app-redis", Sized(1))]);
        var other = Build("westus", "app-dr-rg", []) with { Problems = [new(Redis, null, SnapshotProblems.List, "HfPermissionDenied", "Azure answered HTTP 403.", "Give the role.")] };

        var drift = Assert.Single(ParityComparison.Compare(one, other, Catalogue.Shipped, [ParityPart.Fitness]).Drifts);

        Assert.Equal((DriftKind.Unread, "HfPermissionDenied"), (drift.Kind, drift.DifferenceValue));
        Assert.Contains("403", drift.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_VaultThatRefuses_HidesNoSecretAsMissing()
    {
        var one = Build("eastus", "app-rg", [Resource(Vault, "app-kv", """{"$secrets":[{"name":"password","state":"set","digest":"AA"}]}""")]);
        var other = Build("westus", "app-dr-rg", [Resource(Vault, "app-dr-kv", "{}")]) with { Problems = [new(Vault, "app-dr-kv", SnapshotProblems.Secrets, "HfVaultForbidden", "403", null)] };

        Assert.Equal(DriftKind.Unread, Assert.Single(ParityComparison.Compare(one, other, Catalogue.Shipped).Drifts).Kind);
    }

    [Fact]
    public void Compare_SecretValues_AreNeverShown()
    {
        using var digest = new SecretDigest();
        var names = new RegionNames("eastus", "app-rg", "app");
        string Secret(string value) => """{"$secrets":[{"name":"password","state":"set","digest":"DIGEST"}]}""".Replace("DIGEST", digest.Of(value, names), StringComparison.Ordinal);

        var drift = Assert.Single(Compare([Resource(Vault, "app-kv", Secret("one"))], [Resource(Vault, "app-dr-kv", Secret("two"))]).Drifts);

        Assert.Equal(("secrets[password].value", "(a value)", "(another value)"), (drift.Property, drift.ReferenceValue, drift.DifferenceValue));
        Assert.Empty(Compare([Resource(Vault, "app-kv", Secret("one"))], [Resource(Vault, "app-dr-kv", Secret("one"))]).Drifts);
    }

    [Fact]
    public void Compare_EmptyInBothRegions_IsUnfit()
    {
        const string Empty = """{"$secrets":[{"name":"password","state":"EMPTY"}]}""";

        var drift = Assert.Single(ParityComparison.Compare(Build("eastus", "app-rg", [Resource(Vault, "app-kv", Empty)]), Build("westus", "app-dr-rg", [Resource(Vault, "app-dr-kv", Empty)]), Catalogue.Shipped).Drifts);

        Assert.Equal((DriftKind.Unfit, DriftSeverity.BlocksFailover, "EMPTY", "EMPTY"), (drift.Kind, drift.Severity, drift.ReferenceValue, drift.DifferenceValue));
    }

    [Fact]
    public void Digest_OwnNamesAndAddresses_CountAsEqual()
    {
        using var digest = new SecretDigest();
        var (one, other) = (new RegionNames("eastus", "app-rg", "app"), new RegionNames("westus", "app-dr-rg", "app-dr"));

        Assert.Equal(digest.Of("app-postgres.example.com", one), digest.Of("app-dr-postgres.example.com", other));
        Assert.Equal(digest.Of("10.1.0.4", one), digest.Of("10.2.0.4", other));
        // The other region's host in this region's vault is another value.
        Assert.NotEqual(digest.Of("app-postgres.example.com", one), digest.Of("app-postgres.example.com", other));
        using var next = new SecretDigest();
        Assert.NotEqual(digest.Of("same", one), next.Of("same", one));
    }

    [Fact]
    public void Declarations_HeldStaleAndChanged_AreToldApart()
    {
        var report = Compare([Resource(Redis, "app-redis", Sized(3))], [Resource(Redis, "app-dr-redis", Sized(1))]);
        DeclaredDifference Declare(string property, string? west = null) => new() { Type = Redis, Property = property, Reason = "Smaller standby.", Values = west is null ? [] : new() { ["East US"] = "3", ["westus"] = west } };

        var held = Declarations.Apply(report, [Declare("capacity", "1")]);
        Assert.Empty(held.Drifts);
        Assert.Equal("Smaller standby.", Assert.Single(held.Declared).Declared);

        var changed = Assert.Single(Declarations.Apply(report, [Declare("capacity", "2")]).Drifts);
        Assert.Equal((DriftKind.Stale, DriftSeverity.BlocksFailover), (changed.Kind, changed.Severity));

        var gone = Declarations.Apply(report, [Declare("capacity"), Declare("sku")]);
        Assert.Equal(("sku", DriftKind.Stale), Assert.Single(gone.Drifts.Select(d => (d.Property, d.Kind))));
    }

    [Theory]
    [InlineData("pools[*].minCount", "pools[general].*", true)]
    [InlineData("pools[general].minCount", "pools[general].maxCount", false)]
    [InlineData("a*c", "ab?", true)]
    [InlineData("*", "", true)]
    [InlineData("?", "", false)]
    public void Globs_Meet_WhenSomeTextFitsBoth(string one, string other, bool meet)
    {
        Assert.Equal(meet, Declarations.GlobsMeet(one, other));
        Assert.Equal(meet, Declarations.GlobsMeet(other, one));
    }

    [Fact]
    public void Overlap_OfRanges_IsFoundAndCanBeSkipped()
    {
        static ResourceDocument Net(string name, string range) => Resource("Microsoft.Network/virtualNetworks", name, """{"properties":{"addressSpace":{"addressPrefixes":["RANGE"]}}}""".Replace("RANGE", range, StringComparison.Ordinal));

        var drift = Assert.Single(Compare([Net("app-vnet", "10.1.0.0/16")], [Net("app-dr-vnet", "10.1.128.0/17")]).Drifts, d => d.Kind == DriftKind.Overlap);
        Assert.Equal(("10.1.0.0/16", "10.1.128.0/17"), (drift.ReferenceValue, drift.DifferenceValue));
        Assert.DoesNotContain(Compare([Net("app-vnet", "10.1.0.0/16")], [Net("app-dr-vnet", "10.2.0.0/16")]).Drifts, d => d.Kind == DriftKind.Overlap);
        Assert.Empty(Compare([Net("app-vnet", "10.1.0.0/16")], [Net("app-dr-vnet", "10.1.128.0/17")], ParityPart.AddressOverlap, ParityPart.AddressShape).Drifts);
    }

    [Fact]
    public void Compare_TenTimesTheResources_TakesNotMuchMoreThanTenTimesTheTime()
    {
        var (small, large) = (Many(2_000), Many(20_000));
        Measure(small);
        var (one, ten) = (Measure(small), Measure(large));

        Assert.True(ten < (one * 40) + TimeSpan.FromSeconds(1), $"2 x 2,000: {one.TotalMilliseconds:0} ms, 2 x 20,000: {ten.TotalMilliseconds:0} ms");

        static TimeSpan Measure((RegionSnapshot One, RegionSnapshot Other) sides)
        {
            var clock = Stopwatch.StartNew();
            Assert.Single(ParityComparison.Compare(sides.One, sides.Other, Catalogue.Shipped, [ParityPart.Fitness]).Drifts);
            return clock.Elapsed;
        }
    }

    [Fact]
    public void SnapshotFile_WrittenAndRead_IsTheSameWithoutDigests()
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-snapshot-");
        try
        {
            var path = Path.Combine(folder.FullName, "region.json");
            var snapshot = Build("eastus", "app-rg", [Resource(Vault, "app-kv", """{"$secrets":[{"name":"password","state":"EMPTY"}]}"""), Resource(Redis, "app-redis", Sized(3))]);
            SnapshotFile.Write(snapshot, path);
            var read = SnapshotFile.Read(path);

            Assert.Equal(snapshot.Resources.SelectMany(r => r.Properties), read.Resources.SelectMany(r => r.Properties));
            Assert.DoesNotContain("digest", File.ReadAllText(path), StringComparison.OrdinalIgnoreCase);
            File.WriteAllText(path, "{\"kind\":\"something\"}");
            Assert.Equal("HfSnapshotMalformed", Assert.Throws<DrException>(() => SnapshotFile.Read(path)).ErrorId);
            File.WriteAllText(path, "{");
            Assert.Equal("HfSnapshotMalformed", Assert.Throws<DrException>(() => SnapshotFile.Read(path)).ErrorId);
            Assert.Equal("HfSnapshotNotFound", Assert.Throws<DrException>(() => SnapshotFile.Read(path + ".not")).ErrorId);
        }
        finally
        {
            folder.Delete(true);
        }
    }

    private static (RegionSnapshot One, RegionSnapshot Other) Many(int count) => (
        Build("eastus", "app-rg", [.. Enumerable.Range(0, count).Select(i => Resource(Redis, $"app-redis-x{i:000000}x", Sized(1)))]),
        Build("westus", "app-dr-rg", [.. Enumerable.Range(0, count).Select(i => Resource(Redis, $"app-dr-redis-x{i:000000}x", Sized(i == 7 ? 2 : 1)))]));

    private static ParityReport Compare(ResourceDocument[] one, ResourceDocument[] other, params ParityPart[] Skip) =>
        ParityComparison.Compare(Build("eastus", "app-rg", one), Build("westus", "app-dr-rg", other), Catalogue.Shipped, [ParityPart.Fitness, .. Skip]);

    private static RegionSnapshot Build(string location, string group, ResourceDocument[] resources)
    {
        var region = new RegionDocuments("app", "sub", new RegionNames(location, group, group[..^3]), new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        region.Resources.AddRange(resources);
        return SnapshotBuilder.Build(region, Catalogue.Shipped);
    }

    private static ResourceDocument Resource(string type, string name, string json, string group = "app-rg") =>
        new(type, name, $"/subscriptions/sub/resourceGroups/{group}/providers/{type}/{name}", (JsonObject)JsonNode.Parse(json)!);

    private static ResourceDocument PrivateEndpoint(string name, string group, string server) => Resource(
        Endpoint,
        name,
        """{"properties":{"privateLinkServiceConnections":[{"properties":{"privateLinkServiceId":"/subscriptions/sub/resourceGroups/GROUP/providers/Microsoft.DBforPostgreSQL/flexibleServers/SERVER","groupIds":["postgresqlServer"],"privateLinkServiceConnectionState":{"status":"Approved"}}}]}}"""
            .Replace("GROUP", group, StringComparison.Ordinal).Replace("SERVER", server, StringComparison.Ordinal),
        group);

    private static string Sized(int capacity) => """{"properties":{"sku":{"name":"Standard","capacity":SIZE}}}""".Replace("SIZE", $"{capacity}", StringComparison.Ordinal);
}
