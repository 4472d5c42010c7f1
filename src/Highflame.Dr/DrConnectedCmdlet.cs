using Highflame.Dr.Errors;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr;

/// <summary>A cmdlet that works on the session's connection.</summary>
public abstract partial class DrConnectedCmdlet : DrCmdlet
{
    private protected DrConnectedCmdlet()
    {
    }

    /// <summary>The session's connection. Errors: HfNotConnected, which ends the pipeline.</summary>
    private protected DrConnection Connection => State.Connection ?? throw DrErrors.NotConnected();

    /// <summary>The open run's pair when it has this profile, else the imported pair that has it.</summary>
    private protected RegionPair? PairOfProfile(string profileId)
    {
        bool Has(RegionPair pair) => string.Equals(pair.Traffic.ProfileId, profileId, StringComparison.OrdinalIgnoreCase);
        return State.Run is not null && State.RunPair is { } ofRun && Has(ofRun) ? ofRun : State.Pairs.FirstOrDefault(Has);
    }

    /// <summary>The run that this runspace holds, when it is one of this pair.</summary>
    private protected Execution.DrRunHandle? RunOf(RegionPair pair) => State.Run is { } run && string.Equals(State.RunPair?.Name, pair.Name, StringComparison.OrdinalIgnoreCase) ? run : null;

    /// <summary>Writes a step into the journal of the open run, if it is one of this pair.</summary>
    private protected void Record(RegionPair pair, Execution.StepResult step)
    {
        if (RunOf(pair) is { } run)
            Await((_, token) => Engine.RecordStepAsync(run, step, token));
    }

    /// <summary>Remembers what was read, for completion.</summary>
    private protected T[] Seen<T>(IReadOnlyList<T> items)
    {
        foreach (var item in items)
        {
            if (item is DbServer server) State.Seen.Add(server);
            else if (item is TrafficEndpoint endpoint) State.Seen.Add(endpoint);
        }

        return [.. items];
    }
}
