using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Puts back the locks that Unlock-HfResource took away from a pair's resources: the same name, scope, level, notes and owners. What cannot be put back stays owed.
/// </summary>
[Cmdlet(VerbsCommon.Lock, "HfResource", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LockChange))]
public sealed class LockHfResourceCommand : DrChangeCmdlet
{
    /// <summary>Region pair whose locks are owed: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        var run = RunFor(pair);
        Execute(
            pair.Name,
            () =>
            {
                var plan = Approved((observer, token) => Engine.PlanLockAsync(connection, pair, observer, token));
                if (plan is { NoChange: false }) return plan;
                if (plan is not null) WriteVerbose($"The pair '{pair.Name}' owes no lock.");
                return null;
            },
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token),
            (_, changes) => WriteObject(changes, enumerateCollection: true));
    }
}
