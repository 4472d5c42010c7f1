using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Execution;

/// <summary>The runs of a store as Get-HfRun shows them, newest first.</summary>
internal static class RunListing
{
    public static IReadOnlyList<RunStatus> Of(RunStore store)
    {
        var holder = store.ReadHolder();
        var owed = store.Owed();
        return [.. store.ReadRuns().Select(r => Of(r.State, r.Path, holder, owed))];
    }

    private static RunStatus Of(JournalState state, string path, (LeaseHolder Holder, bool Held)? lease, string[] owed)
    {
        var own = lease is { } last && last.Holder.RunId == state.RunId ? last.Holder : null;
        var step = state.Steps.LastOrDefault(s => s.Outcome is StepOutcome.Pending or StepOutcome.Unknown) ?? (state.Steps.Count > 0 ? state.Steps[^1] : null);
        return new RunStatus
        {
            Id = state.RunId,
            Pair = state.Pair,
            From = state.Before.Active,
            To = state.To,
            Mode = state.Mode,
            Outcome = state.Outcome,
            Hold = state.Finished is not null ? RunHold.Ended : own is not null && lease!.Value.Held ? RunHold.Held : RunHold.Free,
            Step = step?.Name,
            Holder = own is null ? null : $"process {own.ProcessId} on {own.Host}{(own.User is { } user ? $" ({user})" : "")}",
            HeldSince = own?.Since,
            FencingNumber = state.FencingNumber,
            Started = state.Started,
            Finished = state.Finished,
            Owed = state.Finished is null ? owed : [],
            Steps = [.. state.Steps],
            JournalPath = path,
        };
    }
}
