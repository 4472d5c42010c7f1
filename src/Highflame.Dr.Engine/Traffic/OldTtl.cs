using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>The TTL that a profile had before a run changed it. Journaled as the fact <see cref="FactName"/> before the change, so that a later process knows how long old answers live.</summary>
internal sealed record OldTtl
{
    public const string FactName = "old-ttl";

    public required string ProfileId { get; init; }

    public required long Seconds { get; init; }

    /// <summary>
    /// Until when resolvers may keep an answer under the old TTL, as the journal tells: from the change on, or, when it is not known when that was made, from now on.
    /// Null when that is over, was waited out, or was never changed here.
    /// </summary>
    public static DateTimeOffset? UntilOf(JournalState state, string profileId, DateTimeOffset now)
    {
        if (state.Fact<OldTtl>(FactName) is not { } old || !AzureId.Same(old.ProfileId, profileId)) return null;
        var steps = state.Steps.Where(s => AzureId.Same(s.Target, profileId)).ToList();
        var changed = steps.FindLastIndex(s => s.Name == ProfilePlanner.SetTtl);
        if (changed < 0 || steps.FindLastIndex(s => s.Name == ProfilePlanner.WaitForOldTtl && s.Outcome == StepOutcome.Succeeded) > changed) return null;
        // Changed in the future: the clock was set back since. No answer lives longer than its TTL from now.
        var until = (steps[changed].Outcome == StepOutcome.Succeeded && steps[changed].Finished is { } at && at < now ? at : now) + TimeSpan.FromSeconds(old.Seconds);
        return until > now ? until : null;
    }
}
