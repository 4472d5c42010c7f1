using Highflame.Dr.Engine.Tests.Race;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>Many processes on one pair at once, whose runs are kept in Azure Blob Storage. (On a disk: RaceTests.)</summary>
public sealed class BlobRaceTests(AzuriteProcess azurite) : IClassFixture<AzuriteProcess>
{
    [SkippableFact]
    public async Task Start_FromFourProcessesAtOnce_ExactlyOneHoldsItAtAnyTime()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        const int Processes = 4, Attempts = 40;
        var marker = Path.Combine(Path.GetTempPath(), $"hfdr-race-{Guid.NewGuid():N}");

        var results = await Racer.RaceAsync(Processes, azurite.NewContainer().ToString(), azurite.Thumbprint, marker, $"{Attempts}");

        Racer.AssertOneHolderAtAnyTime(results, Processes * Attempts);
    }
}
