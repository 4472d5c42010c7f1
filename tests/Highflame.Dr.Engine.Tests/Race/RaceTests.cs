namespace Highflame.Dr.Engine.Tests.Race;

/// <summary>Many processes on one pair at once. (In Azure Blob Storage: BlobRaceTests.)</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task Start_AThousandTimesFromFiveProcesses_ExactlyOneHoldsItAtAnyTime()
    {
        const int Processes = 5, Attempts = 200;
        var folder = Directory.CreateTempSubdirectory("hfdr-race-").FullName;
        try
        {
            var results = await Racer.RaceAsync(Processes, Path.Combine(folder, "store"), Path.Combine(folder, "marker"), $"{Attempts}");

            Racer.AssertOneHolderAtAnyTime(results, Processes * Attempts);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
