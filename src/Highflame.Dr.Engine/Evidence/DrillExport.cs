using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>Joins a run's evidence with what the clients saw, judges the drill and writes its report.</summary>
internal static class DrillExport
{
    /// <summary>Errors: HfEvidenceNotWritten.</summary>
    public static DrillReport Write(string scenario, RunEvidence evidence, LoadReport load, string path, DrillWatchRequest? watched = null)
    {
        var watch = watched is null ? null : DrillWatchRules.Of(watched, evidence, load);
        string[] failures = [.. DrillRules.Failures(evidence, load, lostForGood: watch is not null), .. watch is null ? [] : DrillWatchRules.Failures(watch, watched!.LimitSeconds)];
        var report = new DrillReport
        {
            Scenario = scenario,
            From = evidence.From,
            To = evidence.To,
            Mode = evidence.Mode,
            Started = evidence.Started,
            Finished = evidence.Finished ?? evidence.Steps.Select(s => s.Finished ?? s.Started).DefaultIfEmpty(evidence.Started).Max(),
            Rto = evidence.Rto,
            Rpo = evidence.Rpo,
            Writes = new DrillWrites
            {
                Acknowledged = load.Acknowledged,
                Lost = load.Lost,
                ReportedLost = evidence.ReportedLost,
                OutageSeconds = load.OutageSeconds,
                AcceptedByOldPrimary = load.AcceptedByOldPrimary,
            },
            Steps = evidence.Steps,
            Topology = evidence.Topology,
            Watch = watch,
            Passed = failures.Length == 0,
            Failures = failures,
            Timeline = DrillTimeline.Draw(evidence, load),
            EvidencePath = evidence.Path,
            Path = System.IO.Path.GetFullPath(path),
        };
        EvidenceFile.Write(report.Path, report);
        return report;
    }
}
