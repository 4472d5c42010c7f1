using System.Globalization;
using Highflame.Dr.Soak.Child;

namespace Highflame.Dr.Soak.Play;

/// <summary>One run that is killed at every record of its journal, and each time gone on with.</summary>
internal static class EveryRecord
{
    private const int MostKills = 200;

    /// <param name="ground">A fresh one.</param>
    /// <param name="moments">Before each record, after it, or both.</param>
    /// <param name="tell">A line for each kill.</param>
    /// <param name="budget">After this time no more is killed and the run goes on to its end.</param>
    public static async Task<(Verdict Verdict, IReadOnlyList<string> Kills)> PlayAsync(Playground ground, Moments moments, Action<string> tell, TimeSpan? budget = null)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        if (ground.Scenario.Forced) await ground.LoseRegionAsync();
        var kills = new List<string>();
        var failures = new List<string>();
        while (kills.Count < MostKills)
        {
            if (clock.Elapsed > budget && moments != Moments.None)
            {
                moments = Moments.None;
                tell($"The time is up after {kills.Count} kills.");
            }

            var ending = await ground.RunAsync([], moments, kills, another: moments != Moments.None);
            if (ending.KilledAt is { } at)
            {
                // The number differs from process to process; the words are the moment.
                kills.Add(at[(at.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
                tell(string.Create(CultureInfo.InvariantCulture, $"killed {kills.Count}: {at}"));
                continue;
            }

            if (ending.ExitCode == 3 && ground.RegionIsLost)
            {
                await ground.RestoreRegionAsync();
                continue;
            }

            if (ending.ExitCode != 0) failures.Add($"without a kill the runbook ended with {ending.ExitCode}");
            break;
        }

        var verdict = await ground.JudgeAsync();
        return (verdict with { Failures = [.. failures, .. verdict.Failures] }, kills);
    }
}
