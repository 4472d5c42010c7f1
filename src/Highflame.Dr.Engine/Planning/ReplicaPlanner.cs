using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Azure.AzureWord;
using static Highflame.Dr.Engine.Planning.Refuse;

namespace Highflame.Dr.Engine.Planning;

/// <summary>All that the plan of a new replica rests on.</summary>
internal sealed record ReplicaObservation
{
    public required DateTimeOffset At { get; init; }

    public required DbServer Source { get; init; }

    /// <summary>What the source's database says of itself; null when it was not asked or does not answer.</summary>
    public bool? SourceInRecovery { get; init; }

    /// <summary>The replicas the source has now.</summary>
    public IReadOnlyList<DbServer> Replicas { get; init; } = [];

    public required string SubscriptionId { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>The name chosen; null when none of those tried is free.</summary>
    public required string? Name { get; init; }

    /// <summary>True when the name that was asked for is in use.</summary>
    public bool NameTaken { get; init; }

    /// <summary>Fences that the pair owes.</summary>
    public IReadOnlyList<FenceDebt> Debts { get; init; } = [];
}

/// <summary>From an observation and a request to the steps that give a primary a replica. Pure.</summary>
internal static class ReplicaPlanner
{
    /// <summary>Azure's limit of replicas for one primary.</summary>
    public const int MostReplicas = 5;

    public static ReplicaPlan Plan(ReplicaObservation seen, ReplicaRequest request)
    {
        var location = AzureLocation.Normalize(request.Location);
        var here = seen.Replicas.Where(r => AzureLocation.Same(r.Location, location)).ToArray();
        var existing = ExistingAt(seen.Replicas, location);
        var plan = new ReplicaPlan
        {
            Title = $"New replica of {seen.Source.Name} in {location}",
            Request = request,
            Source = seen.Source,
            Existing = existing,
            ObservedAt = seen.At,
            Warnings = [.. here.Where(r => Is(r.ReplicationState, "Broken")).Select(r => $"Replication to {r.Name} is Broken; Azure cannot mend it. Delete it when the new replica streams.")],
        };

        if (existing is not null)
        {
            return plan with
            {
                NewResourceId = existing.ResourceId,
                Steps = IsComing(existing) ? [new(StepNames.AwaitReplica, existing.ResourceId, $"Wait until {existing.Name}, which is being created, streams from {seen.Source.Name}.", StepClass.ReadOnly)] : [],
            };
        }

        var refusals = Refusals(seen, request, location);
        if (refusals.Length > 0 || seen.Name is null) return plan with { Refusals = refusals };
        var id = AzureId.Server(seen.SubscriptionId, seen.ResourceGroup, seen.Name);
        return plan with
        {
            NewResourceId = id,
            Steps =
            [
                new(StepNames.CreateReplica, id, $"Create {seen.Name} in {location} ({seen.ResourceGroup}) as a read replica of {seen.Source.Name}, {seen.Source.Sku}: it is billed as a server.", StepClass.Reversible),
                new(StepNames.AwaitReplica, id, $"Wait until {seen.Name} streams from {seen.Source.Name}.", StepClass.ReadOnly),
            ],
        };
    }

    /// <summary>The replica at a location that serves it or is going to; null where only a new one helps (none there, broken, stopped).</summary>
    public static DbServer? ExistingAt(IEnumerable<DbServer> replicas, string location) =>
        replicas.FirstOrDefault(r => AzureLocation.Same(r.Location, location) && !Is(r.ReplicationState, "Broken") && (Is(r.State, "Ready") || IsComing(r)));

    private static Refusal[] Refusals(ReplicaObservation seen, ReplicaRequest request, string location)
    {
        var refusals = new List<Refusal>();
        var source = seen.Source;
        if (location.Length == 0)
            refusals.Add(Make("HfLocationMissing", DrErrorKind.InvalidArgument, source.Name, "No location was given.", "The location of the new replica.", "Give -Location, for example eastus."));
        if (!request.AssumePromoted)
        {
            if (source.Role == DbRole.Replica || seen.SourceInRecovery == true)
                refusals.Add(Make("HfSourceNotPrimary", DrErrorKind.InvalidState, source.Name, $"{source.Name} is a replica.", "A primary.", "Name the primary; Get-HfDbServer -Role Primary lists them."));
            if (!Is(source.State, "Ready"))
                refusals.Add(Make("HfSourceNotReady", DrErrorKind.InvalidState, source.Name, $"{source.Name} is {source.State}.", "State Ready.", "Wait until Azure shows it as Ready, then run this again."));
        }

        if (Is(source.Tier, "Burstable"))
            refusals.Add(Make("HfSourceBurstable", DrErrorKind.InvalidState, source.Name, $"{source.Name} is of tier Burstable.", "GeneralPurpose or MemoryOptimized: Azure gives no other a replica.", "Scale the server up first."));
        if (seen.Replicas.Count >= MostReplicas)
            refusals.Add(Make("HfTooManyReplicas", DrErrorKind.InvalidState, source.Name, $"{source.Name} has {seen.Replicas.Count} replicas.", $"At most {MostReplicas - 1}: Azure's limit is {MostReplicas}.", "Delete a replica that is not needed."));
        if (seen.Debts.FirstOrDefault(d => d.Server.Equals(request.Name, StringComparison.OrdinalIgnoreCase)) is { } owed)
            refusals.Add(Make("HfNameOwesFence", DrErrorKind.InvalidState, owed.Server, $"{owed.Server} is the name of an old primary whose fence is owed since {owed.Since:u}: it may hold writes that were never salvaged.",
                "A name that owes no fence.", $"Pay it first: Complete-HfFence -ResourceId {owed.ServerId}. Or leave -ReplicaName out."));
        else if (request.Name is { } name && !ReplicaNames.IsValid(name))
            refusals.Add(Make("HfNameInvalid", DrErrorKind.InvalidArgument, name, $"'{name}' is no server name.", "3 to 63 letters, digits and single hyphens between them.", "Choose another name, or leave it out."));
        else if (seen.NameTaken || seen.Name is null)
            refusals.Add(Make("HfNameTaken", DrErrorKind.InvalidState, request.Name ?? source.Name, request.Name is null ? "None of the names tried is free." : $"The name '{request.Name}' is taken; server names are unique in all of Azure.", "A free name.", "Choose another name, or leave it out to get the next free one."));
        return [.. refusals];
    }

    private static bool IsComing(DbServer server) =>
        server.State.ToUpperInvariant() is "PROVISIONING" or "UPDATING" or "STARTING" or "RESTARTING" || server.ReplicationState?.ToUpperInvariant() is "PROVISIONING";
}
