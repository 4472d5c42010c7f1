using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Evidence;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Asks every database server of a pair whether it takes writes now. Two of one history that both do are the worst that can happen, and an error that says so.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HfWriter")]
[OutputType(typeof(WriterCheck), typeof(bool))]
public sealed class TestHfWriterCommand : DrFleetCmdlet
{
    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Answers only true (exactly one server is seen to take writes) or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        AwaitBeside((observer, token) => Engine.CheckWritersAsync(connection, pair, observer, token), report => Show(pair, report));
    }

    private void Show(RegionPair pair, WriterReport report)
    {
        if (Quiet)
        {
            WriteObject(report.TwoWriters.Length == 0 && report.Servers.Count(s => s.AcceptsWrites == true) == 1);
            return;
        }

        foreach (var server in report.Servers) WriteObject(server);
        if (report.TwoWriters.Length > 0) Guard(() => throw DrErrors.TwoWriters(pair.Name, report.TwoWriters));
    }
}
