using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Tests.Parity;

/// <summary>A region against what a template would make of it: what the template does not say is not judged.</summary>
public sealed class TemplateComparisonTests
{
    private const string Group = "/subscriptions/sub/resourceGroups/app-rg";
    private const string Redis = "Microsoft.Cache/redis";
    private const string Address = "Microsoft.Network/publicIPAddresses";
    private const string Vault = "Microsoft.KeyVault/vaults";
    private const string Server = "Microsoft.DBforPostgreSQL/flexibleServers";
    private const string Network = "Microsoft.Network/virtualNetworks";
    private const string Cluster = "Microsoft.ContainerService/managedClusters";

    [Fact]
    public void Compare_WhatTheTemplateLeavesOut_IsNoDrift()
    {
        // Neither the usual values of what it does not write, nor tags, nor a cluster that it does not make, nor a value that only the running vault knows.
        var report = Compare(
            [Made(Redis, "app-redis", """{"sku":{"name":"Standard","capacity":3},"updateChannel":"[reference('x').channel]"}""")],
            [Live(Redis, "app-redis", """{"tags":{"dr-tier":"1"},"properties":{"sku":{"name":"standard","capacity":3},"enableNonSslPort":true,"updateChannel":"Preview","redisConfiguration":{"rdb-backup-enabled":"false"}}}"""), Live(Cluster, "app-aks", """{"sku":{"tier":"Free"}}""")]);

        Assert.Empty(report.Drifts);
        Assert.Equal(1, report.Resources);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Compare_WhatTheTemplateSays_HasToBeSoOnWhicheverSideItStands(bool reference)
    {
        JsonObject[] made = [Made(Redis, "app-redis", """{"minimumTlsVersion":"1.2"}"""), Made(Address, "app-second-ip", "{}")];
        ResourceDocument[] live = [Live(Redis, "app-redis", """{"properties":{"minimumTlsVersion":"1.0"}}"""), Live(Address, "app-other-ip", "{}")];

        var drifts = Compare(made, live, reference).Drifts.Select(d => $"{d.Kind} {d.Property} {(reference ? d.ReferenceValue : d.DifferenceValue)}");

        Assert.Equal(reference ? ["Different minimumTls 1.2", "Missing (resource) present", "Extra (resource) "] : ["Different minimumTls 1.2", "Missing (resource) ", "Extra (resource) present"], drifts);
    }

    [Fact]
    public void Compare_ItemOfAListThatTheTemplateWrites_IsExtra()
    {
        const string Pools = """{"agentPoolProfiles":[{"name":"default","vmSize":"A"}]}""";
        var live = Live(Cluster, "app-aks", """{"properties":{"agentPoolProfiles":[{"name":"default","vmSize":"a","nodeTaints":["x"]},{"name":"byhand","vmSize":"B"}]}}""");

        var drift = Assert.Single(Compare([Made(Cluster, "app-aks", Pools)], [live]).Drifts);

        Assert.Equal(("pools[byhand]", (string?)null, "present"), (drift.Property, drift.ReferenceValue, drift.DifferenceValue));
        Assert.Empty(Compare([Made(Cluster, "app-aks", "{}")], [live]).Drifts);
    }

    [Fact]
    public void Of_Children_GoWhereAzureShowsThem()
    {
        JsonObject[] made =
        [
            Made(Vault, "app-kv", "{}"),
            Made($"{Vault}/secrets", "app-kv/password", """{"value":"[parameters('password')]"}"""),
            Made($"{Vault}/secrets", "app-kv/port", """{"value":""}"""),
            Made(Server, "app-postgres", "{}"),
            Made($"{Server}/configurations", "app-postgres/work_mem", """{"value":"4096"}"""),
            Made(Network, "app-vnet", "{}"),
            Made($"{Network}/subnets", "app-vnet/app-private", """{"addressPrefix":"10.0.0.0/24"}"""),
            Made(Cluster, "app-aks", "{}"),
            Made($"{Cluster}/agentPools", "app-aks/general", """{"vmSize":"A","mode":"User"}"""),
            Lock($"{Group}/providers/{Server}/app-postgres"),
            Made("Microsoft.Authorization/roleAssignments", "1", "{}"),
            Made($"{Network}/subnets", "elsewhere/s", "{}"),
        ];

        var snapshot = Snapshot(made);

        Assert.Equal([Cluster, Server, Vault, Network], snapshot.Resources.Select(r => r.Type));
        string Values(string type) => string.Join(", ", snapshot.Resources.Single(r => r.Type == type).Properties.Select(p => $"{p.Name}={p.Value}"));
        Assert.Equal("secrets[password]=present, secrets[password].state=set, secrets[port]=present, secrets[port].state=EMPTY", Values(Vault));
        Assert.Equal("locks[CanNotDelete]=present, locks[CanNotDelete].level=CanNotDelete, parameters[work_mem]=4096", Values(Server));
        Assert.Equal("subnets[{P}-private]=present, subnets[{P}-private].shape=/24", Values(Network));
        Assert.Equal("pools[general]=present, pools[general].mode=User, pools[general].vmSize=A", Values(Cluster));
    }

    [Fact]
    public void Compare_SecretThatIsEmptyInTheRegion_BlocksAFailover()
    {
        var drift = Assert.Single(Compare(
            [Made(Vault, "app-kv", "{}"), Made($"{Vault}/secrets", "app-kv/password", """{"value":"x"}""")],
            [Live(Vault, "app-kv", """{"$secrets":[{"name":"password","state":"EMPTY"},{"name":"more","state":"set"}]}""")]).Drifts);

        Assert.Equal((DriftSeverity.BlocksFailover, "secrets[password].state", "set", "EMPTY"), (drift.Severity, drift.Property, drift.ReferenceValue, drift.DifferenceValue));
    }

    private static ParityReport Compare(JsonObject[] made, ResourceDocument[] live, bool reference = true)
    {
        var region = new RegionDocuments("app", "sub", Names, default);
        region.Resources.AddRange(live);
        var (template, real) = (Snapshot(made), SnapshotBuilder.Build(region, Catalogue.Shipped));
        return ParityComparison.Compare(reference ? template : real, reference ? real : template, Catalogue.Shipped);
    }

    private static RegionSnapshot Snapshot(JsonObject[] made)
    {
        var documents = new RegionDocuments("app", "sub", Names, default) { IsTemplate = true };
        documents.Resources.AddRange(TemplateDocuments.Of(made, Catalogue.Shipped));
        return SnapshotBuilder.Build(documents, Catalogue.Shipped);
    }

    private static RegionNames Names => new("eastus", "app-rg", "app");

    private static ResourceDocument Live(string type, string name, string json) => new(type, name, $"{Group}/providers/{type}/{name}", (JsonObject)JsonNode.Parse(json)!);

    /// <summary>A resource as <c>bicep snapshot</c> writes it.</summary>
    private static JsonObject Made(string type, string name, string properties)
    {
        var (types, names) = (type.Split('/'), name.Split('/'));
        var path = string.Join('/', types.Skip(1).Zip(names, (t, n) => $"{t}/{n}"));
        return new() { ["id"] = $"{Group}/providers/{types[0]}/{path}", ["type"] = type, ["name"] = name, ["apiVersion"] = "2024-01-01", ["properties"] = JsonNode.Parse(properties) };
    }

    private static JsonObject Lock(string owner) => new()
    {
        ["id"] = $"{owner}/providers/Microsoft.Authorization/locks/keep",
        ["type"] = "Microsoft.Authorization/locks",
        ["name"] = "keep",
        ["properties"] = new JsonObject { ["level"] = "CanNotDelete" },
    };
}
