using System.Management.Automation;
using Highflame.Dr.Errors;

namespace Highflame.Dr.Commands;

/// <summary>Shows what this session is connected to: subscription, account, endpoint, name servers. No secret.</summary>
[Cmdlet(VerbsCommon.Get, "HfContext")]
[OutputType(typeof(DrContext))]
public sealed class GetHfContextCommand : DrConnectedCmdlet
{
    private protected override void Process()
    {
        // Nothing follows in the pipeline: the error ends nothing, so that -ErrorAction Ignore can ask whether there is a connection.
        if (State.Connection is { } connection) WriteObject(connection.Context);
        else WriteError(DrErrors.ToRecord(DrErrors.NotConnected()));
    }
}
