using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Shows the runs of a region pair, newest first: what they did, whether one is unfinished, and who holds it since when, at which step. Takes and changes nothing.</summary>
[Cmdlet(VerbsCommon.Get, "HfRun")]
[OutputType(typeof(RunStatus))]
public sealed class GetHfRunCommand : DrCmdlet
{
    /// <summary>Ids of runs; wildcards allowed. Default is every run.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Only runs that have not ended.</summary>
    [Parameter]
    public SwitchParameter Unfinished { get; set; }

    /// <summary>
    /// How many inputs are worked on at once; default is 5. Each result is written as soon as it is there, so several come in no fixed order; 1 keeps the order. However many run, one subscription's
    /// request limits are shared by all.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; } = 5;

    private protected override void Process()
    {
        var (pair, connection) = (RequirePair(Pair), State.Connection);
        AwaitBeside(ThrottleLimit, (_, token) => Engine.GetRunsAsync(connection, pair, token), runs => Show(pair, runs));
    }

    private void Show(RegionPair pair, IReadOnlyList<RunStatus> runs)
    {
        foreach (var run in runs) State.Seen.Add(run);
        foreach (string id in Id)
        {
            var pattern = WildcardPattern.Get(id, WildcardOptions.IgnoreCase);
            var found = runs.Where(r => pattern.IsMatch(r.Id)).ToArray();
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(id)) Guard(() => throw DrErrors.RunNotFound(id, pair.Name));
            foreach (var run in found.Where(r => !Unfinished || r.Hold != RunHold.Ended)) WriteObject(run);
        }
    }
}
