using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>The way back from a fence when nothing was promoted: what the parameter was before the run touched it, and putting exactly that back.</summary>
internal sealed class FenceReturn
{
    private static readonly TimeSpan Limit = Pace.Seconds(60);
    private readonly FailoverTools _tools;
    private readonly DbServer _primary;

    public FenceReturn(FailoverTools tools, DbServer primary)
    {
        _tools = tools;
        _primary = primary;
    }

    /// <summary>Journals what the parameter is before the first fence of this run: a resumed run finds its own fence, not the original value.</summary>
    public async Task RememberAsync(CancellationToken cancellationToken)
    {
        if (Known() is not null) return;
        var before = await _tools.Inventory.GetParameterAsync(_primary.ResourceId, ServerCalls.ReadOnlyParameter, cancellationToken).ConfigureAwait(false) ?? "off";
        _tools.Journal.RecordFact(FenceRecord.FactName, new FenceRecord { ServerId = _primary.ResourceId, HostName = _primary.HostName, Before = before });
    }

    /// <summary>
    /// Puts the parameter back, also when the caller is leaving. Only for what was not promoted. Returns the reason with what became of the fence; null when there
    /// is no reason to explain, the reason itself when this run did not touch the parameter.
    /// </summary>
    public async Task<DrException?> TakeBackAsync(IDatabase? session, DrException? reason, TimeSpan? within = null)
    {
        if (Known() is not { } fence) return reason;
        using var limit = new CancellationTokenSource(within ?? Limit, _tools.Time);
        var lifted = await _tools.Fence.LiftAsync(_primary, session, fence.Before, limit.Token).ConfigureAwait(false);
        return reason is null ? null : Explain(reason, fence.Before, lifted);
    }

    private FenceRecord? Known() =>
        _tools.Run.Journal.State.Fact<FenceRecord>(FenceRecord.FactName) is { } known && AzureId.Same(known.ServerId, _primary.ResourceId) ? known : null;

    private DrException Explain(DrException reason, string before, bool lifted)
    {
        var state = lifted ? WriteFence.AfterLift(_primary, before) : $"The fence of {_primary.Name} could not be lifted: it refuses writes.";
        var next = lifted ? reason.NextStep : $"Set {ServerCalls.ReadOnlyParameter} back at {_primary.Name}, or run the failover again.";
        return reason.ErrorId is "HfDatabaseUnreachable" or "HfDatabaseRefused"
            ? new DrException("HfFenceFailed", DrErrorKind.OperationFailed, $"{reason.Message} Nothing was promoted. {state}", _primary.ResourceId, next, reason)
            : new DrException(reason.ErrorId, reason.Kind, $"{reason.Message} Nothing was promoted. {state}", reason.Target, next, reason);
    }
}
