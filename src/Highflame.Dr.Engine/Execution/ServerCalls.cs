using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>The writes to flexible servers that this product makes. Each operation is journaled, URL and all, before anybody polls it.</summary>
internal sealed class ServerCalls
{
    public const string ReadOnlyParameter = "default_transaction_read_only";
    private const string SourceProperty = "sourceServerResourceId";

    private readonly IArm _arm;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;

    public ServerCalls(IArm arm, IJournal journal, TimeProvider time)
    {
        _arm = arm;
        _journal = journal;
        _time = time;
    }

    /// <summary>PATCH of a server parameter. It sets a value, so sending it twice is as good as once: a lost answer is no error here.</summary>
    public async Task<DrOperation?> SetParameterAsync(string serverId, string name, string value, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var accepted = await _arm.WriteAsync(HttpMethod.Patch, $"{serverId}/configurations/{name}", ApiVersions.FlexibleServers, Properties(new JsonObject { ["value"] = value, ["source"] = "user-override" }), cancellationToken).ConfigureAwait(false);
                return Record(OperationNames.SetParameter, serverId, accepted);
            }
            catch (DrException e) when (e.ErrorId == "HfOutcomeUnknown" && attempt < 3 && !JournalTrouble.IsUnrecorded(e))
            {
                await Task.Delay(Pace.Milliseconds(200), _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// PATCH that promotes a replica: to stand alone, or to exchange roles with its primary. A switchover names the primary, which Azure asks for since 2026; a service version that does not know the
    /// property says so without having done anything, and is asked again without it. Errors: HfOutcomeUnknown when it may have been accepted; any other means that it was not.
    /// </summary>
    public async Task<DrOperation?> PromoteAsync(string replicaId, FailoverMode mode, string? swapWith, CancellationToken cancellationToken)
    {
        var (promoteMode, promoteOption) = (swapWith is null ? "Standalone" : "Switchover", mode == FailoverMode.Planned ? "Planned" : "Forced");
        JsonObject Body(bool source)
        {
            var properties = new JsonObject { ["replica"] = new JsonObject { ["promoteMode"] = promoteMode, ["promoteOption"] = promoteOption } };
            if (source) properties[SourceProperty] = swapWith;
            return Properties(properties);
        }

        try
        {
            return Record(OperationNames.Promote, replicaId, await _arm.WriteAsync(HttpMethod.Patch, replicaId, ApiVersions.FlexibleServers, Body(swapWith is not null), cancellationToken).ConfigureAwait(false));
        }
        catch (DrException e) when (swapWith is not null && e.ErrorId == "HfAzureRefused" && e.Message.Contains(SourceProperty, StringComparison.Ordinal) && !e.Message.Contains("MissingRequiredParameter", StringComparison.Ordinal))
        {
            return Record(OperationNames.Promote, replicaId, await _arm.WriteAsync(HttpMethod.Patch, replicaId, ApiVersions.FlexibleServers, Body(false), cancellationToken).ConfigureAwait(false));
        }
    }

    public async Task<DrOperation?> StopAsync(string serverId, CancellationToken cancellationToken) =>
        Record(OperationNames.Stop, serverId, await _arm.WriteAsync(HttpMethod.Post, $"{serverId}/stop", ApiVersions.FlexibleServers, null, cancellationToken).ConfigureAwait(false));

    public async Task<DrOperation?> CreateReplicaAsync(string newServerId, object body, CancellationToken cancellationToken) =>
        Record(OperationNames.CreateReplica, newServerId, await _arm.WriteAsync(HttpMethod.Put, newServerId, ApiVersions.FlexibleServers, body, cancellationToken).ConfigureAwait(false));

    // A document, not a type of its own for each body: those cost their first use some milliseconds, and this one has its first use while writes are down.
    private static JsonObject Properties(JsonObject properties) => new() { ["properties"] = properties };

    // Null: the write was synchronous.
    private DrOperation? Record(string name, string target, ArmAccepted accepted)
    {
        if (accepted.OperationUrl is null) return null;
        var operation = OperationIdentity.Accepted(name, target, accepted.OperationUrl, _time.GetUtcNow());
        try
        {
            _journal.RecordOperation(operation);
        }
        catch (DrException e) when (JournalTrouble.Is(e))
        {
            throw JournalTrouble.Unrecorded(name, target, e);
        }

        return operation;
    }
}
