using System.Net;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Planning;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Tests.Traffic;

public sealed class EndpointPlannerTests
{
    private const string ProfileId = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/global";

    private static TrafficEndpoint Endpoint(string name, string? target, long? priority = null, bool alwaysServe = true, string status = "Enabled", string type = "ExternalEndpoints") => new()
    {
        Name = name,
        ResourceId = $"{ProfileId}/externalEndpoints/{name}",
        ProfileName = "global",
        ProfileResourceId = ProfileId,
        Type = type,
        Target = target,
        Status = status,
        AlwaysServe = alwaysServe,
        Priority = priority,
        Weight = 1,
    };

    private static TrafficProfile Profile(string routing, params TrafficEndpoint[] endpoints) => new()
    {
        Name = "global",
        ResourceId = ProfileId,
        ResourceGroup = "rg1",
        Fqdn = "global.trafficmanager.net",
        RoutingMethod = routing,
        Ttl = 30,
        Status = "Enabled",
        Endpoints = endpoints,
    };

    private static EndpointPlan Plan(TrafficProfile profile, EndpointRequest request, string[]? addresses = null, bool sandbox = false, string? problem = null)
    {
        IPAddress[] facts = addresses is null ? request.Target is not null && IPAddress.TryParse(request.Target, out var literal) ? [literal] : [] : [.. addresses.Select(IPAddress.Parse)];
        var target = problem is null ? request.Target : null;
        return EndpointPlanner.Plan(profile, profile.Endpoints[0], request, new(target, problem, facts, sandbox, DateTimeOffset.UnixEpoch));
    }

    private static EndpointPlan PlanTarget(string target, string[]? addresses = null, bool alwaysServe = true, bool sandbox = false, bool allowPrivate = false) =>
        Plan(Profile("Weighted", Endpoint("e", "20.1.1.1", alwaysServe: alwaysServe)), new() { EndpointId = "e", Target = target, AllowPrivateAddress = allowPrivate }, addresses, sandbox);

    private static string[] Codes(EndpointPlan plan) => [.. plan.Refusals.Select(r => r.Code)];

    [Fact]
    public void Plan_PublicAddress_IsOneStepThatSaysWhatItDoes()
    {
        var plan = PlanTarget("20.2.2.2");
        var step = Assert.Single(plan.Steps);
        Assert.Equal(("MoveTraffic", StepClass.Reversible), (step.Name, step.Class));
        Assert.Contains("target 20.1.1.1 -> 20.2.2.2", step.Action, StringComparison.Ordinal);
        Assert.Contains("30 s", step.Action, StringComparison.Ordinal);
        Assert.Equal("20.2.2.2", plan.ResolvedTarget);
    }

    [Theory]
    [InlineData("20.1.1.1")]
    [InlineData(" 20.1.1.1 ")]
    public void Plan_TargetItHasAlready_IsNoChange(string target) => Assert.True(PlanTarget(target).NoChange);

    [Theory]
    [InlineData("10.0.0.4")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.1.1")]
    [InlineData("127.0.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.9")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("::")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:10.0.0.4")]
    public void Plan_PrivateAddress_IsRefusedWithPrivateLinkAsAdvice(string address)
    {
        var plan = PlanTarget(address);
        var refusal = Assert.Single(plan.Refusals);
        Assert.Equal("HfTargetPrivate", refusal.Code);
        Assert.Contains("Private Link FQDN", refusal.Remedy, StringComparison.Ordinal);
        Assert.Contains("-AllowPrivateAddress", refusal.Remedy, StringComparison.Ordinal);
        Assert.Empty(plan.Steps);
    }

    [Theory]
    [InlineData("11.0.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2603:1030::1")]
    public void Plan_NeighbourOfAPrivateRange_IsFine(string address) => Assert.Empty(PlanTarget(address).Refusals);

    [Fact]
    public void Plan_PrivateAddressAllowed_IsSentWithAWarning()
    {
        var plan = PlanTarget("10.0.0.4", allowPrivate: true);
        Assert.Empty(plan.Refusals);
        Assert.Single(plan.Steps);
        Assert.Contains("RFC 1918", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_LoopbackInSandbox_IsPublicAndPrivateStaysPrivate()
    {
        Assert.Empty(PlanTarget("127.5.2.1", sandbox: true).Refusals);
        Assert.Equal(["HfTargetPrivate"], Codes(PlanTarget("10.0.0.4", sandbox: true)));
    }

    [Theory]
    [InlineData("https://gw.example.com", "URL")]
    [InlineData("gw.example.com:443", "port")]
    [InlineData("20.1.1.1:443", "port")]
    [InlineData("[2603::1]:443", "brackets")]
    [InlineData("gateway", "fully qualified")]
    [InlineData("10.1", "fully qualified")]
    [InlineData("*.example.com", "fully qualified")]
    [InlineData("gw.example.com/path", "path")]
    [InlineData("", "empty")]
    public void Plan_TextThatIsNoTarget_IsRefusedWithTheReason(string target, string reason)
    {
        var refusal = Assert.Single(PlanTarget(target).Refusals);
        Assert.Equal("HfTargetInvalid", refusal.Code);
        Assert.Contains(reason, refusal.Observed, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ProblemWithAResourceId_IsRefused() =>
        Assert.Equal(["HfTargetInvalid"], Codes(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1")), new() { EndpointId = "e", Target = "/subscriptions/x" }, problem: "There is no such address.")));

    [Fact]
    public void Plan_NameThatResolvesPrivately_NeedsAlwaysServe()
    {
        Assert.Equal(["HfTargetNeedsAlwaysServe"], Codes(PlanTarget("gw.privatelink.example.com", ["10.0.0.4", "10.0.0.5"], alwaysServe: false)));
        Assert.Empty(PlanTarget("gw.privatelink.example.com", ["10.0.0.4"]).Refusals);
        Assert.Empty(PlanTarget("gw.example.com", ["10.0.0.4", "20.2.2.2"], alwaysServe: false).Refusals);
    }

    [Fact]
    public void Plan_AlwaysServeOffForAPrivateName_IsRefused()
    {
        var profile = Profile("Weighted", Endpoint("e", "gw.privatelink.example.com"));
        Assert.Equal(["HfTargetNeedsAlwaysServe"], Codes(Plan(profile, new() { EndpointId = "e", AlwaysServe = false }, ["10.0.0.4"])));
    }

    [Fact]
    public void Plan_NameThatDoesNotResolve_IsAWarning()
    {
        var plan = PlanTarget("gw.example.com", []);
        Assert.Empty(plan.Refusals);
        Assert.Contains("does not resolve", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_OwnName_IsALoop() => Assert.Equal(["HfTargetLoop"], Codes(PlanTarget("GLOBAL.trafficmanager.net.", ["20.1.1.1"])));

    [Fact]
    public void Plan_TargetOfAnotherEndpoint_IsADuplicate() =>
        Assert.Equal(["HfTargetDuplicate"], Codes(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1"), Endpoint("f", "20.2.2.2")), new() { EndpointId = "e", Target = "20.2.2.2" })));

    [Fact]
    public void Plan_NameBesideAddress_IsMixed() =>
        Assert.Equal(["HfTargetMixedTypes"], Codes(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1"), Endpoint("f", "20.2.2.2")), new() { EndpointId = "e", Target = "gw.example.com" }, ["20.3.3.3"])));

    [Fact]
    public void Plan_MultiValue_TakesBothFamiliesAndNoName()
    {
        var profile = Profile("MultiValue", Endpoint("e", "20.1.1.1"), Endpoint("f", "20.2.2.2"));
        Assert.Empty(Plan(profile, new() { EndpointId = "e", Target = "2603:1030::1" }).Refusals);
        Assert.Equal(["HfTargetMixedTypes"], Codes(Plan(profile, new() { EndpointId = "e", Target = "gw.example.com" }, ["20.3.3.3"])));
    }

    [Fact]
    public void Plan_AzureEndpoint_CannotBeRetargeted() =>
        Assert.Equal(["HfTargetInvalid"], Codes(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1", type: "AzureEndpoints")), new() { EndpointId = "e", Target = "20.2.2.2" })));

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(1001L, 1001L)]
    public void Plan_NumbersOutOfRange_GivesAllRefusalsAtOnce(long priority, long weight) =>
        Assert.Equal(["HfTargetPrivate", "HfPriorityOutOfRange", "HfWeightOutOfRange"],
            Codes(Plan(Profile("Priority", Endpoint("e", "20.1.1.1", 1)), new() { EndpointId = "e", Target = "10.0.0.1", Priority = priority, Weight = weight })));

    [Fact]
    public void Plan_PriorityWithoutPriorityRouting_Warns() =>
        Assert.Contains(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1", 1)), new() { EndpointId = "e", Priority = 5 }).Warnings, w => w.StartsWith("HfPriorityNeedsPriorityRouting", StringComparison.Ordinal));

    [Fact]
    public void Plan_DisableTheLastEndpoint_Warns()
    {
        Assert.Contains("will not resolve", Assert.Single(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1"), Endpoint("f", "20.2.2.2", status: "Disabled")), new() { EndpointId = "e", Enabled = false }).Warnings), StringComparison.Ordinal);
        Assert.Empty(Plan(Profile("Weighted", Endpoint("e", "20.1.1.1"), Endpoint("f", "20.2.2.2")), new() { EndpointId = "e", Enabled = false }).Warnings);
    }

    [Fact]
    public void Plan_PriorityThatAnotherHas_SwapsWithoutEverColliding()
    {
        var profile = Profile("Priority", Endpoint("e", "20.2.2.2", 2), Endpoint("f", "20.1.1.1", 1), Endpoint("g", "20.3.3.3", 1000));
        var request = new EndpointRequest { EndpointId = "e", Priority = 1 };
        Assert.Equal(["ParkPriority", "SwapPriority", "SetEndpoint"], Plan(profile, request).Steps.Select(s => s.Name));

        var priorities = profile.Endpoints.ToDictionary(e => e.ResourceId, e => e.Priority!.Value);
        foreach (var (_, change) in EndpointChanges.Of(profile, profile.Endpoints[0], request, null))
        {
            priorities[change.EndpointId] = change.Priority!.Value;
            Assert.Equal(priorities.Count, priorities.Values.Distinct().Count());
        }
        Assert.Equal([1L, 2L, 1000L], profile.Endpoints.Select(e => priorities[e.ResourceId]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Plan_SwapKilledAfterAnyStep_TheSameRequestEndsInTheSameOrder(int done)
    {
        var profile = Profile("Priority", Endpoint("e", "20.2.2.2", 2), Endpoint("f", "20.1.1.1", 1), Endpoint("g", "20.3.3.3", 3));
        var request = new EndpointRequest { EndpointId = "e", Priority = 1 };
        TrafficProfile Carry(TrafficProfile seen, int steps)
        {
            foreach (var (_, change) in EndpointChanges.Of(seen, seen.Endpoints[0], request, null).Take(steps))
                seen = seen with { Endpoints = [.. seen.Endpoints.Select(e => e.ResourceId == change.EndpointId ? e with { Priority = change.Priority } : e)] };
            return seen;
        }

        var ended = Carry(Carry(profile, done), 3);

        Assert.Equal([1L, 2L, 3L], ended.Endpoints.Select(e => e.Priority));
        Assert.True(Plan(ended, request).NoChange);
    }

    [Fact]
    public void ToBody_OneChange_SendsNothingElse()
    {
        var profile = Profile("Weighted", Endpoint("e", "20.1.1.1", 1));
        var (_, change) = Assert.Single(EndpointChanges.Of(profile, profile.Endpoints[0], new() { EndpointId = "e", Enabled = true, Weight = 1, AlwaysServe = false }, null));
        Assert.Equal("""{"properties":{"alwaysServe":"Disabled"}}""", System.Text.Json.JsonSerializer.Serialize(change.ToBody()));
    }
}
