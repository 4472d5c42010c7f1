using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Watch;
using Highflame.Dr.Engine.Watch;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>Watchers that share a container: watch.json is changed by compare-and-swap with its ETag, against Microsoft's emulator. (On a disk: FileStoredWatchTests.)</summary>
[Collection("azurite")]
public sealed class BlobStoredWatchTests(AzuriteProcess azurite)
{
    private readonly Uri _container = azurite.Missing is null ? azurite.NewContainer() : azurite.Account;

    [SkippableFact]
    public async Task Watch_FourWatchersOfOneContainer_OneActs()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await StoredWatches.OneActsAsync(() => Open(), 4);
    }

    [SkippableFact]
    public async Task Watch_TwoWatchersOfOneContainer_OneRunsAndTheOtherIsToldWhoHoldsTheRun()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await StoredWatches.OneRunsAndTheOtherIsToldAsync(() => Open());
    }

    [SkippableFact]
    public void Watch_AnotherWatcherEachRound_ForgetsNothing()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        StoredWatches.NothingIsForgotten(() => Open());
    }

    [SkippableFact]
    public async Task Memory_ManyWatchersAtOnce_LosesNoChange()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await StoredWatches.NoChangeIsLostAsync(() => Open(), 4, 10);
    }

    [SkippableFact]
    public void Memory_AnswerToTheWriteIsLost_StandsOnceAndKeepsItsResult()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        var decided = 0;
        (WatchMemory, int) Count(WatchMemory? memory) => ((memory ?? new()) with { Confirmed = (memory?.Confirmed ?? 0) + 1 }, ++decided);
        var store = Open(inner => new LosesAnswers(inner));

        // The client sends it again by itself, which the service refuses: the ETag is another one already.
        for (var n = 1; n <= 4; n++) Assert.Equal(n, store.ChangeDocument<WatchMemory, int>("watch.json", Count));

        Assert.Equal((4, 4), (decided, Open().ReadDocument<WatchMemory>("watch.json")!.Confirmed));
    }

    private RunStore Open(Func<HttpMessageHandler, HttpMessageHandler>? wrap = null) =>
        new(new BlobRunStorage(new Uri($"{_container}/dr"), "prod", u => azurite.Open(u, wrap)), "prod", TimeProvider.System);

    /// <summary>Loses the answer to every second write, after the service has taken it.</summary>
    private sealed class LosesAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private int _writes;

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => Judge(request, base.Send(request, cancellationToken));

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Judge(request, await base.SendAsync(request, cancellationToken));

        private HttpResponseMessage Judge(HttpRequestMessage request, HttpResponseMessage answer)
        {
            if (request.Method == HttpMethod.Put && answer.IsSuccessStatusCode && Interlocked.Increment(ref _writes) % 2 == 0) throw new HttpRequestException("The connection was reset.");
            return answer;
        }
    }
}

/// <summary>One emulator for all tests that need no more than a container of their own.</summary>
[CollectionDefinition("azurite")]
public sealed class SharedAzurite : ICollectionFixture<AzuriteProcess>;
