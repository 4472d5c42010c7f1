using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>The run store in Azure Blob Storage, against Microsoft's emulator.</summary>
[Collection("azurite")]
public sealed class BlobRunStoreTests(AzuriteProcess azurite)
{
    private static readonly RunBefore Before = new() { Active = "eastus", PrimaryResourceId = "/p", ReplicaResourceId = "/r", Ttl = 30 };
    private readonly Uri _container = azurite.Missing is null ? azurite.NewContainer() : azurite.Account;

    [SkippableFact]
    public void Start_HeldByAnotherWorker_IsHfRunHeldUntilItIsGivenBack()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        var first = Store().Start("westus", FailoverMode.Planned, Before);

        var error = Assert.Throws<DrException>(() => Store().Start("westus", FailoverMode.Planned, Before));
        Assert.Equal("HfRunHeld", error.ErrorId);
        Assert.Contains(first.Run.Id, error.Message, StringComparison.Ordinal);
        first.Journal.RecordFact("note", new { Words = "kept" });
        first.Dispose();

        using var second = Store().Start("West US", FailoverMode.Planned, new RunBefore());
        Assert.True(second.Run.Resumed);
        Assert.Equal(first.Run.Id, second.Run.Id);
        Assert.Equal(first.Run.FencingNumber + 1, second.Run.FencingNumber);
        Assert.Equal(Before, second.Run.Before);
        Assert.Equal("kept", second.Journal.State.Fact<Note>("note")?.Words);
    }

    [SkippableFact]
    public void Start_LeaseOfADeadWorkerHasLapsed_TakesOverAndTheStaleOneCanNeitherPromoteNorWrite()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        var stale = Store().Start("westus", FailoverMode.Forced, Before);
        stale.Lease.Verify();
        Lapse();

        using var next = Store().Start("westus", FailoverMode.Forced, Before);

        Assert.True(next.Run.FencingNumber > stale.Run.FencingNumber);
        Assert.Equal("HfLeaseLost", Assert.Throws<DrException>(stale.Lease.Verify).ErrorId);
        Assert.Equal("HfLeaseLost", Assert.Throws<DrException>(() => stale.Journal.RecordFact("late", new { Words = "x" })).ErrorId);
        stale.Dispose();
        next.Lease.Verify();
        next.Journal.RecordFact("note", new { Words = "goes on" });
    }

    [SkippableFact]
    public void Append_AnswerIsLost_IsSeenToStandAndNotWrittenTwice()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        using var run = Store(inner => new LosesAnswers(inner)).Start("westus", FailoverMode.Planned, Before);
        for (var n = 0; n < 5; n++) run.Journal.RecordFact("note", new { Words = $"{n}" });

        var content = Store().ReadJournal(run.Run.Id);
        Assert.Equal(6, content.Lines.Count);
        Assert.True(EvidenceVerification.Check(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', content.Texts)), "journal").Intact);
    }

    [SkippableFact]
    public void Start_FromManyWorkersAtOnce_ExactlyOneHoldsItAtAnyTime()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        const int Workers = 8, Attempts = 25;
        var inside = 0;
        var won = new ConcurrentBag<long>();
        var refused = new ConcurrentBag<string>();

        Parallel.For(0, Workers, new ParallelOptions { MaxDegreeOfParallelism = Workers }, _ =>
        {
            var store = Store();
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                try
                {
                    using var run = store.Start("westus", FailoverMode.Planned, Before);
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    won.Add(run.Run.FencingNumber);
                    run.Lease.Verify();
                    Interlocked.Decrement(ref inside);
                }
                catch (DrException e)
                {
                    refused.Add(e.ErrorId);
                }
            }
        });

        Assert.Equal(Workers * Attempts, won.Count + refused.Count);
        Assert.All(refused, id => Assert.Equal("HfRunHeld", id));
        Assert.Equal(Enumerable.Range(1, won.Count).Select(n => (long)n), won.Order());
    }

    [SkippableFact]
    public void GetRuns_HeldThenPaused_SaysWhoHoldsItAndAtWhichStep()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        Assert.Empty(RunListing.Of(Store()));
        var run = Store().Start("westus", FailoverMode.Forced, Before);
        run.Journal.BeginStep(new PlanStep("PromoteReplica", "/r", "Promote", StepClass.Irreversible));

        var held = Assert.Single(RunListing.Of(Store()));
        Assert.Equal((RunHold.Held, "PromoteReplica"), (held.Hold, held.Step));
        Assert.Contains($"process {Environment.ProcessId}", held.Holder, StringComparison.Ordinal);

        run.Store.AddDebt(new FenceDebt { Server = "old", ServerId = "/old", PromotedId = "/r", RunId = run.Run.Id, Mode = FailoverMode.Forced, Since = DateTimeOffset.UnixEpoch });
        run.Store.Complete(run, StepOutcome.Pending);
        var free = Assert.Single(RunListing.Of(Store()));
        Assert.Equal(RunHold.Free, free.Hold);
        Assert.Equal(["Fence old"], free.Owed);
    }

    [SkippableFact]
    public void Start_ContainerIsMissing_IsHfRunStoreUnusableAndSaysWhatToDo()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        var store = new RunStore(new BlobRunStorage(new Uri(azurite.Account, "devstoreaccount1/no-such"), "pair", u => azurite.Open(u)), "pair", TimeProvider.System);

        var error = Assert.Throws<DrException>(() => store.Start("westus", FailoverMode.Planned, Before));

        Assert.Equal("HfRunStoreUnusable", error.ErrorId);
        Assert.Contains("Create the container", error.NextStep, StringComparison.Ordinal);
    }

    private RunStore Store(Func<HttpMessageHandler, HttpMessageHandler>? wrap = null) =>
        new(new BlobRunStorage(new Uri($"{_container}/dr"), "pair", u => azurite.Open(u, wrap)), "pair", TimeProvider.System);

    // What sixty seconds without a renewal do.
    private void Lapse() => azurite.Open(_container).GetBlobClient("dr/pair/lease.json").GetBlobLeaseClient().Break(TimeSpan.Zero);

    private sealed record Note
    {
        public string? Words { get; init; }
    }

    /// <summary>Loses the answer to every second append, after the service has taken it.</summary>
    private sealed class LosesAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private int _appends;

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Judge(request, base.Send(request, cancellationToken));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Judge(request, await base.SendAsync(request, cancellationToken));

        private HttpResponseMessage Judge(HttpRequestMessage request, HttpResponseMessage answer)
        {
            if (request.RequestUri!.Query.Contains("comp=appendblock", StringComparison.Ordinal) && answer.IsSuccessStatusCode && Interlocked.Increment(ref _appends) % 2 == 0)
                throw new HttpRequestException("The connection was reset.");
            return answer;
        }
    }
}
