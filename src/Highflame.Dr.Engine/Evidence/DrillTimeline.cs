using System.Globalization;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>A picture in text of what happened when: one line a step, seconds since the run began, a bar as long as it took. Pure.</summary>
internal static class DrillTimeline
{
    private const int Width = 40;
    private const int MostLines = 16;

    public static string[] Draw(RunEvidence evidence, LoadReport load)
    {
        var start = evidence.Started;
        var steps = evidence.Steps.Where(s => s.Outcome != StepOutcome.NoChange || evidence.Steps.Length <= MostLines - 3).ToArray();
        if (steps.Length > MostLines - 3) steps = [.. steps.OrderByDescending(IsTurn).ThenByDescending(s => s.Seconds ?? 0).Take(MostLines - 3).OrderBy(s => s.Started)];
        var ends = steps.Select(s => s.Finished ?? s.Started).Append(evidence.Finished ?? start).Append(load.OutageEnded ?? start);
        var span = Math.Max(0.001, (ends.Max() - start).TotalSeconds);
        var nameWidth = Math.Max(14, steps.Select(s => s.Name.Length).DefaultIfEmpty(0).Max());

        var lines = new List<string> { $"{evidence.Mode} failover {evidence.From ?? "?"} -> {evidence.To}, run {evidence.RunId}, began {start.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" };
        var events = steps.Select(s => (At: s.Started, Text: Line(s.Name.PadRight(nameWidth), s.Started, s.Finished ?? s.Started, '#', Note(s)))).ToList();
        if (load is { OutageSeconds: > 0, OutageStarted: { } from, OutageEnded: { } until })
            events.Add((from, Line("no write".PadRight(nameWidth), from, until, '!', $"{Number(load.OutageSeconds)} s without an acknowledged write")));
        lines.AddRange(events.OrderBy(e => e.At).Select(e => e.Text));
        lines.Add($"{"+" + Number(span) + " s",10}  end: {evidence.Outcome}, active {evidence.Topology.Active ?? "unknown"}, {load.Acknowledged.ToString("N0", CultureInfo.InvariantCulture)} writes acknowledged, {load.Lost?.ToString(CultureInfo.InvariantCulture) ?? "?"} lost");
        return [.. lines];

        string Line(string name, DateTimeOffset from, DateTimeOffset to, char mark, string note)
        {
            var left = Math.Clamp((int)((from - start).TotalSeconds / span * Width), 0, Width - 1);
            var length = Math.Clamp((int)Math.Round((to - from).TotalSeconds / span * Width), 1, Width - left);
            var bar = (new string(' ', left) + new string(mark, length)).PadRight(Width);
            return $"{"+" + Number(Math.Max(0, (from - start).TotalSeconds)) + " s",10}  {name} |{bar}| {note}".TrimEnd();
        }
    }

    // However short they are, a failover's picture shows them.
    private static bool IsTurn(StepResult step) => step.Name is StepNames.Fence or StepNames.Promote or EndpointChanges.MoveTraffic;

    private static string Note(StepResult step) =>
        (step.Seconds is { } seconds ? $"{Number(seconds)} s" : "") + (step.Outcome is StepOutcome.Succeeded ? "" : $" {step.Outcome}");

    private static string Number(double seconds) => seconds.ToString(seconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
