using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Waits for long-running operations side by side and hands each over as it ends. Ctrl-C stops the waiting, not the operation: wait again at any time, also
/// from another session.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "HfOperation", DefaultParameterSetName = ParameterSets.InputObject)]
[OutputType(typeof(DrOperation))]
public sealed class WaitHfOperationCommand : DrConnectedCmdlet
{
    private const string IdSet = "Id";
    private const string OperationSet = "Operation";

    private readonly Dictionary<string, DrOperation> _waitFor = new(StringComparer.Ordinal);

    /// <summary>Operations to wait for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DrOperation[] InputObject { get; set; } = [];

    /// <summary>Operation of a failover or a new replica: binds to the output of Invoke-HfDbFailover and New-HfReadReplica. None means that it is over already.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OperationSet, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public DrOperation? Operation { get; set; }

    /// <summary>Ids of operations, as Get-HfOperation shows them.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet)]
    [ArgumentCompleter(typeof(OperationIdCompleter))]
    public string[] Id { get; set; } = [];

    /// <summary>Region pair whose journals are searched for -Id. Default is the only imported pair.</summary>
    [Parameter(ParameterSetName = IdSet)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Longest time to wait, in seconds; default is without end.</summary>
    [Parameter]
    [ValidateRange(0d, 604800d)]
    public double? TimeoutSeconds { get; set; }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case IdSet:
                var pair = FindPair(Pair);
                foreach (string id in Id) Guard(() => Collect(KnownOperation(id, pair)));
                break;
            case OperationSet:
                if (Operation is not null) Collect(Operation);
                break;
            default:
                foreach (var operation in InputObject) Collect(operation);
                break;
        }
    }

    private protected override void End()
    {
        if (_waitFor.Count == 0) return;
        var connection = Connection;
        TimeSpan? timeout = TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        DrOperation[] operations = [.. _waitFor.Values];
        AwaitEach((observer, token) => Engine.WaitOperationsAsync(connection, operations, timeout, State.Run, observer, token), HandOver);
        foreach (var operation in _waitFor.Values)
        {
            Report(new DrException(
                "HfOperationPending",
                DrErrorKind.TimedOut,
                $"{operation.Name} of {operation.Target} has not ended in {TimeoutSeconds} s. It goes on.",
                operation.Target,
                $"Wait again: Wait-HfOperation -Id {operation.Id}."));
        }
    }

    private void Collect(DrOperation operation)
    {
        State.Seen.Add(operation);
        _waitFor[operation.Id] = operation;
    }

    private void HandOver(DrOperation operation)
    {
        State.Seen.Add(operation);
        WriteObject(operation);
        if (operation.Outcome == StepOutcome.Pending || operation is { Outcome: StepOutcome.Unknown, ErrorId: null }) return;
        _waitFor.Remove(operation.Id);
        if (operation.Outcome is not (StepOutcome.Failed or StepOutcome.Unknown)) return;
        WriteError(DrErrors.ToRecord(new DrException(
            operation.ErrorId ?? "HfOperationFailed",
            DrErrorKind.OperationFailed,
            $"{operation.Name} of {operation.Target} {(operation.Outcome == StepOutcome.Failed ? "failed" : "has an unknown outcome")}: {operation.Error ?? operation.Status}",
            operation.Target,
            "Read Azure's reason, put it right, and run the same command again.")));
    }
}
