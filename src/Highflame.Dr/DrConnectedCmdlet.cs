using Highflame.Dr.Errors;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr;

/// <summary>A cmdlet that works on the session's connection.</summary>
public abstract class DrConnectedCmdlet : DrCmdlet
{
    private protected DrConnectedCmdlet()
    {
    }

    /// <summary>The session's connection. Errors: HfNotConnected, which ends the pipeline.</summary>
    private protected DrConnection Connection => State.Connection ?? throw DrErrors.NotConnected();

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
