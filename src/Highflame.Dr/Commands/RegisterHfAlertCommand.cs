using System.Management.Automation;
using Highflame.Dr.Alerts;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Keeps an alert in the pair's run store and says whether to act on it, and towards which region: on one that fired, and once. An answer that was interrupted goes on towards the same region; with -Outcome it
/// is ended. Changes nothing in Azure.
/// </summary>
[Cmdlet(VerbsLifecycle.Register, "HfAlert")]
[OutputType(typeof(AlertReceipt))]
public sealed class RegisterHfAlertCommand : DrConnectedCmdlet
{
    /// <summary>The alert, as ConvertFrom-HfAlert reads it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public DrAlert? Alert { get; set; }

    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Location that shall take over. Default is the region that is passive when the alert is first seen.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? To { get; set; }

    /// <summary>How the answer to the alert has ended. Pending leaves it open, so that the next one goes on.</summary>
    [Parameter]
    public StepOutcome? Outcome { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var request = new AlertRequest { Pair = RequirePair(Pair), Alert = Alert!, To = To, Outcome = Outcome };
        WriteObject(Await((observer, token) => Engine.RegisterAlertAsync(connection, request, observer, token)));
    }
}
