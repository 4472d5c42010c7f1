using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Shows how long-running operations stand now: those of this session and those that the pair's journals hold, also of an earlier session.</summary>
[Cmdlet(VerbsCommon.Get, "HfOperation", DefaultParameterSetName = IdSet)]
[OutputType(typeof(DrOperation))]
public sealed class GetHfOperationCommand : DrFleetCmdlet
{
    private const string IdSet = "Id";

    /// <summary>Ids of operations; default is all that are known.</summary>
    [Parameter(Position = 0, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(OperationIdCompleter))]
    public string[] Id { get; set; } = [];

    /// <summary>Region pair whose journals are read: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Operations to ask again about.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DrOperation[] InputObject { get; set; } = [];

    private protected override void Process()
    {
        if (ParameterSetName == ParameterSets.InputObject)
        {
            foreach (var operation in InputObject) Guard(() => Show(operation));
            return;
        }

        var pair = FindPair(Pair);
        if (Id.Length > 0)
        {
            foreach (string id in Id) Guard(() => Show(KnownOperation(id, pair)));
            return;
        }

        foreach (var operation in KnownOperations(pair)) Guard(() => Show(operation));
    }

    private void Show(DrOperation operation)
    {
        var connection = Connection;
        if (operation.Outcome is StepOutcome.Pending or StepOutcome.Unknown) AwaitBeside((observer, token) => Engine.GetOperationAsync(connection, operation, observer, token), Known);
        else Known(operation);
    }

    private void Known(DrOperation operation)
    {
        State.Seen.Add(operation);
        WriteObject(operation);
    }
}
