using Highflame.Dr.Engine.Execution;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>Watchers that share a folder. (In Azure Blob Storage: BlobStoredWatchTests.)</summary>
public sealed class FileStoredWatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-watch-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public Task Watch_FourWatchersOfOneFolder_OneActs() => StoredWatches.OneActsAsync(Open, 4);

    [Fact]
    public Task Watch_TwoWatchersOfOneFolder_OneRunsAndTheOtherIsToldWhoHoldsTheRun() => StoredWatches.OneRunsAndTheOtherIsToldAsync(Open);

    [Fact]
    public void Watch_AnotherWatcherEachRound_ForgetsNothing() => StoredWatches.NothingIsForgotten(Open);

    [Fact]
    public Task Memory_ManyWatchersAtOnce_LosesNoChange() => StoredWatches.NoChangeIsLostAsync(Open, 4, 25);

    private RunStore Open() => new(new FileRunStorage(_folder), "prod", TimeProvider.System);
}
