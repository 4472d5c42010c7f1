using System.Text.Json.Serialization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// All that a later process needs to finish and to prove a promotion, the handover token of a fenced primary included. Journaled as the fact <see cref="FactName"/> before the promotion's intent, so that a run
/// that was killed anywhere can be resumed.
/// </summary>
internal sealed record PromotionRecord
{
    public const string FactName = "promotion";

    public required string Server { get; init; }

    public required string ServerId { get; init; }

    public required string HostName { get; init; }

    public required string Location { get; init; }

    public required FailoverMode Mode { get; init; }

    public DbPromotion Promotion { get; init; }

    public string? OldPrimary { get; init; }

    public string? OldPrimaryId { get; init; }

    public string? OldPrimaryHost { get; init; }

    public string? OldPrimaryLocation { get; init; }

    /// <summary>True when the old primary was seen to refuse writes before the promotion.</summary>
    public bool Fenced { get; init; }

    /// <summary>Position of the old primary after the fence.</summary>
    public string? FinalLsn { get; init; }

    /// <summary>Id of the last transaction that the fenced primary committed: the marker that goes with <see cref="FinalLsn"/>.</summary>
    public string? HeartbeatId { get; init; }

    /// <summary>Position that the replica had replayed.</summary>
    public string? ReplayedLsn { get; init; }

    /// <summary>txid_current_snapshot() of the replica at that position: which transactions it had, and which were in flight.</summary>
    public string? Snapshot { get; init; }

    public string? SystemIdentifier { get; init; }

    public int? Timeline { get; init; }

    /// <summary>Next transaction id of the old primary after the fence; it must not grow any more.</summary>
    public string? FencedTransactionId { get; init; }

    public long? LagBytes { get; init; }

    public double? LagSeconds { get; init; }

    /// <summary>The server to promote, as far as the journal knows it.</summary>
    public DbServer Replica() => Stub(Server, ServerId, Location, HostName);

    /// <summary>The old primary, as far as the journal knows it; null when there was none.</summary>
    public DbServer? Primary() => OldPrimaryId is null ? null : Stub(OldPrimary ?? AzureId.NameOf(OldPrimaryId), OldPrimaryId, OldPrimaryLocation ?? "", OldPrimaryHost ?? "");

    private static DbServer Stub(string name, string id, string location, string hostName) => new()
    {
        Name = name,
        ResourceId = id,
        ResourceGroup = AzureId.GroupOf(id),
        Location = location,
        Role = DbRole.Unknown,
        State = "Unknown",
        HostName = hostName,
    };

    /// <summary>What the fenced primary handed over; null when its database was not asked.</summary>
    [JsonIgnore]
    public HandoverToken? Token => FinalLsn is null ? null : new(SystemIdentifier, Timeline, FinalLsn, HeartbeatId, FencedTransactionId);
}

/// <summary>What was shown of a handover. Journaled as the fact <see cref="FactName"/>.</summary>
internal sealed record HandoverProof
{
    public const string FactName = "handover";

    public required string ServerId { get; init; }

    /// <summary>True when shown; null when it could not be shown; false when the contrary was shown.</summary>
    public bool? ZeroLossProven { get; init; }

    public required string Detail { get; init; }
}

/// <summary>What the fence changed, so that it can be lifted to exactly what was before. Journaled as the fact <see cref="FactName"/>.</summary>
internal sealed record FenceRecord
{
    public const string FactName = "fence";

    public required string ServerId { get; init; }

    /// <summary>Host name of the server.</summary>
    public string? HostName { get; init; }

    /// <summary>Value of default_transaction_read_only before the first fence of the run.</summary>
    public required string Before { get; init; }
}

/// <summary>What a run's journal says of one server's promotion. <c>Stopped</c>: nothing is left to be done to the old primary: it is stopped, or follows as a replica.</summary>
internal sealed record RecordedPromotion(PromotionRecord Record, DrOperation? Operation, HandoverProof? Proof, bool Stopped)
{
    /// <summary>Null when the run has not tried to promote this server.</summary>
    public static RecordedPromotion? Find(JournalState state, string serverId)
    {
        if (state.Fact<PromotionRecord>(PromotionRecord.FactName) is not { } record || !AzureId.Same(record.ServerId, serverId)) return null;
        if (state.Steps.LastOrDefault(s => s.Name == StepNames.Promote && AzureId.Same(s.Target, serverId) && s.Outcome is not StepOutcome.Failed) is not { } asked) return null;
        var proof = state.Fact<HandoverProof>(HandoverProof.FactName) is { } shown && AzureId.Same(shown.ServerId, serverId) ? shown : null;
        return new RecordedPromotion(
            record,
            // One of an earlier attempt says nothing about this one.
            state.Operations.LastOrDefault(o => o.Name == OperationNames.Promote && AzureId.Same(o.Target, serverId) && o.Started >= asked.Started),
            proof,
            state.Steps.Any(s => s.Name is StepNames.StopOldPrimary or StepNames.Follow or StepNames.StrikeFenceDebt && AzureId.Same(s.Target, record.OldPrimaryId) && s.Outcome is StepOutcome.Succeeded or StepOutcome.NoChange));
    }
}

/// <summary>Names of the steps of failovers, replicas and fences; -WhatIf, journal and evidence show them.</summary>
internal static class StepNames
{
    public const string ClearReadOnly = "ClearReadOnly";
    public const string Fence = "FenceOldPrimary";
    public const string LiftFence = "LiftFence";
    public const string EndSessions = "EndSessions";
    public const string CatchUp = "CatchUp";
    public const string Promote = "PromoteReplica";
    public const string Prove = "ProveHandover";
    public const string StopOldPrimary = "StopOldPrimary";
    public const string Follow = "FollowNewPrimary";
    public const string StrikeFenceDebt = "StrikeFenceDebt";
    public const string CreateReplica = "CreateReplica";
    public const string AwaitReplica = "AwaitReplica";
    public const string ValidateHealth = "ValidateHealth";
}

/// <summary>Names of long-running operations; Wait-HfOperation knows by them what must be left behind.</summary>
internal static class OperationNames
{
    public const string Promote = "Promote";
    public const string CreateReplica = "CreateReplica";
    public const string Stop = "Stop";
    public const string SetParameter = "SetParameter";
}
