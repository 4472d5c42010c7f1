using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Settings;

/// <summary>
/// Writes the settings one after another, since a server takes one change at a time, then reads them all again: a setting counts as restored when it is seen. What fails is
/// its own result and a warning.
/// </summary>
internal sealed class SettingExecution
{
    private readonly IArm _arm;
    private readonly OperationWatch _watch;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public SettingExecution(IArm arm, OperationWatch watch, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _watch = watch;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    public async Task<IReadOnlyList<DbSettingChange>> ExecuteAsync(SettingPlan plan, ServerSettings? from, CancellationToken cancellationToken)
    {
        var opened = new List<(SettingItem Item, OpenStep? Step, string? Failure, bool Unknown)>();
        foreach (var item in plan.Items)
        {
            if (item.Path is null)
            {
                opened.Add((item, null, item.Shortfall, false));
                continue;
            }

            var open = _journal.BeginStep(SettingPlanner.StepOf(item));
            try
            {
                _observer.Progress(new($"Settings of {plan.Server!.Name}", $"{item.Kind} {item.Name}", 100 * opened.Count / plan.Items.Length));
                await WriteAsync(item, cancellationToken).ConfigureAwait(false);
                opened.Add((item, open, null, false));
            }
            catch (DrException failure) when (!failure.EndsPipeline && !JournalTrouble.Is(failure))
            {
                opened.Add((item, open, $"{failure.ErrorId}: {failure.Message}", failure.ErrorId == "HfOutcomeUnknown"));
            }
        }

        _observer.Progress(new($"Settings of {plan.Server!.Name}", "Done", 100, Completed: true));
        var left = await LeftAsync(plan, from, cancellationToken).ConfigureAwait(false);
        return [.. opened.Select(o => End(plan, o.Item, o.Step, o.Failure, o.Unknown, left))];
    }

    private DbSettingChange End(SettingPlan plan, SettingItem item, OpenStep? open, string? failure, bool unknown, IReadOnlyList<SettingItem> left)
    {
        var differs = left.Any(l => l.Kind == item.Kind && l.Name == item.Name);
        var outcome = open is null ? StepOutcome.NoChange : !differs ? StepOutcome.Succeeded : failure is not null && !unknown ? StepOutcome.Failed : StepOutcome.Unknown;
        var shortfall = open is null ? failure : !differs ? null : failure ?? "Azure reports success and still shows the old value";
        if (open is not null) _journal.EndStep(open, outcome, shortfall ?? item.After);
        if (open is not null && shortfall is not null) _observer.Warning($"{item.Kind} {item.Name} of {plan.Server!.Name} was not set to {item.After}: {shortfall}");
        return new() { Kind = item.Kind, Name = item.Name, Server = plan.Server!.Name, Before = item.Before, After = item.After, Outcome = outcome, Shortfall = shortfall };
    }

    private async Task WriteAsync(SettingItem item, CancellationToken cancellationToken)
    {
        var (method, version) = item.Kind switch
        {
            DbSettingKind.Lock => (HttpMethod.Put, ApiVersions.Locks),
            DbSettingKind.Administrator => (HttpMethod.Put, ApiVersions.FlexibleServers),
            _ => (HttpMethod.Patch, ApiVersions.FlexibleServers),
        };
        var accepted = await _arm.WriteAsync(method, item.Path!, version, JsonNode.Parse(item.Body!), cancellationToken).ConfigureAwait(false);
        if (accepted.OperationUrl is null) return;
        var operation = OperationIdentity.Accepted($"Restore{item.Kind}", item.Path!, accepted.OperationUrl, _time.GetUtcNow());
        _journal.RecordOperation(operation);
        await foreach (var ended in _watch.WaitAsync([operation], null, _journal, cancellationToken).ConfigureAwait(false)) operation = ended;
        if (operation.Outcome == StepOutcome.Failed)
            throw new DrException("HfSettingFailed", DrErrorKind.OperationFailed, $"Azure did not do it: {operation.Error ?? operation.Status}.", item.Path, "Put Azure's reason right and run the same command again.");
    }

    private async Task<IReadOnlyList<SettingItem>> LeftAsync(SettingPlan plan, ServerSettings? from, CancellationToken cancellationToken)
    {
        if (plan.Items.Length == 0 || from is null) return [];
        var now = await ServerSettings.ReadAsync(_arm, plan.Server!.ResourceId, _time, cancellationToken).ConfigureAwait(false);
        return SettingPlanner.Plan(from, now, plan.Server, plan.Request with { AssumePromoted = true }, _time.GetUtcNow()).Items;
    }
}
