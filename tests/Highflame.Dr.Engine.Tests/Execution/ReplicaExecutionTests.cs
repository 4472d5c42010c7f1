using System.Text.Json;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>After a failover: r is the primary, and gets a replica q in eastus.</summary>
public sealed class ReplicaExecutionTests : FailoverFixture
{
    private static readonly string NewId = Pairs.Id("q");

    public ReplicaExecutionTests()
    {
        Regions.Promote();
        Regions.Replica.Source = null;
    }

    private static ReplicaPlan Plan(bool create = true) => new()
    {
        Title = "New replica",
        Request = new() { Source = "r", Location = "East US" },
        Source = Seen.Replica,
        NewResourceId = NewId,
        Steps =
        [
            .. create ? [new PlanStep(StepNames.CreateReplica, NewId, "create", StepClass.Reversible)] : Array.Empty<PlanStep>(),
            new(StepNames.AwaitReplica, NewId, "wait", StepClass.ReadOnly),
        ],
        ObservedAt = Seen.At,
    };

    private Task<DbReplica> ExecuteAsync(ReplicaPlan plan, bool noWait = false) =>
        Time.DriveAsync(new ReplicaExecution(Connection, Inventory, Watch, Run.Journal, Time, Observer).ExecuteAsync(plan, noWait, CancellationToken.None));

    private FakeServer New() => Regions.Add(new FakeServer("q", "eastus") { Role = "AsyncReplica", Source = Regions.Replica.Id, ReplicationState = "Active", InRecovery = true });

    [Fact]
    public async Task ExecuteAsync_Created_IsDoneOnlyWhenItStreams()
    {
        var replica = await ExecuteAsync(Plan());

        Assert.Equal(["q: create"], Regions.Log);
        Assert.Equal((StepOutcome.Succeeded, "eastus", Regions.Replica.Id), (replica.Outcome, replica.Location, replica.SourceServerResourceId));
        Assert.Equal(["CreateReplica Succeeded", "AwaitReplica Succeeded"], replica.Steps.Select(s => $"{s.Name} {s.Outcome}"));
    }

    [Fact]
    public async Task ExecuteAsync_NoWait_HandsTheOperationBack()
    {
        var replica = await ExecuteAsync(Plan(), noWait: true);

        Assert.Equal((StepOutcome.Pending, TwoRegions.OperationUrl + "create"), (replica.Outcome, replica.Operation!.OperationUrl));
        Assert.Equal(TwoRegions.OperationUrl + "create", Assert.Single(State.Operations).OperationUrl);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndItIsThere_IsNotCreatedTwice()
    {
        Regions.After = _ => throw TwoRegions.Lost();

        Assert.Equal(StepOutcome.Succeeded, (await ExecuteAsync(Plan())).Outcome);
        Assert.Equal(["q: create"], Regions.Log);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndAzureDoesNotAnswerForAWhile_IsNotTakenForThere()
    {
        var looks = 0;
        Regions.Before = line =>
        {
            if (line == "q: create" && Regions.Count(line) == 1) throw TwoRegions.Lost();
        };
        Regions.Silent = path => path == NewId && looks++ < 3;

        Assert.Equal(StepOutcome.Succeeded, (await ExecuteAsync(Plan())).Outcome);
        Assert.Equal(["q: create", "q: create"], Regions.Log);
    }

    [Fact]
    public async Task ExecuteAsync_WaitedForAndAzureDoesNotKnowIt_IsHfReplicaFailedAfterAMinute()
    {
        var error = await Assert.ThrowsAsync<DrException>(() => ExecuteAsync(Plan(create: false)));

        Assert.Equal("HfReplicaFailed", error.ErrorId);
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.AwaitReplica));
        Assert.InRange(Time.GetUtcNow() - Seen.At, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAndItIsNotThere_IsSentOnceMoreThenUnknown()
    {
        Regions.Before = _ => throw TwoRegions.Lost();

        Assert.Equal("HfOutcomeUnknown", (await Assert.ThrowsAsync<DrException>(() => ExecuteAsync(Plan()))).ErrorId);

        Assert.Equal(2, Regions.Count("q: create"));
        Assert.Equal(StepOutcome.Unknown, OutcomeOf(StepNames.CreateReplica));
    }

    [Fact]
    public async Task ExecuteAsync_OperationFails_IsFailedWithAzuresReason()
    {
        Regions.Polls = _ => ScriptedArm.Poll(StepOutcome.Failed, "Failed", code: "SkuNotAvailable", message: "none left");

        var failure = await Assert.ThrowsAsync<DrException>(() => ExecuteAsync(Plan()));

        Assert.Equal("HfReplicaFailed", failure.ErrorId);
        Assert.Contains("SkuNotAvailable: none left", failure.Message, StringComparison.Ordinal);
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.CreateReplica));
    }

    [Fact]
    public async Task ExecuteAsync_ComesUpInStages_WaitsThroughAllOfThem()
    {
        var server = New();
        server.State = "Provisioning";
        server.DatabaseAnswers = false;
        Regions.Replica.AzureAnswers = false;
        // Not there; Azure silent for the source; there without a database; there, its database not connected; streaming.
        Action[] stages = [() => server.State = "Ready", () => Regions.Replica.AzureAnswers = true, () => (server.DatabaseAnswers, server.InRecovery) = (true, false), () => server.InRecovery = true];
        var stage = 0;
        await using var going = Time.CreateTimer(_ => { if (stage < stages.Length) stages[stage++](); }, null, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
        var started = Time.GetUtcNow();

        var replica = await ExecuteAsync(Plan(create: false));

        Assert.Equal(StepOutcome.Succeeded, replica.Outcome);
        Assert.True(Time.GetUtcNow() - started >= TimeSpan.FromSeconds(120), "it streams only after the last stage");
        Assert.Empty(Regions.Log);
    }

    [Fact]
    public async Task ExecuteAsync_ReplicationBroken_EndsTheWaitingAsFailed()
    {
        New().ReplicationState = "Broken";

        Assert.Equal("HfReplicationBroken", (await Assert.ThrowsAsync<DrException>(() => ExecuteAsync(Plan(create: false)))).ErrorId);
        Assert.Equal(StepOutcome.Failed, OutcomeOf(StepNames.AwaitReplica));
    }

    [Fact]
    public async Task Survey_BrokenReplicaAtTheLocation_FindsTheNextFreeNameForANewOne()
    {
        New().ReplicationState = "Broken";
        Regions.TakenNames.Add("p-2");
        var request = new ReplicaRequest { Source = Regions.Replica.Id, Location = "eastus" };
        var survey = new ReplicaSurvey(Connection, Inventory, Time);

        var plan = ReplicaPlanner.Plan(await Time.DriveAsync(survey.TakeAsync(request, null, CancellationToken.None)), request);

        Assert.Empty(plan.Refusals);
        // Named after the first server of the location, p; somebody else in Azure has p-2.
        Assert.EndsWith("/p-3", plan.NewResourceId, StringComparison.Ordinal);
        Assert.Contains("Broken", Assert.Single(plan.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Body_Source_GivesSizeStorageAndTagsAndNothingAzureRefuses()
    {
        var source = ScriptedArm.Json("""
            {"id":"/s/p","location":"westus","tags":{"env":"prod"},"sku":{"name":"Standard_D4ds_v5","tier":"GeneralPurpose"},
             "properties":{"administratorLogin":"hfadmin","version":"16","storage":{"storageSizeGB":512,"autoGrow":"Enabled","tier":"P20","type":""},
                           "network":{"publicNetworkAccess":"Disabled"}}}
            """);

        var (body, warning) = ReplicaBody.Build(source, null, "eastus", null);

        Assert.Null(warning);
        Assert.Equal(
            """{"location":"eastus","properties":{"createMode":"Replica","sourceServerResourceId":"/s/p","storage":{"storageSizeGB":512,"autoGrow":"Enabled","tier":"P20"},"network":{"publicNetworkAccess":"Disabled"}},"tags":{"env":"prod"},"sku":{"name":"Standard_D4ds_v5","tier":"GeneralPurpose"}}""",
            body.ToJsonString());
        Assert.Equal("""{"a":"b"}""", ReplicaBody.Build(source, null, "eastus", new Dictionary<string, string> { ["a"] = "b" }).Body["tags"]!.ToJsonString());
    }

    [Fact]
    public void Body_SourceWithItsOwnKey_TakesTheKeyOfTheRegionOrWarns()
    {
        var source = Encrypted("https://west.vault/k");
        var previous = Encrypted("https://east.vault/k");

        Assert.Equal("https://east.vault/k", ReplicaBody.Build(source, previous, "eastus", null).Body["properties"]!["dataEncryption"]!["primaryKeyURI"]!.GetValue<string>());
        Assert.Null(ReplicaBody.Build(source, previous, "eastus", null).Warning);
        var (body, warning) = ReplicaBody.Build(source, null, "eastus", null);
        Assert.Contains("customer-managed key", warning, StringComparison.Ordinal);
        Assert.Null(body["properties"]!["dataEncryption"]);
    }

    private static JsonElement Encrypted(string key) => ScriptedArm.Json($$"""
        {"id":"/s/p","identity":{"type":"UserAssigned","userAssignedIdentities":{"/s/id":{"principalId":"x"} } },
         "properties":{"dataEncryption":{"type":"AzureKeyVault","primaryKeyURI":"{{key}}","primaryUserAssignedIdentityId":"/s/id"} } }
        """);
}
