using System.Reflection;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Tests.Traffic;
using Highflame.Dr.Execution;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Operations;

public sealed class OperationWatchTests
{
    private readonly ScriptedArm _arm = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingObserver _observer = new();
    private readonly ScriptedDatabases _databases = new();
    private readonly RecordingJournal _journal;

    public OperationWatchTests() => _journal = new(_time);

    private OperationWatch Watch => new(_arm, new(new AzureInventory(_arm, "s", _time), _databases), _time, _observer);

    private DrOperation Promotion => OperationIdentity.Accepted("Promote", Pairs.Id("pg"), "https://arm.test/op/1?t=1", _time.GetUtcNow());

    private void Server(string state, string role) =>
        _arm.Put(Pairs.Id("pg"), $$"""{"id":"{{Pairs.Id("pg")}}","name":"pg","location":"westus","properties":{"state":"{{state}}","replicationRole":"{{role}}","replica":{"role":"{{role}}"} } }""");

    private void Poll(StepOutcome outcome, string status, TimeSpan? retryAfter = null, string? code = null, string? message = null) =>
        _arm.Polls.Enqueue(() => ScriptedArm.Poll(outcome, status, retryAfter, code, message));

    private async Task<List<DrOperation>> WaitAsync(TimeSpan? timeout, params DrOperation[] operations)
    {
        var ended = new List<DrOperation>();
        var waiting = Collect();
        await _time.DriveAsync(waiting);
        return ended;

        async Task Collect()
        {
            await foreach (var operation in Watch.WaitAsync(operations, timeout, _journal, CancellationToken.None)) ended.Add(operation);
        }
    }

    [Fact]
    public void Of_OneUrl_IsAlwaysTheSameShortId()
    {
        Assert.Equal(8, OperationIdentity.Of("https://arm.test/a").Length);
        Assert.Equal(OperationIdentity.Of("https://arm.test/a"), OperationIdentity.Of("https://arm.test/a"));
        Assert.NotEqual(OperationIdentity.Of("https://arm.test/a"), OperationIdentity.Of("https://arm.test/b"));
    }

    [Fact]
    public async Task WaitAsync_SucceededAndServerAgrees_IsSucceededAndJournaled()
    {
        Poll(StepOutcome.Pending, "InProgress");
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server("Ready", "None");
        var ended = Assert.Single(await WaitAsync(null, Promotion));
        Assert.Equal((StepOutcome.Succeeded, "Succeeded"), (ended.Outcome, ended.Status));
        Assert.NotNull(ended.Finished);
        Assert.Equal(ended, Assert.Single(_journal.Operations));
    }

    [Theory]
    [InlineData("Updating", "Primary")]
    [InlineData("Ready", "AsyncReplica")]
    public async Task WaitAsync_AzureSaysDoneButServerDoesNotAgree_GoesOnWaiting(string state, string role)
    {
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server(state, role);
        var ended = Assert.Single(await WaitAsync(TimeSpan.FromSeconds(60), Promotion));
        Assert.Equal((StepOutcome.Pending, "Succeeded"), (ended.Outcome, ended.Status));
        Assert.Empty(_journal.Operations);
    }

    [Fact]
    public async Task WaitAsync_DatabaseStillInRecovery_IsNotDoneWhateverTheRoleReads()
    {
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server("Ready", "Primary");
        _databases.InRecovery = () => true;
        Assert.Equal(StepOutcome.Pending, Assert.Single(await WaitAsync(TimeSpan.FromSeconds(60), Promotion)).Outcome);
    }

    [Fact]
    public async Task WaitAsync_StaleRoleButDatabasePromoted_IsSucceeded()
    {
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server("Ready", "AsyncReplica");
        _databases.InRecovery = () => false;
        Assert.Equal(StepOutcome.Succeeded, Assert.Single(await WaitAsync(null, Promotion)).Outcome);
    }

    [Fact]
    public async Task WaitAsync_DatabaseCannotBeReached_AzureAloneDecides()
    {
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server("Ready", "Primary");
        _databases.InRecovery = () => throw new DrException("HfDatabaseUnreachable", DrErrorKind.ConnectionFailed, "no");
        Assert.Equal(StepOutcome.Succeeded, Assert.Single(await WaitAsync(null, Promotion)).Outcome);
    }

    [Fact]
    public async Task WaitAsync_Failed_CarriesAzuresCode()
    {
        Poll(StepOutcome.Failed, "Failed", code: "ServerIsNotReady", message: "no");
        var ended = Assert.Single(await WaitAsync(null, Promotion));
        Assert.Equal((StepOutcome.Failed, "ServerIsNotReady: no"), (ended.Outcome, ended.Error));
    }

    [Fact]
    public async Task WaitAsync_Timeout_IsPendingNeverFailed()
    {
        Poll(StepOutcome.Pending, "InProgress");
        var started = _time.GetUtcNow();
        var ended = Assert.Single(await WaitAsync(TimeSpan.FromSeconds(90), Promotion));
        Assert.Equal((StepOutcome.Pending, "InProgress", null), (ended.Outcome, ended.Status, ended.Finished));
        Assert.True(_time.GetUtcNow() - started >= TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task WaitAsync_RetryAfter_IsTheLeastWait()
    {
        Poll(StepOutcome.Pending, "InProgress", TimeSpan.FromSeconds(40));
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server("Ready", "Primary");
        var started = _time.GetUtcNow();
        await WaitAsync(null, Promotion);
        Assert.True(_time.GetUtcNow() - started >= TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task WaitAsync_AzureDoesNotAnswerForAWhile_GoesOnWaiting()
    {
        _arm.Polls.Enqueue(() => throw ScriptedArm.Unavailable("op"));
        _arm.Polls.Enqueue(() => throw ScriptedArm.Unavailable("op"));
        Poll(StepOutcome.Succeeded, "Succeeded");
        Server("Ready", "Primary");
        Assert.Equal(StepOutcome.Succeeded, Assert.Single(await WaitAsync(null, Promotion)).Outcome);
        Assert.Single(_observer.Warnings);
    }

    [Fact]
    public async Task WaitAsync_SignInLost_Throws()
    {
        _arm.Polls.Enqueue(() => throw new DrException("HfSignInFailed", DrErrorKind.AuthenticationFailed, "expired"));
        var failure = await Assert.ThrowsAsync<DrException>(() => WaitAsync(null, Promotion, Promotion with { Id = "2" }));
        Assert.Equal("HfSignInFailed", failure.ErrorId);
    }

    [Fact]
    public async Task WaitAsync_OperationForgottenByAzure_TheServerTells()
    {
        Poll(StepOutcome.Unknown, "NotFound");
        Server("Ready", "Primary");
        Assert.Equal(StepOutcome.Succeeded, Assert.Single(await WaitAsync(null, Promotion)).Outcome);
    }

    [Fact]
    public async Task WaitAsync_OperationForgottenAndNothingToSee_IsUnknown()
    {
        Poll(StepOutcome.Unknown, "NotFound");
        Server("Ready", "AsyncReplica");
        Assert.Equal(StepOutcome.Unknown, Assert.Single(await WaitAsync(null, Promotion)).Outcome);
    }

    [Fact]
    public async Task WaitAsync_EndedAlready_IsHandedOverWithoutAPoll()
    {
        _arm.Polls.Enqueue(() => throw new InvalidOperationException("polled"));
        Assert.Equal(StepOutcome.Succeeded, Assert.Single(await WaitAsync(null, Promotion with { Outcome = StepOutcome.Succeeded })).Outcome);
    }

    [Fact]
    public async Task WaitAsync_Canceled_StopsAtOnce()
    {
        Poll(StepOutcome.Pending, "InProgress");
        using var stop = new CancellationTokenSource();
        var waiting = Task.Run(async () =>
        {
            await foreach (var _ in Watch.WaitAsync([Promotion], null, _journal, stop.Token)) { }
        });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task GetAsync_Pending_AsksOnce()
    {
        Poll(StepOutcome.Pending, "InProgress");
        Assert.Equal(StepOutcome.Pending, (await Watch.GetAsync(Promotion, CancellationToken.None)).Outcome);
    }

    private sealed class ScriptedDatabases : IDatabases
    {
        public Func<bool>? InRecovery { get; set; }

        public bool Available => InRecovery is not null;

        public Task<ITransactionHistory> OpenHistoryAsync(string hostName, string? database, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IDatabase> OpenAsync(string hostName, TimeSpan timeout, CancellationToken cancellationToken)
        {
            var inRecovery = InRecovery!();
            var database = DispatchProxy.Create<IDatabase, OnlyObserved>();
            ((OnlyObserved)(object)database).Observation = new() { InRecovery = inRecovery, ReadOnly = false };
            return Task.FromResult(database);
        }
    }

    /// <summary>A session of which only the observation may be used.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it at run time.
    internal class OnlyObserved : DispatchProxy
    {
        public DatabaseObservation? Observation { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IDatabase.ObserveAsync) => Task.FromResult(Observation!),
            nameof(IAsyncDisposable.DisposeAsync) => ValueTask.CompletedTask,
            _ => throw new NotSupportedException(targetMethod.Name),
        };
    }
#pragma warning restore CA1852
}
