using System.Management.Automation;
using Highflame.Dr.Documentation;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Tests;

/// <summary>Each cmdlet by name, by pipeline object and by property name.</summary>
public sealed class BindingTests : IDisposable
{
    private readonly FakeSession _session = new();

    private FakeEngine Engine => _session.Engine;

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Get-HfRun")]
    [InlineData("Get-HfRun run-* -Pair highflame-prod")]
    [InlineData("Get-HfRun -Id run-1 -Unfinished")]
    [InlineData("$pair | Get-HfRun")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Get-HfRun")]
    public void GetHfRun_EachWay_ShowsThePairsRuns(string script)
    {
        Engine.Runs.AddRange([Samples.RunStatus, Samples.RunStatus with { Id = "other", Hold = RunHold.Ended }]);

        Assert.Contains(Invoke(script, new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") }).EnsureNoErrors().As<RunStatus>(), r => r.Id == "run-1");
        Assert.Equal("highflame-prod", Engine.Last<RegionPair>("GetRuns").Name);
    }

    [Fact]
    public void GetHfRun_UnknownId_HfRunNotFoundAndTheOthersAreShown()
    {
        Engine.Runs.Add(Samples.RunStatus);

        var result = Invoke("Get-HfRun no-such, run-1");

        Assert.Equal(["HfRunNotFound,Highflame.Dr.Commands.GetHfRunCommand"], result.ErrorIds);
        Assert.Single(result.As<RunStatus>());
    }

    [Theory]
    [InlineData("Get-HfLostWrite", null)]
    [InlineData("Get-HfLostWrite -Pair highflame-prod -OldPrimary highflame-prod-postgres", "highflame-prod-postgres")]
    [InlineData("$pair | Get-HfLostWrite", null)]
    [InlineData("[pscustomobject]@{ OldPrimaryResourceId = 'highflame-prod-postgres' } | Get-HfLostWrite", "highflame-prod-postgres")]
    public void GetHfLostWrite_EachWay_NamesPairAndOldPrimary(string script, string? oldPrimary)
    {
        Assert.Equal(2, Invoke(script, new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") }).EnsureNoErrors().As<LostWrite>().Length);

        var request = Engine.Last<LostWriteRequest>("FindLostWrites");
        Assert.Equal(("highflame-prod", oldPrimary), (request.Pair.Name, request.OldPrimary));
    }

    [Fact]
    public void ExportHfLostWrite_ManyFromThePipeline_WritesOneFile()
    {
        var export = Invoke("Get-HfLostWrite | Export-HfLostWrite -Path /out/lost.jsonl").One<LostWriteExport>();

        Assert.Equal("/out/lost.jsonl", export.Path);
        Assert.Equal(Samples.PrimaryName, Engine.Last<(LostWriteRequest, string)>("ExportLostWrites").Item1.OldPrimary);
        Assert.Empty(Invoke("Export-HfLostWrite -Path /out/lost.jsonl -WhatIf").EnsureNoErrors().Output);
    }

    [Theory]
    [InlineData("Export-HfLostWrite", "/runs/lost-writes.jsonl")]
    [InlineData("Get-HfLostWrite | Export-HfLostWrite https://a.blob.core.windows.net/c/lost.jsonl", "https://a.blob.core.windows.net/c/lost.jsonl")]
    public void ExportHfLostWrite_WithoutAPathOrToABlob_LeavesThePlaceToTheEngine(string script, string place) => Assert.Equal(place, Invoke(script).One<LostWriteExport>().Path);

    [Theory]
    [InlineData("Get-HfLostWrite -Pair https://a.blob.core.windows.net/pairs/other.json", "FindLostWrites")]
    [InlineData("Get-HfRun -Pair https://a.blob.core.windows.net/pairs/other.json", "GetRuns")]
    public void Pair_AddressOfABlob_IsFetched(string script, string method)
    {
        Invoke(script).EnsureNoErrors();

        var request = Engine.Calls.Last(c => c.Method == method).Request;
        Assert.Equal("other", request is LostWriteRequest lost ? lost.Pair.Name : ((RegionPair)request!).Name);
    }

    [Theory]
    [InlineData("Test-HfEvidence https://a.blob.core.windows.net/c/runs/x/evidence.json", true)]
    [InlineData("$run | Test-HfEvidence", true)]
    [InlineData("Test-HfEvidence HTTPS://a.blob.core.windows.net/c/changed.json", false)]
    public void TestHfEvidence_AddressOfABlob_IsReadThere(string script, bool intact)
    {
        var check = Invoke(script, new { run = Samples.RunStatus with { JournalPath = "https://a.blob.core.windows.net/c/journal.jsonl" } }).One<EvidenceCheck>();

        Assert.Equal((intact, Engine.Last<Uri>("CheckEvidence").ToString()), (check.Intact, check.Path));
    }

    [Fact]
    public void ExportHfEvidence_ToABlob_GivesItsAddressToTheEngine() =>
        Assert.Equal("https://a.blob.core.windows.net/c/e.json", Invoke("$run | Export-HfEvidence https://a.blob.core.windows.net/c/e.json", new { run = Samples.Run }).One<RunEvidence>().Path);

    [Theory]
    [InlineData("Test-HfReadiness westus")]
    [InlineData("Test-HfReadiness -To 'West US' -Mode Planned")]
    [InlineData("Test-HfReadiness -Pair highflame-prod -To westus -Mode Planned -Resolver 127.0.0.1:53")]
    [InlineData("$pair | Test-HfReadiness -To westus")]
    public void TestHfReadiness_EachWay_AsksForThatRegion(string script)
    {
        var variables = new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") };

        var finding = Invoke(script, variables).EnsureNoErrors().One<ReadinessFinding>();

        Assert.Equal(ReadinessSeverity.Warning, finding.Severity);
        var request = Engine.Last<ReadinessRequest>("TestReadiness");
        Assert.Equal(("westus", FailoverMode.Planned), (request.To, request.Mode));
        Assert.Equal(script.Contains("-Resolver", StringComparison.Ordinal) ? 1 : 0, request.Resolvers.Length);
    }

    [Theory]
    [InlineData(ReadinessSeverity.Refusal, false)]
    [InlineData(ReadinessSeverity.Warning, true)]
    public void TestHfReadiness_Quiet_IsFalseForARefusalAlone(ReadinessSeverity severity, bool ready)
    {
        Engine.Findings.Clear();
        Engine.Findings.AddRange([Samples.Finding with { Severity = severity }, Samples.Finding with { Severity = ReadinessSeverity.Information }]);

        Assert.Equal(ready, Invoke("Test-HfReadiness westus -Mode Forced -Quiet").One<bool>());
        Assert.Equal(FailoverMode.Forced, Engine.Last<ReadinessRequest>("TestReadiness").Mode);
    }

    [Theory]
    [InlineData("Test-HfWriter")]
    [InlineData("Test-HfWriter highflame-prod")]
    [InlineData("Test-HfWriter -Pair $pair")]
    [InlineData("$pair | Test-HfWriter")]
    public void TestHfWriter_OneWriter_IsShown(string script)
    {
        var variables = new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") };

        Assert.Single(Invoke(script, variables).EnsureNoErrors().As<WriterCheck>());
        Assert.True(Invoke(script + " -Quiet", variables).One<bool>());
    }

    [Fact]
    public void TestHfWriter_TwoWriters_SaysSoInCapitals()
    {
        Engine.Writers = new WriterReport([Samples.Writer, Samples.Writer with { Name = "other" }], ["highflame-prod-postgres (eastus)", "other (westus)"]);

        var result = Invoke("Test-HfWriter");

        Assert.Equal(["HfTwoWriters,Highflame.Dr.Commands.TestHfWriterCommand"], result.ErrorIds);
        Assert.Contains("TWO WRITERS: highflame-prod-postgres (eastus) AND other (westus) BOTH TAKE WRITES", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, result.As<WriterCheck>().Length);
        Assert.False(Invoke("Test-HfWriter -Quiet").One<bool>());
    }

    [Theory]
    [InlineData("Test-HfEvidence $path")]
    [InlineData("Test-HfEvidence -JournalPath $path")]
    [InlineData("$path | Test-HfEvidence")]
    [InlineData("$run | Test-HfEvidence")]
    [InlineData("$evidence | Test-HfEvidence")]
    [InlineData("[System.IO.FileInfo]::new($path) | Test-HfEvidence")]
    [InlineData("Test-HfEvidence no-such.jsonl, $path -ErrorAction SilentlyContinue")]
    public void TestHfEvidence_EachWay_ChecksTheFile(string script)
    {
        var path = Path.GetTempFileName();
        try
        {
            var variables = new { path, run = Samples.RunStatus with { JournalPath = path }, evidence = Samples.Evidence with { Path = path } };

            Assert.Equal(path, Invoke(script, variables).As<EvidenceCheck>().Single().Path);
            Assert.True(Invoke(script + " -Quiet", variables).As<bool>().Single());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void TestHfEvidence_FileThatIsNotThere_HfEvidenceNotFound() =>
        Assert.Equal(["HfEvidenceNotFound,Highflame.Dr.Commands.TestHfEvidenceCommand"], Invoke("Test-HfEvidence no-such.jsonl").ErrorIds);

    [Theory]
    [InlineData("Connect-HfAzure -Sandbox /tmp/sb/sandbox.json")]
    [InlineData("Connect-HfAzure /tmp/sb/sandbox.json")]
    [InlineData("Connect-HfAzure -SandboxPath /tmp/sb/sandbox.json")]
    [InlineData("Connect-HfAzure $sandbox")]
    [InlineData("$sandbox | Connect-HfAzure")]
    [InlineData("[pscustomobject]@{ Path = '/tmp/sb/sandbox.json' } | Connect-HfAzure")]
    public void ConnectHfAzure_Sandbox_GivesItsPath(string script)
    {
        Invoke(script, new { sandbox = Samples.Sandbox }).One<DrContext>();

        Assert.Equal("/tmp/sb/sandbox.json", Engine.Last<DrConnectionOptions>("Connect").SandboxPath);
    }

    [Fact]
    public void ConnectHfAzure_ClientSecret_PassesEveryOption()
    {
        var secret = new PSCredential("client", Secure("secret"));
        var database = new PSCredential("hfadmin", Secure("word"));

        Invoke(
            "Connect-HfAzure -Credential $secret -TenantId t -SubscriptionId s -ArmEndpoint https://arm -ArmAudience a -AuthorityHost https://auth -CaCertificatePath /ca.pem " +
            "-DatabaseCredential $database -Database d -DatabasePort 6000 -GatewayPort 8443 -Resolver 127.9.0.53:5353, 1.1.1.1, [::1]:54",
            new { secret, database }).EnsureNoErrors();

        var options = Engine.Last<DrConnectionOptions>("Connect");
        Assert.Equal(DrCredentialKind.ClientSecret, options.Credential);
        Assert.Equal(("client", "t", "s", "a", "/ca.pem"), (options.ClientId, options.TenantId, options.SubscriptionId, options.ArmAudience, options.CaCertificatePath));
        Assert.Equal(("https://arm/", "https://auth/"), (options.ArmEndpoint!.ToString(), options.AuthorityHost!.ToString()));
        Assert.Equal(("hfadmin", "d", 6000, 8443), (options.DatabaseUser, options.Database, options.DatabasePort, options.GatewayPort));
        Assert.Equal("secret", new System.Net.NetworkCredential("", options.ClientSecret).Password);
        Assert.Equal("word", new System.Net.NetworkCredential("", options.DatabasePassword).Password);
        Assert.Equal([new DnsServer("127.9.0.53", 5353), new DnsServer("1.1.1.1"), new DnsServer("::1", 54)], options.Resolvers);
    }

    [Fact]
    public void ConnectHfAzure_ManagedIdentity_PassesItsClientId()
    {
        Invoke("Connect-HfAzure -Identity -ClientId c").EnsureNoErrors();

        var options = Engine.Last<DrConnectionOptions>("Connect");
        Assert.Equal((DrCredentialKind.ManagedIdentity, "c"), (options.Credential, options.ClientId));
    }

    [Fact]
    public void ConnectHfAzure_ResolverThatIsNoAddress_HfResolverInvalid()
    {
        var result = Invoke("Connect-HfAzure -Resolver dns.example.com");

        Assert.Equal(["HfResolverInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand"], result.ErrorIds);
        Assert.Empty(Engine.Calls);
    }

    [Theory]
    [InlineData("Import-HfRegionPair -Path /tmp/sb/region-pair.json")]
    [InlineData("Import-HfRegionPair /tmp/sb/region-pair.json")]
    [InlineData("'/tmp/sb/region-pair.json' | Import-HfRegionPair")]
    [InlineData("$sandbox | Import-HfRegionPair")]
    [InlineData("[pscustomobject]@{ PairPath = '/tmp/sb/region-pair.json' } | Import-HfRegionPair")]
    [InlineData("[pscustomobject]@{ FullName = '/tmp/sb/region-pair.json' } | Import-HfRegionPair")]
    public void ImportHfRegionPair_AnyWay_ReadsTheFile(string script)
    {
        Assert.Equal("/tmp/sb/region-pair.json", Invoke(script, new { sandbox = Samples.Sandbox }).One<RegionPair>().Path);
    }

    [Fact]
    public void ImportHfRegionPair_RelativePath_IsTheSessions()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            // Set-Location is not among the core commands: the session's location is set as a host does.
            _session.Shell.Runspace.SessionStateProxy.Path.SetLocation(folder.FullName);

            var pair = Invoke("Import-HfRegionPair ./one.json").One<RegionPair>();

            Assert.Equal(Path.Combine(folder.FullName, "one.json"), pair.Path);
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Theory]
    [InlineData("Get-HfRegionPair")]
    [InlineData("Get-HfRegionPair highflame-prod")]
    [InlineData("Get-HfRegionPair -Name HIGH*")]
    [InlineData("'highflame-prod' | Get-HfRegionPair")]
    [InlineData("Import-HfRegionPair /pairs/highflame-prod.json | Get-HfRegionPair")]
    public void GetHfRegionPair_AnyWay_GivesItsStatus(string script) =>
        Assert.Equal("highflame-prod", Invoke(script).One<RegionPairStatus>().Name);

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
    [InlineData("Unlock-HfResource", "profile replica primary")]
    [InlineData("$null = Start-HfRun westus -Confirm:$false; Unlock-HfResource", "profile replica primary")]
    [InlineData("$null = Start-HfRun westus -Mode Forced -Confirm:$false; Unlock-HfResource", "profile replica")]
    [InlineData("$server | Unlock-HfResource", "primary")]
    [InlineData("Get-HfTrafficProfile | Unlock-HfResource", "profile")]
    [InlineData("Unlock-HfResource $server.ResourceId, $server.ResourceId -Pair highflame-prod", "primary")]
    public void UnlockHfResource_AnyWay_TakesTheLocksOfAllAtOnce(string script, string resources)
    {
        var change = Invoke(script + " -Confirm:$false", new { server = Samples.Primary }).One<LockChange>();

        Assert.Equal(("freeze", LockState.Owed), (change.Name, change.State));
        string[] ids = [.. resources.Split(' ').Select(r => r == "profile" ? Samples.ProfileId : r == "replica" ? Samples.ReplicaId : Samples.PrimaryId)];
        Assert.Equal(ids, Engine.Last<UnlockRequest>("PlanUnlock").ResourceIds);
        Assert.Equal("highflame-prod", Engine.Last<ExecutionOptions>("ExecuteLocks").Pair!.Name);
    }

    [Theory]
    [InlineData("Lock-HfResource")]
    [InlineData("Lock-HfResource highflame-prod")]
    [InlineData("Get-HfRegionPair | Lock-HfResource")]
    public void LockHfResource_AnyWay_PutsThePairsLocksBack(string script)
    {
        Assert.Equal("freeze", Invoke(script + " -Confirm:$false").One<LockChange>().Name);

        Assert.Equal("highflame-prod", Engine.Last<RegionPair>("PlanLock").Name);
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

    [Fact]
    public void Promotion_OfFailoverAndPreflight_ReachesTheEngine()
    {
        Assert.Equal(DbPromotion.Switchover, Invoke("Invoke-HfDbFailover r -Promotion Switchover -Confirm:$false").One<DbFailover>().Promotion);
        Assert.Equal(DbPromotion.Switchover, Engine.Last<FailoverRequest>("PlanFailover").Promotion);
        Invoke("$null = Test-HfReadiness westus -Promotion Switchover").EnsureNoErrors();
        Assert.Equal(DbPromotion.Switchover, Engine.Last<ReadinessRequest>("TestReadiness").Promotion);
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

    [Theory]
    [InlineData("Set-HfRegionCapacity -Location westus")]
    [InlineData("Set-HfRegionCapacity highflame-prod westus")]
    [InlineData("$pair | Set-HfRegionCapacity -Location 'West US'")]
    [InlineData("$status | Set-HfRegionCapacity -Location westus")]
    public void SetHfRegionCapacity_AnyWay_SizesTheRegion(string script)
    {
        var pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json");

        var change = Invoke(script + " -Confirm:$false", new { pair, status = Samples.Status(pair) }).One<CapacityChange>();

        Assert.Equal(("general", StepOutcome.Succeeded), (change.Name, change.Outcome));
        var request = Engine.Last<CapacityRequest>("PlanCapacity");
        Assert.Equal(("highflame-prod", "westus", null, false), (request.Pair.Name, request.Location, request.Role, request.AssumeTrafficMoved));
    }

    [Fact]
    public void SetHfRegionCapacity_EveryOption_ReachesTheEngineAndItsOperationIsWaitedFor()
    {
        var ended = Invoke("Set-HfRegionCapacity -Location westus -Role Active -Part Pool, Gateway -NoWait -Confirm:$false | Wait-HfOperation").One<DrOperation>();

        Assert.Equal("op-pool", ended.Id);
        var request = Engine.Last<CapacityRequest>("PlanCapacity");
        Assert.Equal((RegionRole.Active, 2), (request.Role, request.Parts.Length));
        Assert.True(Engine.Last<ExecutionOptions>("ExecuteCapacity").NoWait);
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

    [Theory]
    [InlineData("Test-HfHealth")]
    [InlineData("Test-HfHealth highflame-prod")]
    [InlineData("Get-HfRegionPair | Test-HfHealth")]
    [InlineData("$pair | Test-HfHealth")]
    [InlineData("[pscustomobject]@{ Pair = $pair } | Test-HfHealth")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Test-HfHealth")]
    public void TestHfHealth_AnyWay_JudgesBothWays(string script)
    {
        var verdicts = Invoke(script, new { pair = Samples.Pair("highflame-prod", "/x") }).EnsureNoErrors().As<HealthVerdict>();

        Assert.Equal([HealthPath.Gateway, HealthPath.TrafficManager], verdicts.Select(v => v.Via));
        Assert.DoesNotContain("RecordStep", Engine.Methods);
    }

    [Fact]
    public void TestHfHealth_EveryOption_ReachesTheEngine()
    {
        Assert.True(Invoke("Test-HfHealth -Pair highflame-prod -Location 'West US' -Via TrafficManager -ExpectedRole Primary -Function -WaitSeconds 9 -Quiet").One<bool>());

        var request = Engine.Last<HealthRequest>("TestHealth");
        Assert.Equal(("westus", DbRole.Primary, true, 9d), (request.Location, request.ExpectedRole, request.Function, request.WaitSeconds));
        Assert.Equal([HealthPath.TrafficManager], request.Via);
    }

    [Fact]
    public void TestHfHealth_NotHealthyAndQuiet_GivesFalse()
    {
        Engine.Healthy = false;

        Assert.False(Invoke("Test-HfHealth -Quiet").One<bool>());
    }

    [Theory]
    [InlineData("Test-HfTrafficRoute -Resolver 127.9.0.53:5353 -Location westus -WaitSeconds 3")]
    [InlineData("Test-HfTrafficRoute highflame-prod westus -Resolver 127.9.0.53:5353 -WaitSeconds 3")]
    [InlineData("Get-HfRegionPair | Test-HfTrafficRoute -Resolver 127.9.0.53:5353 -Location westus -WaitSeconds 3")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Test-HfTrafficRoute -Resolver 127.9.0.53:5353 -Location westus -WaitSeconds 3")]
    public void TestHfTrafficRoute_AnyWay_AsksTheResolver(string script)
    {
        Invoke(script).One<TrafficRoute>();

        var request = Engine.Last<RouteRequest>("TestRoute");
        Assert.Equal([new DnsServer("127.9.0.53", 5353)], request.Resolvers);
        Assert.Equal(("highflame-prod", "westus", 3d), (request.Pair.Name, request.Location, request.WaitSeconds));
    }

    [Theory]
    [InlineData("Complete-HfFence highflame-prod-postgres", "name")]
    [InlineData("Complete-HfFence -ResourceId $id", "id")]
    [InlineData("$server | Complete-HfFence", "id")]
    [InlineData("[pscustomobject]@{ ResourceId = $id } | Complete-HfFence", "id")]
    [InlineData("Invoke-HfDbFailover r -Confirm:$false | Complete-HfFence", "id")]
    [InlineData("Complete-HfFence", "id")]
    [InlineData("Complete-HfFence -Pair highflame-prod", "id")]
    [InlineData("Get-HfRegionPair | Complete-HfFence", "id")]
    public void CompleteHfFence_AnyWay_FencesIt(string script, string by)
    {
        Engine.FenceDebt = [Samples.PrimaryName];

        Invoke(script + " -WaitSeconds 5 -KeepRunning", new { id = Samples.PrimaryId, server = Samples.Primary }).One<DbFence>();

        var request = Engine.Last<FenceRequest>("PlanFence");
        Assert.Equal((by == "name" ? Samples.PrimaryName : Samples.PrimaryId, 5d, true), (request.Server, request.WaitSeconds, request.KeepRunning));
        Assert.Equal("highflame-prod", Engine.Last<ExecutionOptions>("ExecuteFence").Pair!.Name);
    }

    [Fact]
    public void CompleteHfFence_NoDebt_DoesNothing()
    {
        Assert.Empty(Invoke("Complete-HfFence").EnsureNoErrors().Output);
        Assert.DoesNotContain("PlanFence", Engine.Methods);
    }

    [Fact]
    public void GetHfOperation_AnyWay_AsksAgainOnlyWhatIsNotOver()
    {
        Engine.Journaled.Add(Samples.Operation("old", StepOutcome.Failed));
        Engine.Journaled.Add(Samples.Operation("op-promote"));
        Invoke("Invoke-HfDbFailover r -NoWait -Confirm:$false").EnsureNoErrors();

        var all = Invoke("Get-HfOperation -ThrottleLimit 1").EnsureNoErrors().As<DrOperation>();
        var one = Invoke("Get-HfOperation -Id op-promote").One<DrOperation>();
        var piped = Invoke("$o | Get-HfOperation", new { o = Samples.Operation("other") }).One<DrOperation>();

        Assert.Equal([("op-promote", StepOutcome.Succeeded), ("old", StepOutcome.Failed)], all.Select(o => (o.Id, o.Outcome)));
        Assert.Equal(("op-promote", StepOutcome.Succeeded), (one.Id, one.Outcome));
        Assert.Equal("other", piped.Id);
        Assert.Equal(2, Engine.Methods.Count(m => m == "GetOperation"));
    }

    [Fact]
    public void GetHfOperation_UnknownId_HfOperationNotFoundAndTheNextGoesOn()
    {
        Engine.Journaled.Add(Samples.Operation("old", StepOutcome.Succeeded));

        var result = Invoke("Get-HfOperation none, old");

        Assert.Equal(["HfOperationNotFound,Highflame.Dr.Commands.GetHfOperationCommand"], result.ErrorIds);
        Assert.Equal("old", Assert.Single(result.As<DrOperation>()).Id);
    }

    [Theory]
    [InlineData("Wait-HfOperation -InputObject $a, $b")]
    [InlineData("$a, $b | Wait-HfOperation")]
    [InlineData("$failover, $replica | Wait-HfOperation")]
    [InlineData("[pscustomobject]@{ Operation = $a }, [pscustomobject]@{ Operation = $b } | Wait-HfOperation")]
    [InlineData("Wait-HfOperation a, b")]
    public void WaitHfOperation_AnyWay_WaitsForAllSideBySide(string script)
    {
        Engine.Journaled.Add(Samples.Operation("a"));
        Engine.Journaled.Add(Samples.Operation("b"));
        var (a, b) = (Samples.Operation("a"), Samples.Operation("b"));
        var failover = new DbFailover { Name = "r", ResourceId = Samples.ReplicaId, Location = "westus", Mode = FailoverMode.Planned, Outcome = StepOutcome.Pending, Operation = a };
        var replica = new DbReplica { Name = "n", ResourceId = "x", Location = "eastus", SourceServerResourceId = "y", Outcome = StepOutcome.Pending, Operation = b };

        var ended = Invoke(script, new { a, b, failover, replica }).EnsureNoErrors().As<DrOperation>();

        Assert.Equal([("a", StepOutcome.Succeeded), ("b", StepOutcome.Succeeded)], ended.Select(o => (o.Id, o.Outcome)));
        Assert.Single(Engine.Methods, m => m == "WaitOperations");
    }

    [Fact]
    public void WaitHfOperation_NothingGoingOn_IsSilent()
    {
        Assert.Empty(Invoke("Invoke-HfDbFailover r -Confirm:$false | Wait-HfOperation").EnsureNoErrors().Output);
        Assert.DoesNotContain("WaitOperations", Engine.Methods);
    }

    [Theory]
    [InlineData(StepOutcome.Failed, "HfOperationFailed")]
    [InlineData(StepOutcome.Pending, "HfOperationPending")]
    public void WaitHfOperation_EndsBadly_GivesTheOperationAndAnError(StepOutcome outcome, string id)
    {
        Engine.WaitEndsWith = outcome;

        var result = Invoke("$a | Wait-HfOperation -TimeoutSeconds 1", new { a = Samples.Operation("a") });

        Assert.Equal(outcome, Assert.Single(result.As<DrOperation>()).Outcome);
        Assert.Equal([$"{id},Highflame.Dr.Commands.WaitHfOperationCommand"], result.ErrorIds);
    }

    [Theory]
    [InlineData("Export-HfEvidence /out/e.json")]
    [InlineData("$run | Export-HfEvidence -Path /out/e.json")]
    [InlineData("Export-HfEvidence -Run $run -Pair highflame-prod -Path /out/e.json")]
    public void ExportHfEvidence_AnyWay_WritesIt(string script)
    {
        Invoke("$null = Start-HfRun westus; $null = Complete-HfRun").EnsureNoErrors();

        var evidence = Invoke(script, new { run = Samples.Run }).One<RunEvidence>();

        Assert.Equal(("run-1", "/out/e.json"), (evidence.RunId, evidence.Path));
    }

    [Theory]
    [InlineData("Export-HfDrillReport planned /out/d.json -Evidence $evidence -Load $load")]
    [InlineData("$evidence | Export-HfDrillReport -Scenario planned -Load $load -Path /out/d.json")]
    public void ExportHfDrillReport_AnyWay_WritesIt(string script)
    {
        var report = Invoke(script, new { evidence = Samples.Evidence, load = Samples.Load }).One<DrillReport>();

        Assert.Equal(("planned", "/out/d.json"), (report.Scenario, report.Path));
    }

    [Theory]
    [InlineData("Export-HfRegionDocument /out -Format Html -Skip Parity, Readiness")]
    [InlineData("$pair | Export-HfRegionDocument -Path /out -Format Html -Skip Parity, Readiness")]
    [InlineData("$status | Export-HfRegionDocument -Path /out -Format Html -Skip Parity, Readiness")]
    [InlineData("Export-HfRegionDocument -Pair highflame-prod -Path /out -Format Html -Skip Parity, Readiness")]
    public void ExportHfRegionDocument_AnyWay_ReachesTheEngine(string script)
    {
        var pair = Invoke("Get-HfRegionPair").One<RegionPairStatus>();

        Assert.Equal(Samples.Document.Name, Invoke(script, new { pair = pair.Pair, status = pair }).EnsureNoErrors().One<RegionDocument>().Name);

        var request = Engine.Last<RegionDocumentRequest>("ExportRegionDocument");
        Assert.Equal(("highflame-prod", "/out"), (request.Pair.Name, request.Folder));
        Assert.Equal([DocumentFormat.Html], request.Formats);
        Assert.Equal([DocumentPart.Parity, DocumentPart.Readiness], request.Skip);
    }

    [Fact]
    public void ExportHfRegionDocument_WhatIf_AsksForNothing()
    {
        Assert.Empty(Invoke("Export-HfRegionDocument -WhatIf").EnsureNoErrors().Output);
        Assert.DoesNotContain("ExportRegionDocument", Engine.Methods);
    }

    [Fact]
    public void StartHfSandbox_EveryOption_ReachesTheEngine()
    {
        Invoke("Start-HfSandbox -Root /tmp/sb -Path /opt/sb.dll -TimeScale 60 -Seed 7 -TimeoutSeconds 9").One<Sandbox>();

        Assert.Equal(
            new SandboxOptions { Root = "/tmp/sb", ProgramPath = "/opt/sb.dll", TimeScale = 60, Seed = 7, TimeoutSeconds = 9 },
            Engine.Last<SandboxOptions>("StartSandbox"));
    }

    [Theory]
    [InlineData("Stop-HfSandbox")]
    [InlineData("Stop-HfSandbox -Path /tmp/sb/sandbox.json")]
    [InlineData("Stop-HfSandbox -InputObject $sandbox")]
    [InlineData("$sandbox | Stop-HfSandbox")]
    [InlineData("[pscustomobject]@{ SandboxPath = '/tmp/sb/sandbox.json' } | Stop-HfSandbox")]
    public void StopHfSandbox_AnyWay_StopsIt(string script)
    {
        Invoke("$null = Start-HfSandbox").EnsureNoErrors();

        Invoke(script, new { sandbox = Samples.Sandbox }).EnsureNoErrors();

        Assert.Equal("/tmp/sb/sandbox.json", Engine.Last<string>("StopSandbox"));
        Assert.Equal(["HfSandboxRequired,Highflame.Dr.Commands.StopHfSandboxCommand"], Invoke("Stop-HfSandbox").ErrorIds);
    }

    [Theory]
    [InlineData("Invoke-HfSandboxFault Link -LatencyMilliseconds 0 -Cut:$false")]
    [InlineData("Invoke-HfSandboxFault -Fault Link -LatencyMilliseconds 0 -Cut:$false -Sandbox $sandbox")]
    [InlineData("$sandbox | Invoke-HfSandboxFault Link -LatencyMilliseconds 0 -Cut:$false")]
    [InlineData("[pscustomobject]@{ SandboxPath = '/tmp/sb/sandbox.json' } | Invoke-HfSandboxFault Link -LatencyMilliseconds 0 -Cut:$false")]
    public void InvokeHfSandboxFault_AnyWay_PutsItIn(string script)
    {
        Invoke("$null = Start-HfSandbox").EnsureNoErrors();

        Invoke(script, new { sandbox = Samples.Sandbox }).One<SandboxFaultResult>();

        Assert.Equal(
            ("/tmp/sb/sandbox.json", new SandboxFault { Fault = "Link", LatencyMilliseconds = 0, Cut = false }),
            Engine.Last<(string, SandboxFault)>("InvokeFault"));
    }

    [Fact]
    public void InvokeHfSandboxFault_EveryOption_ReachesTheEngine()
    {
        Invoke(
            "Invoke-HfSandboxFault ArmError eastus -Server s -DelaySeconds 1 -LatencyMilliseconds 2 -BytesPerSecond 3 -Cut -Count 4 -Status 503 -RetryAfterSeconds 6 -Method PATCH -PathContains flexible -Sandbox /s/sandbox.json")
            .EnsureNoErrors();

        Assert.Equal(
            ("/s/sandbox.json", new SandboxFault
            {
                Fault = "ArmError",
                Region = "eastus",
                Server = "s",
                DelaySeconds = 1,
                LatencyMilliseconds = 2,
                BytesPerSecond = 3,
                Cut = true,
                Count = 4,
                Status = 503,
                RetryAfterSeconds = 6,
                Method = "PATCH",
                PathContains = "flexible",
            }),
            Engine.Last<(string, SandboxFault)>("InvokeFault"));
    }

    [Theory]
    [InlineData("Start-HfSandboxLoad -Writers 2 -IntervalMilliseconds 1", "StartLoad")]
    [InlineData("$sandbox | Start-HfSandboxLoad -Writers 2 -IntervalMilliseconds 1", "StartLoad")]
    [InlineData("Get-HfSandboxLoad", "GetLoad")]
    [InlineData("$sandbox | Get-HfSandboxLoad", "GetLoad")]
    [InlineData("[pscustomobject]@{ SandboxPath = '/tmp/sb/sandbox.json' } | Get-HfSandboxLoad", "GetLoad")]
    [InlineData("Stop-HfSandboxLoad", "StopLoad")]
    [InlineData("Stop-HfSandboxLoad -Sandbox $sandbox", "StopLoad")]
    public void SandboxLoad_AnyWay_ReachesTheSandbox(string script, string method)
    {
        Invoke("$null = Connect-HfAzure -Sandbox /tmp/sb/sandbox.json").EnsureNoErrors();

        Invoke(script, new { sandbox = Samples.Sandbox }).One<LoadReport>();

        object request = Engine.Last<object>(method);
        Assert.Equal(method == "StartLoad" ? ("/tmp/sb/sandbox.json", new LoadOptions { Writers = 2, IntervalMilliseconds = 1 }) : "/tmp/sb/sandbox.json", request);
    }

    private ShellResult Invoke(string script, object? variables = null) => _session.Invoke(script, variables);

    private static System.Security.SecureString Secure(string text) => new System.Net.NetworkCredential("", text).SecurePassword;
}
