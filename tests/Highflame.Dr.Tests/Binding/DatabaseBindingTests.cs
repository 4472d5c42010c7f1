using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Databases and their replication, by name, by pipeline object and by property name.</summary>
public sealed class DatabaseBindingTests : CmdletBindingTests
{
    [Theory]
    [InlineData("Get-HfDbServer", null, null)]
    [InlineData("Get-HfDbServer highflame-prod-postgres", "highflame-prod-postgres", null)]
    [InlineData("Get-HfDbServer -Name highflame-prod-*", "highflame-prod-*", null)]
    [InlineData("Get-HfDbServer -ResourceId $id", null, "id")]
    [InlineData("$server | Get-HfDbServer", null, "id")]
    [InlineData("[pscustomobject]@{ ResourceId = $id; Name = 'x' } | Get-HfDbServer", null, "id")]
    public void GetHfDbServer_AnyWay_AsksForIt(string script, string? name, string? id)
    {
        Invoke(script, new { id = Samples.PrimaryId, server = Samples.Primary }).EnsureNoErrors();

        var query = Engine.Last<DbServerQuery>("GetServers");
        Assert.Equal((name, id is null ? null : Samples.PrimaryId), (query.Name, query.ResourceId));
    }

    [Theory]
    [InlineData("Get-HfDbServer -Pair highflame-prod -Role Replica")]
    [InlineData("Get-HfDbServer -Pair /pairs/highflame-prod.json -Role Replica")]
    [InlineData("Get-HfRegionPair | Get-HfDbServer -Role Replica")]
    [InlineData("$pair | Get-HfDbServer -Role Replica")]
    public void GetHfDbServer_PairAndRole_GivesThePairsReplica(string script)
    {
        var server = Invoke(script, new { pair = Samples.Pair("highflame-prod", "/x") }).One<DbServer>();

        Assert.Equal(Samples.ReplicaName, server.Name);
        Assert.Equal("highflame-prod", Engine.Last<DbServerQuery>("GetServers").Pair!.Name);
    }

    [Theory]
    [InlineData("Get-HfReplication highflame-prod-dr-postgres", "name")]
    [InlineData("Get-HfReplication -ResourceId $id", "id")]
    [InlineData("Get-HfReplication -InputObject $server", "id")]
    [InlineData("$server | Get-HfReplication", "id")]
    [InlineData("[pscustomobject]@{ ResourceId = $id } | Get-HfReplication", "id")]
    [InlineData("Get-HfReplication", "pair")]
    [InlineData("Get-HfReplication -Pair highflame-prod", "pair")]
    [InlineData("Get-HfRegionPair | Get-HfReplication", "pair")]
    public void GetHfReplication_AnyWay_AsksForIt(string script, string by)
    {
        Invoke(script, new { id = Samples.ReplicaId, server = Samples.Replica }).One<ReplicationStatus>();

        var query = Engine.Last<DbServerQuery>("GetReplication");
        Assert.Equal(
            (by == "name" ? Samples.ReplicaName : null, by == "id" ? Samples.ReplicaId : null, by == "pair" ? "highflame-prod" : null),
            (query.Name, query.ResourceId, query.Pair?.Name));
    }

    [Theory]
    [InlineData("Invoke-HfDbFailover highflame-prod-dr-postgres -Confirm:$false", false)]
    [InlineData("Invoke-HfDbFailover -ResourceId $id -Confirm:$false", true)]
    [InlineData("Invoke-HfDbFailover -InputObject $server -Confirm:$false", true)]
    [InlineData("$server | Invoke-HfDbFailover -Confirm:$false", true)]
    [InlineData("Get-HfReplication | Invoke-HfDbFailover -Confirm:$false", true)]
    [InlineData("Get-HfDbServer -Role Replica | Invoke-HfDbFailover -Confirm:$false", true)]
    public void InvokeHfDbFailover_AnyWay_PromotesIt(string script, bool byId)
    {
        var result = Invoke(script, new { id = Samples.ReplicaId, server = Samples.Replica }).One<DbFailover>();

        Assert.Equal(StepOutcome.Succeeded, result.Outcome);
        var request = Engine.Last<FailoverRequest>("PlanFailover");
        Assert.Equal(byId ? Samples.ReplicaId : Samples.ReplicaName, request.Server);
        Assert.Equal((FailoverMode.Planned, false), (request.Mode, request.AllowDataLoss));
        Assert.Equal("highflame-prod", Engine.Last<ExecutionOptions>("ExecuteFailover").Pair!.Name);
    }

    [Fact]
    public void InvokeHfDbFailover_EveryOption_ReachesTheEngine()
    {
        Invoke("Invoke-HfDbFailover -Name r -ResourceGroup g -Mode Forced -AllowDataLoss -NoWait -CatchUpTimeoutSeconds 7 -Confirm:$false").EnsureNoErrors();

        Assert.Equal(
            new FailoverRequest { Server = "r", ResourceGroup = "g", Mode = FailoverMode.Forced, AllowDataLoss = true, CatchUpTimeoutSeconds = 7 },
            Engine.Last<FailoverRequest>("PlanFailover"));
        Assert.True(Engine.Last<ExecutionOptions>("ExecuteFailover").NoWait);
    }

    [Theory]
    [InlineData("New-HfReadReplica highflame-prod-dr-postgres -Location eastus")]
    [InlineData("New-HfReadReplica -SourceServerResourceId $id -Location 'East US'")]
    [InlineData("$server | New-HfReadReplica -Location eastus")]
    [InlineData("Get-HfDbServer -Role Replica | Invoke-HfDbFailover -Confirm:$false | New-HfReadReplica -Location eastus")]
    [InlineData("[pscustomobject]@{ SourceServerResourceId = $id; Location = 'westus' } | New-HfReadReplica -Location eastus")]
    public void NewHfReadReplica_AnyWay_BuildsItThere(string script)
    {
        Assert.Equal("eastus", Invoke(script, new { id = Samples.ReplicaId, server = Samples.Replica }).One<DbReplica>().Location);

        string expected = script.StartsWith("New-HfReadReplica highflame", StringComparison.Ordinal) ? Samples.ReplicaName : Samples.ReplicaId;
        Assert.Equal(expected, Engine.Last<ReplicaRequest>("PlanReplica").Source);
    }

    [Fact]
    public void NewHfReadReplica_LocationOfAnObject_IsNeverTaken()
    {
        var result = Invoke("$server | New-HfReadReplica", new { server = Samples.Replica });

        Assert.Contains("Prompted for Location", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.Empty(Engine.Calls);
    }

    [Fact]
    public void NewHfReadReplica_EveryOption_ReachesTheEngine()
    {
        Invoke("New-HfReadReplica -Source p -Location westus -ReplicaName n -ResourceGroup g -Tag @{ Project = 'x'; Number = 3 } -NoWait").EnsureNoErrors();

        var request = Engine.Last<ReplicaRequest>("PlanReplica");
        Assert.Equal(("p", "westus", "n", "g", false), (request.Source, request.Location, request.Name, request.ResourceGroup, request.AssumePromoted));
        Assert.Equal("Number=3 Project=x", string.Join(' ', request.Tags!.OrderBy(t => t.Key).Select(t => $"{t.Key}={t.Value}")));
        Assert.True(Engine.Last<ExecutionOptions>("ExecuteReplica").NoWait);
    }

    [Theory]
    [InlineData("Copy-HfDbSetting highflame-prod-dr-postgres", null)]
    [InlineData("Copy-HfDbSetting -Server highflame-prod-dr-postgres -From highflame-prod-postgres", "highflame-prod-postgres")]
    [InlineData("Invoke-HfDbFailover r -Confirm:$false | Copy-HfDbSetting", "id")]
    public void CopyHfDbSetting_AnyWay_RestoresOnThePromotedServer(string script, string? from)
    {
        var change = Invoke(script + " -Kind Parameter, Lock -Confirm:$false").One<DbSettingChange>();

        Assert.Equal("work_mem", change.Name);
        var request = Engine.Last<SettingRequest>("PlanSettings");
        Assert.Equal(from == "id" ? Samples.ReplicaId : Samples.ReplicaName, request.Server);
        Assert.Equal((from == "id" ? Samples.PrimaryId : from, 2, false), (request.From, request.Kinds.Length, request.AssumePromoted));
    }

    [Theory]
    [InlineData("Invoke-HfDbFailover r -WhatIf", false)]
    [InlineData("Invoke-HfDbFailover r -WhatIf -AssumeUnlocked", true)]
    [InlineData("Invoke-HfDbFailover r -AssumeUnlocked -Confirm:$false", false)]
    public void InvokeHfDbFailover_AssumeUnlocked_IsForWhatIfAlone(string script, bool assumed)
    {
        Invoke(script).EnsureNoErrors();

        Assert.Equal(assumed, Engine.Last<FailoverRequest>("PlanFailover").AssumeUnlocked);
    }

    [Theory]
    [InlineData("Get-HfVirtualEndpoint", null)]
    [InlineData("Get-HfVirtualEndpoint highflame-prod-postgres", "name")]
    [InlineData("$server | Get-HfVirtualEndpoint", "id")]
    [InlineData("Get-HfVirtualEndpoint -Pair highflame-prod", null)]
    public void GetHfVirtualEndpoint_AnyWay_ReadsThem(string script, string? by)
    {
        Assert.Equal(Samples.ReplicaName, Invoke(script, new { server = Samples.Primary }).One<VirtualEndpoint>().Reader);

        var query = Engine.Last<DbServerQuery>("GetVirtualEndpoints");
        Assert.Equal((by == "name" ? Samples.PrimaryName : null, by == "id" ? Samples.PrimaryId : null, by is null), (query.Name, query.ResourceId, query.Pair is not null));
    }

    [Theory]
    [InlineData("New-HfVirtualEndpoint hf", null)]
    [InlineData("New-HfVirtualEndpoint hf highflame-prod-postgres", Samples.PrimaryName)]
    [InlineData("$server | New-HfVirtualEndpoint hf", "id")]
    public void NewHfVirtualEndpoint_AnyWay_MakesIt(string script, string? server)
    {
        Assert.Equal("hf", Invoke(script + " -Reader r -Confirm:$false", new { server = Samples.Primary }).One<VirtualEndpoint>().Name);

        var request = Engine.Last<VirtualEndpointRequest>("PlanVirtualEndpoint");
        Assert.Equal((server == "id" ? Samples.PrimaryId : server, "hf", "r", "highflame-prod"), (request.Server, request.Name, request.Reader, request.Pair!.Name));
    }

    [Theory]
    [InlineData("Set-HfVirtualEndpoint $id r")]
    [InlineData("Get-HfVirtualEndpoint | Set-HfVirtualEndpoint -Reader r")]
    public void SetHfVirtualEndpoint_AnyWay_AimsTheReader(string script)
    {
        Invoke(script + " -Confirm:$false", new { id = Samples.VirtualEndpoint.ResourceId }).One<VirtualEndpoint>();

        var request = Engine.Last<VirtualEndpointRequest>("PlanVirtualEndpoint");
        Assert.Equal((Samples.VirtualEndpoint.ResourceId, "r", null), (request.EndpointId, request.Reader, request.Name));
        Engine.Calls.Clear();
        Invoke(script + " -WhatIf", new { id = Samples.VirtualEndpoint.ResourceId }).EnsureNoErrors();
        Assert.DoesNotContain("ExecuteVirtualEndpoint", Engine.Methods);
    }

    [Theory]
    [InlineData("Set-HfDbBinding highflame-prod-postgres -Location eastus", "highflame-prod-postgres")]
    [InlineData("Set-HfDbBinding -Location 'East US' -Pair highflame-prod", null)]
    [InlineData("$server | Set-HfDbBinding", "id")]
    [InlineData("New-HfReadReplica p -Location eastus -Confirm:$false | Set-HfDbBinding", "new")]
    public void SetHfDbBinding_AnyWay_BindsTheRegion(string script, string? server)
    {
        var binding = Invoke(script + " -Confirm:$false", new { server = Samples.Primary }).One<DbBinding>();

        Assert.Equal(("eastus", StepOutcome.Succeeded), (binding.Location, binding.Outcome));
        var request = Engine.Last<BindingRequest>("PlanBinding");
        Assert.Equal(server switch { "id" => Samples.PrimaryId, "new" => Samples.ServerId("highflame-prod-rg", "highflame-prod-postgres-2"), _ => server }, request.Server);
        Assert.Equal(("highflame-prod", "eastus", false), (request.Pair.Name, request.Location, request.CopyCredential));
        Invoke("Set-HfDbBinding -Location eastus -CopyCredential -Confirm:$false").EnsureNoErrors();
        Assert.True(Engine.Last<BindingRequest>("PlanBinding").CopyCredential);
    }
}
