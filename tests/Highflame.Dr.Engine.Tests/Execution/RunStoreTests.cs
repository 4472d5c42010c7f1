using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed class RunStoreTests : IDisposable
{
    private static readonly RunBefore Before = new() { Active = "eastus", PrimaryResourceId = "/p", ReplicaResourceId = "/r", Ttl = 30 };
    private readonly string _directory = Directory.CreateTempSubdirectory("hfdr-store-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly FakeProcesses _processes = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Start_LeaseHeldByALiveRun_IsHfRunHeldAndNamesTheHolder()
    {
        using var first = Store().Start("westus", FailoverMode.Planned, Before);

        var error = Assert.Throws<DrException>(() => Store().Start("westus", FailoverMode.Planned, Before));

        Assert.Equal("HfRunHeld", error.ErrorId);
        Assert.Contains($"process {_processes.OwnId} on {_processes.OwnHost}", error.Message, StringComparison.Ordinal);
        Assert.Contains(first.Run.Id, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_HolderIsDead_TakesOverWithAHigherNumberAndResumes()
    {
        var first = Store().Start("westus", FailoverMode.Planned, Before);
        Abandon(first);
        _processes.OwnId++;
        _processes.Alive = false;

        using var second = Store().Start("West US", FailoverMode.Planned, new RunBefore());

        Assert.Equal(first.Run.Id, second.Run.Id);
        Assert.True(second.Run.Resumed);
        Assert.Equal(first.Run.FencingNumber + 1, second.Run.FencingNumber);
        Assert.Equal(Before, second.Run.Before);
    }

    [Theory]
    [InlineData(true, "here")]
    [InlineData(false, "elsewhere")]
    public void Start_LockFreeButHolderNotProvenDead_IsHfRunHeld(bool alive, string host)
    {
        Abandon(Store().Start("westus", FailoverMode.Planned, Before));
        _processes.OwnId++;
        _processes.OwnHost = host;
        _processes.Alive = alive;

        Assert.Equal("HfRunHeld", Assert.Throws<DrException>(() => Store().Start("westus", FailoverMode.Planned, Before)).ErrorId);
    }

    [Fact]
    public void Start_UnfinishedRunGoesElsewhere_IsHfRunMismatchAndGivesTheLeaseBack()
    {
        Store().Start("westus", FailoverMode.Planned, Before).Dispose();

        Assert.Equal("HfRunMismatch", Assert.Throws<DrException>(() => Store().Start("eastus", FailoverMode.Planned, Before)).ErrorId);
        Store().Start("westus", FailoverMode.Planned, Before).Dispose();
    }

    [Fact]
    public void Verify_SomebodyTookTheLease_IsHfLeaseLost()
    {
        var first = Store().Start("westus", FailoverMode.Planned, Before);
        var path = Path.Combine(_directory, "lease.json");
        var text = File.ReadAllText(path);
        first.Lease.Verify();

        File.WriteAllText(path, text.Replace("\"fencingNumber\": 1", "\"fencingNumber\": 2", StringComparison.Ordinal));

        Assert.Equal("HfLeaseLost", Assert.Throws<DrException>(first.Lease.Verify).ErrorId);
        first.Dispose();
    }

    [Theory]
    [InlineData(StepOutcome.Succeeded, false)]
    [InlineData(StepOutcome.Failed, false)]
    [InlineData(StepOutcome.Pending, true)]
    public void Complete_Outcome_DecidesWhetherTheNextStartResumes(StepOutcome outcome, bool resumed)
    {
        var first = Store().Start("westus", FailoverMode.Forced, Before);
        var run = Store().Complete(first, outcome);

        using var second = Store().Start("westus", FailoverMode.Forced, Before);

        Assert.Equal(outcome, run.Outcome);
        Assert.Equal(resumed, second.Run.Resumed);
        Assert.Equal(resumed, second.Run.Id == run.Id);
        Assert.Equal(2, second.Run.FencingNumber);
    }

    [Fact]
    public void AddDebt_ThenPay_RunOwesIsListedUntilPaid()
    {
        var store = Store();
        store.AddDebt(new FenceDebt { Server = "old", ServerId = "/OLD", PromotedId = "/new", RunId = "r", Mode = FailoverMode.Forced, Since = _time.GetUtcNow() });
        using var run = store.Start("westus", FailoverMode.Forced, Before);

        Assert.Equal(["Fence old"], run.Run.Owed);
        Assert.True(store.PayDebt("/old"));
        Assert.False(store.PayDebt("/old"));
        Assert.Empty(run.Run.Owed);
    }

    [Fact]
    public void Start_NewestJournalWasTamperedWith_IsHfJournalBroken()
    {
        var run = Store().Start("westus", FailoverMode.Planned, Before);
        run.Journal.RecordFact("a", new { B = 1 });
        run.Dispose();
        var text = File.ReadAllText(run.Journal.Path);
        File.WriteAllText(run.Journal.Path, text.Replace("westus", "eastus", StringComparison.Ordinal));

        Assert.Equal("HfJournalBroken", Assert.Throws<DrException>(() => Store().Start("westus", FailoverMode.Planned, Before)).ErrorId);
    }

    [Fact]
    public void Start_DirectoryCannotBeMade_IsHfRunStoreUnusable()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");

        Assert.Equal("HfRunStoreUnusable", Assert.Throws<DrException>(() => new RunStore(new FileRunStorage(file), "pair", _time).Start("westus", FailoverMode.Planned, Before)).ErrorId);
    }

    [Fact]
    public void IsTrouble_FileThatMayNotGrow_IsWhatADiskDoes()
    {
        // The exception that .NET makes of EFBIG when a write meets a limit: no IOException.
        Assert.True(DurableFile.IsTrouble(new ArgumentOutOfRangeException("value", "Specified file length was too large for the file system.")));
        Assert.False(DurableFile.IsTrouble(new ArgumentOutOfRangeException("startIndex")));
    }

    // What a killed process leaves: the system gives the handle back, the words in lease.json stay.
    private static void Abandon(RunHandle run)
    {
        var path = Path.Combine(run.Store.Location, "lease.json");
        var text = File.ReadAllText(path);
        run.Dispose();
        File.WriteAllText(path, text);
    }

    private RunStore Store() => new(new FileRunStorage(_directory), "pair", _time, _processes);

    private sealed class FakeProcesses : IProcesses
    {
        public int OwnId { get; set; } = 4711;

        public string OwnHost { get; set; } = "here";

        public DateTimeOffset OwnStart { get; } = DateTimeOffset.UnixEpoch;

        public bool Alive { get; set; } = true;

        public bool IsAlive(int id, DateTimeOffset started) => Alive;
    }
}
