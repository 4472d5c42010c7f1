using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Execution;

/// <summary>Failovers between <see cref="TwoRegions"/>, with a real run store in a directory of its own and a clock that only moves for those who wait.</summary>
public abstract class FailoverFixture : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hfdr-failover-").FullName;
    private RunHandle? _run;

    private protected FailoverFixture()
    {
        Storage = new(Path.Combine(_directory, Pair.Name));
        Connection = new(
            new() { Environment = "Sandbox", SubscriptionId = "00000000-0000-0000-0000-000000000001", Credential = DrCredentialKind.Default, ArmEndpoint = new("https://arm.test/") },
            new(), Regions, Regions, new NoNames(), null, Time);
    }

    private protected BreakableStorage Storage { get; }

    private protected TwoRegions Regions { get; } = new();

    private protected FakeTimeProvider Time { get; } = new(Seen.At);

    private protected RecordingObserver Observer { get; } = new();

    private protected AzureConnection Connection { get; }

    private protected RegionPair Pair => Pairs.Create() with { RunStore = _directory };

    private protected RunStore Store => new(Storage, Pair.Name, Time);

    private protected AzureInventory Inventory => AzureInventory.Of(Connection, Observer);

    private protected OperationWatch Watch => new(Regions, new ServerCrossCheck(Inventory, Regions), Time, Observer);

    /// <summary>The run in hand. Begun at the first call; after <see cref="Crash"/> it is resumed.</summary>
    private protected RunHandle Run => _run ??= Store.Start("westus", FailoverMode.Planned, new RunBefore { Active = "eastus" });

    private protected FailoverTools Tools => new(Connection, Inventory, Watch, Run, Time, Observer);

    private protected JournalState State => Run.Journal.State;

    public void Dispose()
    {
        _run?.Dispose();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The process is gone; what is on the disk stays.</summary>
    private protected void Crash()
    {
        _run?.Dispose();
        _run = null;
    }

    private protected async Task<FailoverPlan> PlanAsync(FailoverRequest request)
    {
        var plan = FailoverPlanner.Plan(await Time.DriveAsync(new FailoverSurvey(Connection, Inventory, Time).TakeAsync(request with { Server = Regions.Replica.Id }, Pair, Run, CancellationToken.None)), request);
        Assert.Empty(plan.Refusals);
        return plan;
    }

    /// <summary>Plans and carries the plan out, as one call of the cmdlet does.</summary>
    private protected async Task<DbFailover> FailOverAsync(FailoverRequest request, bool noWait = false, CancellationToken cancellationToken = default)
    {
        Regions.Stop = default;
        var plan = await PlanAsync(request);
        Regions.Log.Clear();
        Regions.Stop = cancellationToken;
        return await Time.DriveAsync(new FailoverExecution(Tools).ExecuteAsync(plan, noWait, cancellationToken));
    }

    private protected async Task<DrException> FailAsync(FailoverRequest request) => await Assert.ThrowsAsync<DrException>(() => FailOverAsync(request));

    private protected StepOutcome OutcomeOf(string step) => State.Steps.Last(s => s.Name == step).Outcome;

    private sealed class NoNames : INameResolver
    {
        public Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<System.Net.IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
