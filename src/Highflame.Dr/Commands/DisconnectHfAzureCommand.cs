using System.Management.Automation;

namespace Highflame.Dr.Commands;

/// <summary>
/// Forgets the connection of this session: credential, tokens, database password, and everything that was seen through it. Imported pairs and an open run stay.
/// Without a connection it does nothing.
/// </summary>
[Cmdlet(VerbsCommunications.Disconnect, "HfAzure")]
[OutputType(typeof(void))]
public sealed class DisconnectHfAzureCommand : DrCmdlet
{
    private protected override void Process() =>
        WriteVerbose(State.Disconnect() ? "The connection and everything seen through it are forgotten." : "There was no connection.");
}
