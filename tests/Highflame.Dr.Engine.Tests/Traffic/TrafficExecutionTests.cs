using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Traffic;

public sealed class TrafficExecutionTests
{
    private const string ProfileId = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/global";
    private const string EndpointId = ProfileId + "/externalEndpoints/e";
    private readonly ScriptedArm _arm = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingObserver _observer = new();
    private readonly RecordingJournal _journal;
    private string _target = "20.1.1.1";
    private long _ttl = 30;

    public TrafficExecutionTests()
    {
        _journal = new(_time);
        _arm.Documents[EndpointId] = () => ScriptedArm.Json(Endpoint());
        _arm.Documents[ProfileId] = () => ScriptedArm.Json($$$"""{"id":"{{{ProfileId}}}","name":"global","properties":{"trafficRoutingMethod":"Weighted","dnsConfig":{"relativeName":"rel","fqdn":"rel.trafficmanager.net","ttl":{{{_ttl}}}},"endpoints":[{{{Endpoint()}}}] } }""");
    }

    private AzureInventory Inventory => new(_arm, "s", _time);

    private TrafficExecution Execution => new(_arm, Inventory, _journal, _time, _observer);

    private string Endpoint() => $$"""{"id":"{{EndpointId}}","name":"e","type":"Microsoft.Network/trafficManagerProfiles/externalEndpoints","properties":{"target":"{{_target}}","endpointStatus":"Enabled","alwaysServe":"Enabled"} }""";

    private async Task<EndpointPlan> PlanAsync(string target)
    {
        var profile = await Inventory.GetProfileAsync(ProfileId, CancellationToken.None);
        return EndpointPlanner.Plan(profile, profile.Endpoints[0], new() { EndpointId = EndpointId, Target = target }, new(target, null, [], false, _time.GetUtcNow()));
    }

    [Fact]
    public async Task ExecuteAsync_NewTarget_PatchesOnlyItAndObservesAgain()
    {
        _arm.OnWrite = (_, _) => { _target = "20.2.2.2"; return null; };
        var endpoint = await Execution.ExecuteAsync(await PlanAsync("20.2.2.2"), CancellationToken.None);
        Assert.Equal(("20.2.2.2", StepOutcome.Succeeded), (endpoint.Target, endpoint.Outcome));
        Assert.Equal(("PATCH", EndpointId, """{"properties":{"target":"20.2.2.2"}}"""), Assert.Single(_arm.Writes));
        Assert.Equal(["begin MoveTraffic", "end MoveTraffic Succeeded"], _journal.Lines);
    }

    [Fact]
    public async Task ExecuteAsync_TargetAlreadyThere_SendsNothing()
    {
        var endpoint = await Execution.ExecuteAsync(await PlanAsync("20.1.1.1"), CancellationToken.None);
        Assert.Equal(StepOutcome.NoChange, endpoint.Outcome);
        Assert.Empty(_arm.Writes);
        Assert.Equal(["found MoveTraffic"], _journal.Lines);
    }

    [Fact]
    public async Task ExecuteAsync_SomebodyElseDidItSincePlanning_IsNoChange()
    {
        var plan = await PlanAsync("20.2.2.2");
        _target = "20.2.2.2";
        var endpoint = await Execution.ExecuteAsync(plan, CancellationToken.None);
        Assert.Equal(StepOutcome.NoChange, endpoint.Outcome);
        Assert.Empty(_arm.Writes);
        Assert.Equal(["begin MoveTraffic", "end MoveTraffic NoChange"], _journal.Lines);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostAfterAzureDidIt_SeesItAndDoesNotRepeat()
    {
        _arm.OnWrite = (_, _) => { _target = "20.2.2.2"; throw Lost(); };
        var endpoint = await Execution.ExecuteAsync(await PlanAsync("20.2.2.2"), CancellationToken.None);
        Assert.Equal(StepOutcome.Succeeded, endpoint.Outcome);
        Assert.Single(_arm.Writes);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerLostBeforeAzureDidIt_SeesThatAndSendsAgain()
    {
        _arm.OnWrite = (_, _) =>
        {
            if (_arm.Writes.Count == 1) throw Lost();
            _target = "20.2.2.2";
            return null;
        };
        var endpoint = await Execution.ExecuteAsync(await PlanAsync("20.2.2.2"), CancellationToken.None);
        Assert.Equal(StepOutcome.Succeeded, endpoint.Outcome);
        Assert.Equal(2, _arm.Writes.Count);
    }

    [Fact]
    public async Task ExecuteAsync_AnswerAlwaysLost_IsUnknownNotFailed()
    {
        _arm.OnWrite = (_, _) => throw Lost();
        var plan = await PlanAsync("20.2.2.2");
        var failure = await Assert.ThrowsAsync<DrException>(() => Execution.ExecuteAsync(plan, CancellationToken.None));
        Assert.Equal("HfOutcomeUnknown", failure.ErrorId);
        Assert.Equal(3, _arm.Writes.Count);
        Assert.Equal("end MoveTraffic Unknown", _journal.Lines[^1]);
    }

    [Fact]
    public async Task ExecuteAsync_RefusedPlan_SendsNothing()
    {
        var plan = await PlanAsync("10.0.0.1");
        var failure = await Assert.ThrowsAsync<DrException>(() => Execution.ExecuteAsync(plan, CancellationToken.None));
        Assert.Equal("HfTargetPrivate", failure.ErrorId);
        Assert.Empty(_arm.Writes);
    }

    [Fact]
    public async Task ExecuteAsync_TtlWithWait_KeepsTheNameAndWaitsOutTheOldOne()
    {
        _arm.OnWrite = (_, _) => { _ttl = 0; return null; };
        var plan = ProfilePlanner.Plan(await Inventory.GetProfileAsync(ProfileId, CancellationToken.None), new() { ProfileId = ProfileId, Ttl = 0, WaitForOldTtl = true }, _time.GetUtcNow());
        var started = _time.GetUtcNow();

        var profile = await _time.DriveAsync(Execution.ExecuteAsync(plan, CancellationToken.None));

        Assert.Equal(0, profile.Ttl);
        Assert.Equal(("PATCH", ProfileId, """{"properties":{"dnsConfig":{"relativeName":"rel","ttl":0}}}"""), Assert.Single(_arm.Writes));
        Assert.True(_time.GetUtcNow() - started >= TimeSpan.FromSeconds(30));
        Assert.Contains(_observer.Reports, r => r.Status == "30 s left");
        Assert.Contains(_observer.Reports, r => r.Completed);
    }

    [Fact]
    public async Task ExecuteAsync_TtlAlreadyThere_SendsNothingAndTellsTheJournal()
    {
        var plan = ProfilePlanner.Plan(await Inventory.GetProfileAsync(ProfileId, CancellationToken.None), new() { ProfileId = ProfileId, Ttl = 30 }, _time.GetUtcNow());
        Assert.Equal(30, (await Execution.ExecuteAsync(plan, CancellationToken.None)).Ttl);
        Assert.Empty(_arm.Writes);
        Assert.Equal(["found SetTtl"], _journal.Lines);
    }

    [Fact]
    public async Task ExecuteAsync_ClockIsSetBackWhileTheOldTtlIsWaitedOut_DoesNotWaitLonger()
    {
        var clock = new SettableClock(_time);
        using var setting = _time.CreateTimer(_ => clock.Offset = TimeSpan.FromHours(-2), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        _arm.OnWrite = (_, _) => { _ttl = 0; return null; };
        var plan = ProfilePlanner.Plan(await Inventory.GetProfileAsync(ProfileId, CancellationToken.None), new() { ProfileId = ProfileId, Ttl = 0, WaitForOldTtl = true }, _time.GetUtcNow());
        var started = _time.GetUtcNow();

        await _time.DriveAsync(new TrafficExecution(_arm, Inventory, _journal, clock, _observer).ExecuteAsync(plan, CancellationToken.None));

        Assert.NotEqual(TimeSpan.Zero, clock.Offset);
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
    }

    /// <summary>The time of day that somebody sets; timers and timestamps go on.</summary>
    private sealed class SettableClock(FakeTimeProvider time) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Offset;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
    }

    [Fact]
    public async Task Plan_TtlItHas_IsNoChangeAndOutOfRangeIsRefused()
    {
        var profile = await Inventory.GetProfileAsync(ProfileId, CancellationToken.None);
        Assert.True(ProfilePlanner.Plan(profile, new() { ProfileId = ProfileId, Ttl = 30, WaitForOldTtl = true }, default).NoChange);
        Assert.True(ProfilePlanner.Plan(profile, new() { ProfileId = ProfileId, Ttl = 30 }, default, default(DateTimeOffset).AddSeconds(9)).NoChange);
        Assert.Equal("HfTtlOutOfRange", Assert.Single(ProfilePlanner.Plan(profile, new() { ProfileId = ProfileId, Ttl = 2147483648 }, default).Refusals).Code);
        Assert.Equal("HfTtlOutOfRange", Assert.Single(ProfilePlanner.Plan(profile, new() { ProfileId = ProfileId, Ttl = -1 }, default).Refusals).Code);
    }

    private static DrException Lost() => new("HfOutcomeUnknown", DrErrorKind.OperationFailed, "The answer was lost.");
}

internal sealed class RecordingJournal(TimeProvider time) : IJournal
{
    private readonly NoJournal _inner = new(time);

    public List<string> Lines { get; } = [];

    public List<DrOperation> Operations { get; } = [];

    public OpenStep BeginStep(PlanStep step)
    {
        Lines.Add($"begin {step.Name}");
        return _inner.BeginStep(step);
    }

    public StepResult EndStep(OpenStep step, StepOutcome outcome, string? detail = null)
    {
        Lines.Add($"end {step.Name} {outcome}");
        return _inner.EndStep(step, outcome, detail);
    }

    public void RecordOperation(DrOperation operation) => Operations.Add(operation);

    public void RecordStep(StepResult step) { }

    public void RecordFound(string name, string target, string detail) => Lines.Add($"found {name}");

    public void RecordFact(string name, object fact) { }
}
