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
    public static async Task<(Verdict Verdict, IReadOnlyList<string> Kills)> PlayAsync(Playground ground, Moments moments, Action<string> tell)
    {
        if (ground.Scenario.Forced) await ground.LoseRegionAsync();
        var kills = new List<string>();
        var failures = new List<string>();
        while (kills.Count < MostKills)
        {
            var ending = await ground.RunAsync([], moments, kills, another: true);
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
