using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Provisioning;

public sealed class SupportRulesTests
{
    private static readonly SupportNeeds Needs = new(
        [new PairNodePool { Name = "general", Mode = "User", Size = "Standard_D4as_v6", Count = 3, Min = 3, Max = 6, Zones = ["1", "2", "3"] }],
        new Dictionary<string, long>(), "1.33", "GeneralPurpose", "Standard_D4ads_v5", "16", 64, "1");

    [Fact]
    public void Judge_EverythingThere_IsSupported()
    {
        var results = SupportRules.Judge(Offer("eastus"), Offer("westus"), Needs).ToArray();

        Assert.All(results, r => Assert.True(r.Verdict == SupportVerdict.Supported, r.ToString()));
        Assert.Equal(["Compute", "Geography", "Kubernetes", "PostgreSQL", "Quota", "ApplicationGateway", "KeyVault", "Redis"], results.Select(r => r.Service).Distinct().Order(StringComparer.Ordinal).OrderBy(s => s is "ApplicationGateway" or "KeyVault" or "Redis"));
    }

    [Fact]
    public void Judge_SizeRestricted_NamesTheNearestThatBothHave()
    {
        var here = Offer("westus") with { Sizes = [Size("Standard_D4as_v6", 4, restriction: "NotAvailableForSubscription"), Size("Standard_D4as_v5", 4), Size("Standard_D8as_v5", 8), Size("Standard_D4s_v5", 4)] };
        // The other location lacks the one that would read most alike.
        var other = Offer("eastus") with { Sizes = [Size("Standard_D4as_v6", 4), Size("Standard_D8as_v5", 8), Size("Standard_D4s_v5", 4)] };

        var found = SupportRules.Judge(here, other, Needs).Single(r => r.Service == "Compute");

        Assert.Equal(SupportVerdict.Restricted, found.Verdict);
        Assert.StartsWith("Standard_D4s_v5 (4 vCPUs, 16 GiB) is the nearest size that both locations have.", found.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_SizeAbsentOrWithoutAZone_IsNotOfferedOrRestricted()
    {
        var absent = SupportRules.Judge(Offer("westus") with { Sizes = [Size("Standard_D8as_v5", 8)] }, Offer("eastus"), Needs).Single(r => r.Service == "Compute");
        var zoneless = SupportRules.Judge(Offer("westus") with { Sizes = [Size("Standard_D4as_v6", 4) with { Zones = ["1"] }] }, Offer("eastus"), Needs).Single(r => r.Service == "Compute");

        Assert.Equal((SupportVerdict.NotOffered, "No size of at least this strength is in both locations: choose another location."), (absent.Verdict, absent.Remedy));
        Assert.Equal((SupportVerdict.Restricted, "Standard_D4as_v6 is not in zones 2, 3."), (zoneless.Verdict, zoneless.Observed));
    }

    [Theory]
    // 6 nodes of 4 vCPUs.
    [InlineData(24, 0, 0, SupportVerdict.Supported)]
    [InlineData(23, 0, 0, SupportVerdict.QuotaShort)]
    [InlineData(30, 12, 0, SupportVerdict.QuotaShort)]
    // The twelve that are used are the environment's own.
    [InlineData(30, 12, 12, SupportVerdict.Supported)]
    public void Judge_Quota_CountsWhatTheAutoscalerMayGrowToLessWhatIsItsOwn(long limit, long used, long own, SupportVerdict expected)
    {
        var here = Offer("westus") with { Quotas = new Dictionary<string, OfferedQuota> { ["standardDav6Family"] = new(used, limit), ["cores"] = new(used, limit) } };

        var found = SupportRules.Judge(here, Offer("eastus"), Needs with { OwnCores = new Dictionary<string, long> { ["standardDav6Family"] = own } }).Where(r => r.Service == "Quota").ToArray();

        Assert.Equal(2, found.Length);
        Assert.All(found, r => Assert.Equal(expected, r.Verdict));
        if (expected == SupportVerdict.QuotaShort) Assert.Contains($"to at least {used - own + 24}", found[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_DatabaseAndClusterThatDoNotFit_EachSaysWhatFitsBoth()
    {
        var here = Offer("westus") with { KubernetesVersions = ["1.32", "1.32.5"], Servers = [new("GeneralPurpose", "Standard_D8ads_v5", 8, ["1"])], ServerVersions = ["15"], StorageMb = new Dictionary<string, HashSet<long>> { ["GeneralPurpose"] = [131072] } };
        var other = Offer("eastus") with { KubernetesVersions = ["1.32", "1.33"], Servers = [new("GeneralPurpose", "Standard_D4ads_v5", 4, ["1"]), new("GeneralPurpose", "Standard_D8ads_v5", 8, ["1"])] };

        var found = SupportRules.Judge(here, other, Needs).Where(r => r.Verdict == SupportVerdict.NotOffered).ToDictionary(r => r.Requirement, r => r.Remedy);

        Assert.Equal("1.32 is the newest version that both locations have.", found["Kubernetes 1.33"]);
        Assert.Equal("Standard_D8ads_v5 (8 vCPUs) is the nearest size that both locations have.", found["Standard_D4ads_v5 (GeneralPurpose) in zone 1"]);
        Assert.Contains("PostgreSQL 16", found.Keys);
        Assert.Contains("64 GB of storage", found.Keys);
        Assert.Equal(4, found.Count);
    }

    [Fact]
    public void Judge_WhatAzureDoesNotTell_IsUnknownAndNeverSupported()
    {
        var here = Offer("westus") with { Sizes = null, Quotas = null, KubernetesVersions = null, Servers = null, Types = new Dictionary<string, string[]>() };
        here.Trouble["Compute"] = "Azure answered HTTP 403.";

        var results = SupportRules.Judge(here, Offer("eastus"), Needs).Where(r => r.Service != "Geography").ToArray();

        Assert.All(results, r => Assert.Equal(SupportVerdict.Unknown, r.Verdict));
        Assert.Equal("Azure answered HTTP 403.", results.First(r => r.Service == "Compute").Observed);
    }

    [Theory]
    [InlineData("westus", "California", "eastus", SupportVerdict.Supported, SupportVerdict.Supported)]
    [InlineData("westus", "Virginia", "eastus", SupportVerdict.Advised, SupportVerdict.Supported)]
    [InlineData("westus", "California", "eastus2", SupportVerdict.Supported, SupportVerdict.Advised)]
    [InlineData("eastus", "Virginia", "eastus", SupportVerdict.NotOffered, SupportVerdict.Supported)]
    public void Judge_Geography_DistinctPlacesThatAzurePairs(string location, string place, string pairedWith, SupportVerdict distinct, SupportVerdict paired)
    {
        var found = SupportRules.Judge(Offer(location) with { PhysicalLocation = place, PairedWith = [pairedWith] }, Offer("eastus"), Needs).Where(r => r.Service == "Geography").ToArray();

        Assert.Equal([distinct, paired], found.Select(f => f.Verdict));
    }

    [Fact]
    public void Judge_Burstable_HasNoReplica()
    {
        var found = SupportRules.Judge(Offer("westus"), Offer("eastus"), Needs with { DatabaseTier = "Burstable" }).Single(r => r.Requirement == "A replica in another region");

        Assert.Equal(SupportVerdict.NotOffered, found.Verdict);
    }

    private static OfferedSize Size(string name, int cores, string? restriction = null) => new(name, name.EndsWith("v6", StringComparison.Ordinal) ? "standardDav6Family" : "other", cores, cores * 4, ["1", "2", "3"], restriction);

    private static LocationOffer Offer(string location) => new()
    {
        Location = location,
        DisplayName = location,
        Geography = "United States",
        PhysicalLocation = location == "eastus" ? "Virginia" : "California",
        PairedWith = [location == "eastus" ? "westus" : "eastus"],
        Sizes = [Size("Standard_D4as_v6", 4)],
        Quotas = new Dictionary<string, OfferedQuota>(StringComparer.OrdinalIgnoreCase) { ["standardDav6Family"] = new(0, 100), ["cores"] = new(0, 100) },
        KubernetesVersions = ["1.33", "1.33.5"],
        Servers = [new("GeneralPurpose", "Standard_D4ads_v5", 4, ["1", "2", "3"])],
        ServerVersions = ["16"],
        StorageMb = new Dictionary<string, HashSet<long>> { ["GeneralPurpose"] = [65536] },
        Types = ((string[])["Microsoft.Cache/redis", "Microsoft.Network/applicationGateways", "Microsoft.KeyVault/vaults", "Microsoft.ContainerService/managedClusters", "Microsoft.DBforPostgreSQL/flexibleServers"])
            .ToDictionary(t => t, _ => new[] { "eastus", "westus" }),
    };
}
