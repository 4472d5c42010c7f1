using System.Management.Automation;
using Highflame.Dr.Evidence;

namespace Highflame.Dr.Commands;

/// <summary>
/// After a forced failover: the transactions that the old primary committed and the new one does not have. Both databases are only read. Within a run the number goes
/// into the journal and from there into the evidence.
/// </summary>
[Cmdlet(VerbsCommon.Get, "HfLostWrite")]
[OutputType(typeof(LostWrite))]
public sealed class GetHfLostWriteCommand : DrLossCmdlet
{
    private protected override void Process()
    {
        var connection = Connection;
        var request = Request();
        var run = RunOf(request.Pair);
        foreach (var write in Await((observer, token) => Engine.FindLostWritesAsync(connection, request, run, observer, token))) WriteObject(write);
    }
}
