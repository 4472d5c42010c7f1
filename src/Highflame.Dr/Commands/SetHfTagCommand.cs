using System.Collections;
using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Merges the pair's tags (dr-pair, and what the pair file asks for) on every resource of both regions, and says what changed. Other tags stay as they are.</summary>
[Cmdlet(VerbsCommon.Set, "HfTag", DefaultParameterSetName = ParameterSets.Pair, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(TagChange))]
public sealed class SetHfTagCommand : DrChangeCmdlet
{
    private readonly List<string> _ids = [];

    /// <summary>Region pair: the pair, its status, its name or the path of its file. Alone it means every resource of both regions. Default is the open run's, else the only imported one.</summary>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.ResourceId)]
    [Parameter(ParameterSetName = ParameterSets.InputObject)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Only these resources, by resource id.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [Alias("Id")]
    [ValidateNotNullOrEmpty]
    public string[] ResourceId { get; set; } = [];

    /// <summary>Drifts, as Test-HfParity shows them: the resources that they are about are tagged.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public ParityDrift? InputObject { get; set; }

    /// <summary>Tags beside those of the pair file, for example @{ 'dr-owner' = 'platform' }; they win over the file's.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Tag { get; set; } = [];

    /// <summary>Returns the resources that have all tags already too.</summary>
    [Parameter]
    public SwitchParameter IncludeUnchanged { get; set; }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case ParameterSets.ResourceId:
                _ids.AddRange(ResourceId);
                break;
            case ParameterSets.InputObject:
                _ids.AddRange(new[] { InputObject!.ReferenceId, InputObject.DifferenceId }.OfType<string>());
                break;
            default:
                Merge(RequirePair(Pair), null);
                break;
        }
    }

    private protected override void End()
    {
        if (_ids.Count > 0) Merge(FindPair(Pair, _ids[0]) ?? RequirePair(Pair), [.. _ids.Distinct(StringComparer.OrdinalIgnoreCase)]);
    }

    private void Merge(RegionPair pair, string[]? ids)
    {
        var connection = Connection;
        var request = new TagRequest
        {
            Pair = pair,
            Tags = Tag.Cast<DictionaryEntry>().ToDictionary(t => t.Key.ToString()!, t => t.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase),
            ResourceIds = ids,
        };
        Change(
            pair.Name,
            (observer, token) => Engine.PlanTagsAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, observer, token),
            Show);
    }

    private void Show(TagPlan plan, IReadOnlyList<TagChange> changes)
    {
        foreach (var change in changes)
        {
            WriteObject(change);
            if (change.Outcome is StepOutcome.Failed or StepOutcome.Unknown)
                Report(new DrException("HfTagNotSet", DrErrorKind.OperationFailed, $"The tags of {change.Name} were not merged: {change.Error}", change.ResourceId, "Mend what the message names (a ReadOnly lock, a missing role) and run the command again."));
        }

        if (IncludeUnchanged) foreach (var change in plan.Unchanged) WriteObject(change);
    }
}
