using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Settings;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to what a promotion does not carry over.</summary>
public sealed partial class DrEngine
{
    /// <summary>How long the beginning of a run waits for the old primary's settings: long enough for a healthy region, short enough for a lost one.</summary>
    private static readonly TimeSpan PatienceForPlanned = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PatienceForForced = TimeSpan.FromSeconds(1);

    public async Task<SettingPlan> PlanSettingsAsync(DrConnection connection, SettingRequest request, RegionPair? pair, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        var azure = AzureConnection.From(connection);
        var inventory = InventoryOf(connection, observer);
        var server = await inventory.GetServerAsync(request.Server, null, cancellationToken).ConfigureAwait(false);
        var now = await ServerSettings.ReadAsync(azure.Arm, server.ResourceId, _time, cancellationToken).ConfigureAwait(false);
        var from = await SnapshotAsync(azure, request.From, server.ResourceId, pair, run as RunHandle, observer, cancellationToken).ConfigureAwait(false);
        if (pair is not null && now.Locks is { } held)
        {
            // A lock that the run took away comes back by itself: a second one is not put beside it.
            var owed = await Task.Run(() => RunStores.For(pair, azure, _time).ReadLockDebts(), cancellationToken).ConfigureAwait(false);
            now = now with { Locks = [.. held, .. owed.Where(d => AzureId.Same(d.Scope, server.ResourceId)).Select(d => new ServerLock(d.Name, d.Level, d.Notes))] };
        }

        return SettingPlanner.Plan(from, now, server, request, now.TakenAt);
    }

    public async Task<IReadOnlyList<DbSettingChange>> ExecuteAsync(DrConnection connection, SettingPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        PlanRefused.ThrowIfAny(plan);
        var azure = AzureConnection.From(connection);
        var from = await SnapshotAsync(azure, plan.FromId, plan.Server!.ResourceId, options.Pair, options.Run as RunHandle, observer, cancellationToken).ConfigureAwait(false);
        return await new SettingExecution(azure.Arm, OperationWatchOf(connection, observer), RunHandle.JournalOf(options.Run, _time), _time, observer).ExecuteAsync(plan, from, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The last snapshot of the old primary: the open run's, that of the newest run that has one, else the server as Azure shows it now.</summary>
    private async Task<ServerSettings?> SnapshotAsync(AzureConnection azure, string? from, string promotedId, RegionPair? pair, RunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        bool Fits(ServerSettings? kept) => kept is not null && !AzureId.Same(kept.ServerId, promotedId)
            && (from is null || (AzureId.LooksLikeId(from) ? AzureId.Same(kept.ServerId, from) : AzureId.NameOf(kept.ServerId).Equals(from, StringComparison.OrdinalIgnoreCase)));
        if (run?.Journal.State.Fact<ServerSettings>(ServerSettings.FactName) is { } own && Fits(own)) return own;
        if (pair is not null)
        {
            var runs = await Task.Run(() => RunStores.For(pair, azure, _time).ReadRuns().Select(r => r.State.Fact<ServerSettings>(ServerSettings.FactName)).ToArray(), cancellationToken).ConfigureAwait(false);
            if (runs.Where(Fits).OrderByDescending(s => s!.TakenAt).FirstOrDefault() is { } kept) return kept;
        }

        if (from is null) return null;
        try
        {
            var server = await InventoryOf(azure, observer).GetServerAsync(from, null, cancellationToken).ConfigureAwait(false);
            return await ServerSettings.ReadAsync(azure.Arm, server.ResourceId, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            observer.Warning($"The settings of {from} cannot be read: {failure.Message}");
            return null;
        }
    }

    /// <summary>Keeps the primary's settings in the run's journal: after the promotion it may be gone. What cannot be read in time is a warning.</summary>
    private async Task KeepSettingsAsync(AzureConnection azure, RunHandle run, IDrObserver observer, CancellationToken cancellationToken)
    {
        var state = run.Journal.State;
        if (state.Before.PrimaryResourceId is not { } primary || state.Fact<ServerSettings>(ServerSettings.FactName) is not null || state.Steps.Any(s => s.Name == StepNames.Promote)) return;
        using var patience = new CancellationTokenSource(state.Mode == FailoverMode.Planned ? PatienceForPlanned : PatienceForForced, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            run.Journal.RecordFact(ServerSettings.FactName, await ServerSettings.ReadAsync(azure.Arm, primary, _time, either.Token).ConfigureAwait(false));
        }
        catch (Exception unknown) when (!cancellationToken.IsCancellationRequested && (unknown is OperationCanceledException || (unknown is DrException failure && !JournalTrouble.Is(failure))))
        {
            observer.Verbose($"The settings of {AzureId.NameOf(primary)} are not kept: {(unknown is DrException ? unknown.Message : "they could not be read in time.")}");
        }
    }
}
