using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Provisioning;

/// <summary>Templates by the real bicep program, without a cloud.</summary>
public sealed class TemplateEvaluationTests : IDisposable
{
    private const string Bicep = """
        param location string
        param size string
        @secure()
        param password string
        param kubernetesVersion string

        resource cluster 'Microsoft.ContainerService/managedClusters@2025-05-01' = {
          name: 'own-aks'
          location: location
          properties: {
            kubernetesVersion: kubernetesVersion
            agentPoolProfiles: [for i in range(1, 2): { name: 'pool${i}', vmSize: size, count: i, maxCount: 2 * i, enableAutoScaling: true, availabilityZones: ['1'] }]
            windowsProfile: { adminUsername: 'a', adminPassword: password }
          }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-evaluate-").FullName;

    private static readonly RegionPair Pair = Pairs.Create();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Evaluate_TheModulesOwn_IsTheWholeRegionAndEqualToItself()
    {
        var resources = await TemplateEvaluation.EvaluateAsync(TemplateEvaluation.Own, Pair, Pair.Regions[1], "westus", CancellationToken.None);

        var environment = RegionEnvironment.Of(Pair, Pair.Regions[1]);
        var documents = TemplateDocuments.Of(resources, Catalogue.Shipped).ToList();
        foreach (var name in new[] { "aks", "postgres", "vnet", "vnet-nsg", "vnet-nat", "aks-appgw", "redis", "postgres-pe" }) Assert.Contains(documents, d => d.Name == $"{environment.Prefix}-{name}");
        var needs = TemplateNeeds.Of(resources, environment, new Dictionary<string, long>());
        Assert.Equal((environment.Pools.Length, environment.KubernetesVersion, environment.DatabaseSku, environment.StorageGB), (needs.Pools.Count, needs.KubernetesVersion, needs.DatabaseSku, needs.StorageGB));
        Assert.True(needs.Needs("microsoft.cache/redis") && !needs.Needs("Microsoft.Web/sites"));

        RegionSnapshot Snapshot(bool template)
        {
            var region = new RegionDocuments("p", Pair.SubscriptionId, new RegionNames("westus", environment.ResourceGroup, environment.Prefix), default) { IsTemplate = template };
            region.Resources.AddRange(TemplateDocuments.Of(resources, Catalogue.Shipped));
            return SnapshotBuilder.Build(region, Catalogue.Shipped);
        }

        var report = ParityComparison.Compare(Snapshot(true), Snapshot(false), Catalogue.Shipped);
        Assert.Empty(report.Drifts);
        Assert.True(report.Properties > 150, $"{report.Properties} properties");
    }

    [Fact]
    public async Task Evaluate_BicepWithItsParameters_TakesThemAndNotTheSecret()
    {
        var path = Write("own.bicep", Bicep);
        var parameters = Write("own.bicepparam", "using 'own.bicep'\nparam location = 'westus'\nparam size = 'Standard_D2s_v5'\nparam password = 'never-shown-anywhere'\nparam kubernetesVersion = '1.31'\n");

        var resources = await TemplateEvaluation.EvaluateAsync(parameters, Pair, Pair.Regions[1], "westus", CancellationToken.None);

        var needs = TemplateNeeds.Of(resources, RegionEnvironment.Of(Pair, Pair.Regions[1]), new Dictionary<string, long>());
        Assert.Equal(["pool1 Standard_D2s_v5 2", "pool2 Standard_D2s_v5 4"], needs.Pools.Select(p => $"{p.Name} {p.Size} {p.Max}"));
        Assert.Equal("1.31", needs.KubernetesVersion);
        Assert.False(needs.Needs("Microsoft.DBforPostgreSQL/flexibleServers"));
        Assert.DoesNotContain("never-shown", string.Concat(resources.Select(r => r.ToJsonString())), StringComparison.Ordinal);

        // Without them the pair file's words fill what it knows; the rest is an error that names it.
        var failure = await Assert.ThrowsAsync<DrException>(() => TemplateEvaluation.EvaluateAsync(path, Pair, Pair.Regions[1], "westus", CancellationToken.None));
        Assert.Equal("HfTemplateNotEvaluated", failure.ErrorId);
        Assert.Contains("size", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath() + "hfdr-template", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bad.bicep", "resource x 'Microsoft.Network/x@2024-05-01' = {\n name: nothing\n}", "HfTemplateNotCompiled")]
    [InlineData("bad.bicepparam", "using 'none.bicep'\n", "HfTemplateNotCompiled")]
    [InlineData("bad.json", """{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Network/x","name":"[noSuchFunction()]","apiVersion":"2024-05-01"}]}""", "HfTemplateNotEvaluated")]
    [InlineData("none.bicep", null, "HfTemplateNotFound")]
    [InlineData("none.bicepparam", null, "HfTemplateNotFound")]
    public async Task Evaluate_BadTemplate_IsItsOwnError(string name, string? text, string errorId)
    {
        var path = text is null ? Path.Combine(_folder, name) : Write(name, text);

        var failure = await Assert.ThrowsAsync<DrException>(() => TemplateEvaluation.EvaluateAsync(path, Pair, Pair.Regions[0], "eastus", CancellationToken.None));

        Assert.Equal(errorId, failure.ErrorId);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder), f => f.EndsWith(".snapshot.json", StringComparison.Ordinal));
    }

    [Fact]
    public void IsTemplate_ByWordExtensionAndSchema()
    {
        Assert.True(TemplateEvaluation.IsTemplate("template") && TemplateEvaluation.IsTemplate("x.bicep") && TemplateEvaluation.IsTemplate("X.BICEPPARAM"));
        Assert.True(TemplateEvaluation.IsTemplate(Write("a.json", """{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"}""")));
        Assert.False(TemplateEvaluation.IsTemplate(Write("b.json", """{"kind":"Highflame.Dr region snapshot"}""")) || TemplateEvaluation.IsTemplate("none.json") || TemplateEvaluation.IsTemplate("eastus"));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
