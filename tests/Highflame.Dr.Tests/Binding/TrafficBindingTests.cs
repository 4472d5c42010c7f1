using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Traffic Manager, by name, by pipeline object and by property name.</summary>
public sealed class TrafficBindingTests : CmdletBindingTests
{
    [Theory]
    [InlineData("Get-HfTrafficProfile")]
    [InlineData("Get-HfTrafficProfile highflame-prod")]
    [InlineData("Get-HfRegionPair | Get-HfTrafficProfile")]
    [InlineData("Get-HfTrafficProfile -ResourceId $id")]
    [InlineData("Get-HfTrafficProfile -ProfileId $id")]
    [InlineData("$endpoint | Get-HfTrafficProfile")]
    [InlineData("[pscustomobject]@{ ProfileResourceId = $id } | Get-HfTrafficProfile")]
    public void GetHfTrafficProfile_AnyWay_ReadsIt(string script)
    {
        Invoke(script, new { id = Samples.ProfileId, endpoint = Samples.Endpoint }).One<TrafficProfile>();

        Assert.Equal(Samples.ProfileId, Engine.Last<string>("GetProfile"));
    }

    [Theory]
    [InlineData("Set-HfTrafficProfile -Ttl 0 -WaitForOldTtl")]
    [InlineData("Set-HfTrafficProfile -Pair highflame-prod -Ttl 0 -WaitForOldTtl")]
    [InlineData("Get-HfRegionPair | Set-HfTrafficProfile -Ttl 0 -WaitForOldTtl")]
    [InlineData("Set-HfTrafficProfile -ResourceId $id -Ttl 0 -WaitForOldTtl")]
    [InlineData("Get-HfTrafficProfile | Set-HfTrafficProfile -Ttl 0 -WaitForOldTtl")]
    [InlineData("[pscustomobject]@{ ResourceId = $id } | Set-HfTrafficProfile -Ttl 0 -WaitForOldTtl")]
    public void SetHfTrafficProfile_AnyWay_ChangesIt(string script)
    {
        Assert.Equal(0, Invoke(script, new { id = Samples.ProfileId }).One<TrafficProfile>().Ttl);

        Assert.Equal(new ProfileRequest { ProfileId = Samples.ProfileId, Ttl = 0, WaitForOldTtl = true }, Engine.Last<ProfileRequest>("PlanProfile"));
        Assert.Equal("highflame-prod", Engine.Last<ExecutionOptions>("ExecuteProfile").Pair!.Name);
    }

    [Theory]
    [InlineData("Get-HfTrafficEndpoint", "pair")]
    [InlineData("Get-HfTrafficEndpoint -Pair highflame-prod", "pair")]
    [InlineData("Get-HfRegionPair | Get-HfTrafficEndpoint", "pair")]
    [InlineData("Get-HfTrafficEndpoint -ProfileId $profileId -Name global-endpoint", "pair")]
    [InlineData("Get-HfTrafficEndpoint -ResourceId $id", "id")]
    [InlineData("$endpoint | Get-HfTrafficEndpoint", "id")]
    [InlineData("Get-HfTrafficProfile | Get-HfTrafficEndpoint", "profile")]
    public void GetHfTrafficEndpoint_AnyWay_ReadsIt(string script, string by)
    {
        Invoke(script, new { profileId = Samples.ProfileId, id = Samples.EndpointId, endpoint = Samples.Endpoint }).One<TrafficEndpoint>();

        var expected = by switch
        {
            "pair" => new EndpointQuery(Samples.ProfileId, "global-endpoint"),
            "profile" => new EndpointQuery(Samples.ProfileId),
            _ => new EndpointQuery(EndpointId: Samples.EndpointId),
        };
        Assert.Equal(expected, Engine.Last<EndpointQuery>("GetEndpoints"));
    }

    [Theory]
    [InlineData("Set-HfTrafficEndpoint -Location westus -Confirm:$false")]
    [InlineData("Set-HfTrafficEndpoint -Pair highflame-prod -Location 'West US' -Confirm:$false")]
    [InlineData("Get-HfRegionPair | Set-HfTrafficEndpoint -Location westus -Confirm:$false")]
    [InlineData("Set-HfTrafficEndpoint -ResourceId $id -Target 127.9.2.1 -Confirm:$false")]
    [InlineData("Set-HfTrafficEndpoint -InputObject $endpoint -Target 127.9.2.1 -Confirm:$false")]
    [InlineData("Get-HfTrafficEndpoint | Set-HfTrafficEndpoint -Location westus -Confirm:$false")]
    [InlineData("[pscustomobject]@{ ResourceId = $id } | Set-HfTrafficEndpoint -Target 127.9.2.1 -Confirm:$false")]
    public void SetHfTrafficEndpoint_AnyWay_PointsItThere(string script)
    {
        Assert.Equal("127.9.2.1", Invoke(script, new { id = Samples.EndpointId, endpoint = Samples.Endpoint }).One<TrafficEndpoint>().Target);

        Assert.Equal(new EndpointRequest { EndpointId = Samples.EndpointId, Target = "127.9.2.1" }, Engine.Last<EndpointRequest>("PlanEndpoint"));
    }

    [Fact]
    public void SetHfTrafficEndpoint_EveryOption_ReachesTheEngine()
    {
        Invoke("Set-HfTrafficEndpoint -Target 10.0.0.4 -Status Disabled -Priority 3 -Weight 4 -AlwaysServe Enabled -AllowPrivateAddress -Confirm:$false").EnsureNoErrors();

        Assert.Equal(
            new EndpointRequest { EndpointId = Samples.EndpointId, Target = "10.0.0.4", Enabled = false, Priority = 3, Weight = 4, AlwaysServe = true, AllowPrivateAddress = true },
            Engine.Last<EndpointRequest>("PlanEndpoint"));
    }

    [Fact]
    public void SetHfTrafficEndpoint_EndpointSeenBefore_IsNotReadAgain()
    {
        Invoke("Get-HfTrafficEndpoint").EnsureNoErrors();
        Engine.Calls.Clear();

        Invoke("Set-HfTrafficEndpoint -Location westus -Confirm:$false").EnsureNoErrors();

        Assert.Equal(["PlanEndpoint", "ExecuteEndpoint"], Engine.Methods);
    }

    [Theory]
    [InlineData("Set-HfTrafficEndpoint -Confirm:$false", "HfNothingAsked")]
    [InlineData("Set-HfTrafficEndpoint -Target a -Location westus -Confirm:$false", "HfTargetAmbiguous")]
    [InlineData("Set-HfTrafficEndpoint -Location mars -Confirm:$false", "HfLocationNotInPair")]
    public void SetHfTrafficEndpoint_BadInput_ItsOwnErrorAndNoChange(string script, string id)
    {
        Assert.Equal([$"{id},Highflame.Dr.Commands.SetHfTrafficEndpointCommand"], Invoke(script).ErrorIds);
        Assert.DoesNotContain("ExecuteEndpoint", Engine.Methods);
    }
}
