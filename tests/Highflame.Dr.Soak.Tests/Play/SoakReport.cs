using System.Text.Json;

namespace Highflame.Dr.Soak.Play;

/// <summary>artifacts/soak.json.</summary>
internal sealed record SoakReport
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required int Seed { get; init; }

    public required int Runs { get; init; }

    /// <summary>Runs whose end is as it must be in every respect.</summary>
    public required int SameEndState { get; init; }

    public required PlannedRuns Planned { get; init; }

    public required ForcedRuns Forced { get; init; }

    /// <summary>Servers whose promotion Azure accepted more often than it had to.</summary>
    public required int DoublePromotions { get; init; }

    /// <summary>Runs in which two servers took writes.</summary>
    public required int TwoWriters { get; init; }

    public required int LeftProcesses { get; init; }

    /// <summary>Runbook processes that were killed.</summary>
    public required int Kills { get; init; }

    public required double Seconds { get; init; }

    public required SoakFailure[] Failures { get; init; }

    public sealed record PlannedRuns(int Runs, long LostWrites);

    public sealed record ForcedRuns(int Runs, int ReportedEqualsReal, long LostWrites);

    public sealed record SoakFailure(int Seed, string What);

    public static SoakReport Of(int seed, IReadOnlyList<RunResult> results)
    {
        var (planned, forced) = (results.Where(r => !r.Script.Scenario.Forced).ToList(), results.Where(r => r.Script.Scenario.Forced).ToList());
        return new SoakReport
        {
            Seed = seed,
            Runs = results.Count,
            SameEndState = results.Count(r => r.Failures.Count == 0),
            Planned = new(planned.Count, planned.Sum(r => r.Verdict?.Load.Lost ?? 0)),
            Forced = new(forced.Count, forced.Count(r => r.Verdict is { Reported: { } reported } v && reported == v.Load.Lost), forced.Sum(r => r.Verdict?.Load.Lost ?? 0)),
            DoublePromotions = results.Sum(r => r.Verdict?.DoublePromotions ?? 0),
            TwoWriters = results.Count(r => r.Verdict is { TwoWriters: > 0 }),
            LeftProcesses = results.Sum(r => r.LeftProcesses),
            Kills = results.Sum(r => r.Course.Count(c => c.StartsWith("killed", StringComparison.Ordinal))),
            Seconds = Math.Round(results.Sum(r => r.Took.TotalSeconds), 1),
            Failures = [.. results.Where(r => r.Failures.Count > 0).Select(r => new SoakFailure(r.Script.Seed, string.Join("; ", r.Failures)))],
        };
    }

    /// <summary>One report of several that were played beside each other. A run that none of them has is no run with the same end.</summary>
    public static SoakReport Sum(int seed, int runs, IReadOnlyList<SoakReport> parts) => new()
    {
        Seed = seed,
        Runs = parts.Sum(p => p.Runs),
        SameEndState = parts.Sum(p => p.SameEndState),
        Planned = new(parts.Sum(p => p.Planned.Runs), parts.Sum(p => p.Planned.LostWrites)),
        Forced = new(parts.Sum(p => p.Forced.Runs), parts.Sum(p => p.Forced.ReportedEqualsReal), parts.Sum(p => p.Forced.LostWrites)),
        DoublePromotions = parts.Sum(p => p.DoublePromotions),
        TwoWriters = parts.Sum(p => p.TwoWriters),
        LeftProcesses = parts.Sum(p => p.LeftProcesses),
        Kills = parts.Sum(p => p.Kills),
        Seconds = parts.Sum(p => p.Seconds),
        Failures =
        [
            .. parts.SelectMany(p => p.Failures),
            .. parts.Sum(p => p.Runs) < runs ? [new SoakFailure(seed, $"{runs - parts.Sum(p => p.Runs)} of {runs} runs were not played to an end")] : Array.Empty<SoakFailure>(),
        ],
    };

    public static SoakReport Read(string path) => JsonSerializer.Deserialize<SoakReport>(File.ReadAllText(path), s_format)!;

    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, s_format) + "\n");
    }
}
