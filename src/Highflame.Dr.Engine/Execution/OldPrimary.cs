using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Stops an old primary and shows that it is stopped. Never deletes it (design/safety.md rule 12).</summary>
internal sealed class OldPrimary
{
    private readonly ServerCalls _calls;
    private readonly IInventory _inventory;
    private readonly OperationWatch _watch;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;

    public OldPrimary(ServerCalls calls, IInventory inventory, OperationWatch watch, IJournal journal, TimeProvider time)
    {
        _calls = calls;
        _inventory = inventory;
        _watch = watch;
        _journal = journal;
        _time = time;
    }

    /// <summary>Errors: those of Azure, HfStopFailed.</summary>
    public async Task<StepResult> StopAsync(PlanStep step, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(step);
        try
        {
            if (await IsStoppedAsync(step.Target, cancellationToken).ConfigureAwait(false)) return _journal.EndStep(open, StepOutcome.NoChange, "it is stopped already");
            var operation = await AskAsync(step.Target, cancellationToken).ConfigureAwait(false);
            if (operation is not null)
            {
                await foreach (var ended in _watch.WaitAsync([operation], null, _journal, cancellationToken).ConfigureAwait(false)) operation = ended;
                if (operation.Outcome == StepOutcome.Failed) throw Failed(step.Target, operation.Error ?? operation.Status);
            }

            var stopped = await Pace.UntilAsync(token => IsStoppedAsync(step.Target, token), Pace.Milliseconds(50), Pace.Seconds(10), TimeSpan.FromMinutes(20), _time, cancellationToken).ConfigureAwait(false);
            return stopped ? _journal.EndStep(open, StepOutcome.Succeeded, "Azure shows it as Stopped") : throw Failed(step.Target, "Azure does not show it as Stopped");
        }
        catch (DrException e)
        {
            _journal.EndStep(open, e.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    private static DrException Failed(string target, string why) => new("HfStopFailed", DrErrorKind.OperationFailed, $"The old primary was not stopped: {why}.", target, "Run Complete-HfFence for it again.");

    // Stopping a stopping server does no harm: when the answer is lost, look, and ask again while it runs.
    private async Task<DrOperation?> AskAsync(string serverId, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _calls.StopAsync(serverId, cancellationToken).ConfigureAwait(false);
            }
            catch (DrException e) when (e.ErrorId == "HfOutcomeUnknown" && attempt < 3)
            {
                await Task.Delay(Pace.Milliseconds(500), _time, cancellationToken).ConfigureAwait(false);
                if ((await _inventory.TryGetServerAsync(serverId, cancellationToken).ConfigureAwait(false))?.State is "Stopping" or "Stopped") return null;
            }
        }
    }

    private async Task<bool> IsStoppedAsync(string serverId, CancellationToken cancellationToken) =>
        string.Equals((await _inventory.TryGetServerAsync(serverId, cancellationToken).ConfigureAwait(false))?.State, "Stopped", StringComparison.OrdinalIgnoreCase);
}
