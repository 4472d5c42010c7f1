using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Creates a replica and waits until it streams: Azure's operation, the server's state, and the primary's pg_stat_replication or Azure's replication state.</summary>
internal sealed class ReplicaExecution
{
    private const string NotThere = "Azure does not show it yet";
    private static readonly TimeSpan AbsentLimit = Pace.Seconds(60);
    private readonly AzureConnection _connection;
    private readonly IInventory _inventory;
    private readonly OperationWatch _watch;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public ReplicaExecution(AzureConnection connection, IInventory inventory, OperationWatch watch, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _connection = connection;
        _inventory = inventory;
        _watch = watch;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    public async Task<DbReplica> ExecuteAsync(ReplicaPlan plan, bool noWait, CancellationToken cancellationToken)
    {
        if (plan.Steps.Length == 0) return Describe(plan, StepOutcome.NoChange, null, []);
        var results = new List<StepResult>();
        DrOperation? operation = null;
        if (plan.Steps.FirstOrDefault(s => s.Name == StepNames.CreateReplica) is { } create)
        {
            (operation, var created) = await CreateAsync(plan, create, noWait, cancellationToken).ConfigureAwait(false);
            results.Add(created);
        }

        if (noWait && operation is not null) return Describe(plan, StepOutcome.Pending, operation, results);
        results.Add(await AwaitStreamingAsync(plan, plan.Steps.First(s => s.Name == StepNames.AwaitReplica), cancellationToken).ConfigureAwait(false));
        return Describe(plan, StepOutcome.Succeeded, operation, results);
    }

    private async Task<(DrOperation? Operation, StepResult Result)> CreateAsync(ReplicaPlan plan, PlanStep step, bool noWait, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(plan, cancellationToken).ConfigureAwait(false);
        var open = _journal.BeginStep(step);
        try
        {
            var operation = await SendAsync(step.Target, body, cancellationToken).ConfigureAwait(false);
            if (noWait && operation is not null) return (operation, _journal.EndStep(open, StepOutcome.Pending, "accepted by Azure"));
            if (operation is not null)
            {
                await foreach (var ended in _watch.WaitAsync([operation], null, _journal, cancellationToken).ConfigureAwait(false)) operation = ended;
                if (operation.Outcome == StepOutcome.Failed) throw new DrException("HfReplicaFailed", DrErrorKind.OperationFailed, $"Azure did not create {AzureId.NameOf(step.Target)}: {operation.Error ?? operation.Status}.", step.Target, "Put Azure's reason right. If the server is there all the same, delete it; then run this again.");
            }

            return (operation, _journal.EndStep(open, StepOutcome.Succeeded, "Azure's operation has ended"));
        }
        catch (DrException e)
        {
            _journal.EndStep(open, e.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    // A PUT whose answer was lost: when the server is seen to be there it was accepted (an Azure that does not answer shows nothing); only when it is not there after a
    // while is it sent once more: a PUT of what is there already makes no second one.
    private async Task<DrOperation?> SendAsync(string id, object body, CancellationToken cancellationToken)
    {
        var calls = new ServerCalls(_connection.Arm, _journal, _time);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await calls.CreateReplicaAsync(id, body, cancellationToken).ConfigureAwait(false);
            }
            catch (DrException e) when (e.ErrorId == "HfOutcomeUnknown")
            {
                _observer.Warning($"Azure's answer to the creation of {AzureId.NameOf(id)} was lost. Looking whether it is there.");
                var there = await Pace.UntilAsync(
                    async token => await _inventory.TryGetServerAsync(id, token).ConfigureAwait(false) is { State: not ServerMapping.UnknownState },
                    Pace.Milliseconds(200), Pace.Seconds(2), Pace.Seconds(15), _time, cancellationToken).ConfigureAwait(false);
                if (there) return null;
                if (attempt == 2) throw;
            }
        }
    }

    private async Task<object> BodyAsync(ReplicaPlan plan, CancellationToken cancellationToken)
    {
        var source = await _connection.Arm.GetAsync(plan.Source!.ResourceId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        var (body, warning) = ReplicaBody.Build(source, null, plan.Request.Location, plan.Request.Tags);
        if (warning is not null)
        {
            (body, warning) = ReplicaBody.Build(source, await PreviousAsync(plan, cancellationToken).ConfigureAwait(false), plan.Request.Location, plan.Request.Tags);
            if (warning is not null) _observer.Warning(warning);
        }

        return body;
    }

    private async Task<JsonElement?> PreviousAsync(ReplicaPlan plan, CancellationToken cancellationToken)
    {
        var servers = await _inventory.GetServersAsync(new DbServerQuery(ResourceGroup: AzureId.GroupOf(plan.NewResourceId!)), cancellationToken).ConfigureAwait(false);
        var there = servers.FirstOrDefault(s => AzureLocation.Same(s.Location, plan.Request.Location));
        return there is null ? null : await _connection.Arm.TryGetAsync(there.ResourceId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StepResult> AwaitStreamingAsync(ReplicaPlan plan, PlanStep step, CancellationToken cancellationToken)
    {
        var open = _journal.BeginStep(step);
        var seen = "it has not been looked at";
        long? absentSince = null;
        var streams = await Pace.UntilAsync(
            async token =>
            {
                (var done, seen) = await TryLookAsync(plan.Source!, step.Target, open, token).ConfigureAwait(false);
                absentSince = seen == NotThere ? absentSince ?? _time.GetTimestamp() : null;
                if (absentSince is { } since && _time.GetElapsedTime(since) > AbsentLimit) throw Absent(step, open);
                if (!done) _observer.Progress(new DrProgress($"Replica {AzureId.NameOf(step.Target)}", seen));
                return done;
            },
            Pace.Milliseconds(100), Pace.Seconds(15), TimeSpan.FromHours(12), _time, cancellationToken).ConfigureAwait(false);
        if (streams) return _journal.EndStep(open, StepOutcome.Succeeded, seen);
        _journal.EndStep(open, StepOutcome.Unknown, seen);
        throw new DrException("HfReplicaNotStreaming", DrErrorKind.TimedOut, $"{AzureId.NameOf(step.Target)} does not stream: {seen}.", step.Target, "Look at it with Get-HfReplication; run this again to go on waiting.");
    }

    private DrException Absent(PlanStep step, OpenStep open)
    {
        _journal.EndStep(open, StepOutcome.Failed, $"{NotThere}, {AbsentLimit.TotalSeconds:0} s long");
        return new DrException("HfReplicaFailed", DrErrorKind.NotFound, $"Azure does not know a server {AzureId.NameOf(step.Target)}: it was not created, or it is gone again.", step.Target, "Run this again to create it.");
    }

    // The replica goes on without us: an Azure that does not answer for a while is waited out, as it is for operations.
    private async Task<(bool Done, string Seen)> TryLookAsync(DbServer source, string id, OpenStep open, CancellationToken cancellationToken)
    {
        try
        {
            return await LookAsync(source, id, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException e) when (e.ErrorId is "HfArmUnavailable" or "HfArmUnreachable" or "HfThrottled")
        {
            return (false, e.Message);
        }
        catch (DrException e)
        {
            _journal.EndStep(open, StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    private async Task<(bool Done, string Seen)> LookAsync(DbServer source, string id, CancellationToken cancellationToken)
    {
        var server = await _inventory.TryGetServerAsync(id, cancellationToken).ConfigureAwait(false);
        if (server is null) return (false, NotThere);
        if (server.State != "Ready") return (false, $"it is {server.State}");
        var listed = (await _inventory.GetReplicasAsync(source.ResourceId, cancellationToken).ConfigureAwait(false)).FirstOrDefault(r => AzureId.Same(r.ResourceId, id));
        var state = listed?.ReplicationState ?? server.ReplicationState;
        if (state == "Broken") throw new DrException("HfReplicationBroken", DrErrorKind.OperationFailed, $"Replication to {server.Name} is Broken.", id, "Delete it and run this again.");
        if (!_connection.Databases.Asks(server.HostName)) return (state is "Active", $"replication state {state ?? "not told"}");

        // One that Azure calls Active and whose own database receives and replays is streaming, whoever else may be connected to the primary.
        var replica = await Glimpse.OfDatabaseAsync(_connection.Databases, server.HostName, Pace.Seconds(5), _time, cancellationToken).ConfigureAwait(false);
        var primary = await Glimpse.OfAsync<object>(async token => await SendersAsync(source, token).ConfigureAwait(false), Pace.Seconds(5), _time, cancellationToken).ConfigureAwait(false);
        var sends = primary.Value as string;
        return replica.Value switch
        {
            null => (false, replica.Problem ?? "its database does not answer"),
            { InRecovery: false } => (false, "its database is not in recovery"),
            _ when sends == "streaming" => (true, $"it streams from {source.Name}"),
            _ => (state is "Active" && sends is null, $"replication state {state ?? "not told"}, {source.Name} says {sends ?? "nothing"}"),
        };
    }

    private async Task<string> SendersAsync(DbServer source, CancellationToken cancellationToken)
    {
        var database = await _connection.Databases.OpenAsync(source.HostName, Pace.Seconds(5), cancellationToken).ConfigureAwait(false);
        await using (database.ConfigureAwait(false))
        {
            var senders = await database.GetWalSendersAsync(cancellationToken).ConfigureAwait(false);
            return senders.Any(s => s.State == "streaming") ? "streaming" : senders is [var first, ..] ? first.State ?? "nothing" : "no replica is connected";
        }
    }

    private static DbReplica Describe(ReplicaPlan plan, StepOutcome outcome, DrOperation? operation, IReadOnlyList<StepResult> results) => new()
    {
        Name = AzureId.NameOf(plan.NewResourceId!),
        ResourceId = plan.NewResourceId!,
        Location = plan.Existing?.Location ?? AzureLocation.Normalize(plan.Request.Location),
        SourceServerResourceId = plan.Source!.ResourceId,
        Outcome = outcome,
        Operation = operation,
        Steps = [.. results],
    };
}
