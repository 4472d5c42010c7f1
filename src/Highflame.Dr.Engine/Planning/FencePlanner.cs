using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Planning;

/// <summary>All that the plan of a fence rests on.</summary>
internal sealed record FenceObservation
{
    public required DateTimeOffset At { get; init; }

    public required DbServer Server { get; init; }

    public DatabaseObservation? Database { get; init; }

    /// <summary>The debt that the pair's store holds for the server.</summary>
    public FenceDebt? Debt { get; init; }

    /// <summary>Name of the server that this run promoted in its place.</summary>
    public string? PromotedByRun { get; init; }

    /// <summary>Name of the server that took over, or was to.</summary>
    public string? Successor { get; init; }

    /// <summary>What that server is seen to be; null when none is known.</summary>
    public Sighting? SuccessorIs { get; init; }

    /// <summary>True when a journal says that the successor's promotion has succeeded.</summary>
    public bool PromotionJournaled { get; init; }

    /// <summary>Name of a primary of the pair that was created as this server's replica, while traffic goes to that one's region.</summary>
    public string? ReplacedBy { get; init; }
}

/// <summary>From an observation and a request to the steps that keep an old primary from writing. Pure.</summary>
internal static class FencePlanner
{
    public static FencePlan Plan(FenceObservation seen, FenceRequest request)
    {
        var server = seen.Server;
        var plan = new FencePlan { Title = $"Fence {server.Name}", Request = request, Server = server, ObservedAt = seen.At };
        if (Refusal(seen, request) is { } refusal) return plan with { Refusals = [refusal] };

        // While a debt is owed the steps are always there: each sees for itself whether it is done, and the last pays the debt.
        if (seen.Debt is not null && IsReplica(seen))
            return plan with { Steps = [new(StepNames.StrikeFenceDebt, server.ResourceId, $"Strike out the fence debt of {server.Name}: it is a replica now and takes no write.", StepClass.Reversible)] };
        if (IsReplica(seen)) return plan;
        var stopped = Is(server.State, "Stopped");
        if (seen.Debt is null && stopped) return plan;
        if (seen.Debt is null or { Fenced: true } && request.KeepRunning && seen.Database is { ReadOnly: true }) return plan;
        var steps = new List<PlanStep>
        {
            new(StepNames.Fence, server.ResourceId, $"Set default_transaction_read_only to on at {server.Name} ({server.Location}): new transactions can no longer write.", StepClass.Reversible),
            new(StepNames.EndSessions, server.ResourceId, $"End the client sessions of {server.Name}: transactions that are still open are rolled back.", StepClass.Reversible),
        };
        if (seen.SuccessorIs == Sighting.UnderWay)
            plan = plan with { Warnings = [$"{seen.Successor} is still being promoted: {server.Name} is fenced now and stopped once that has ended (run this again then)."] };
        else if (seen.Debt is { Switchover: true } debt) steps.Add(FailoverPlanner.Follow(server.Name, server.ResourceId, server with { Name = seen.Successor ?? AzureId.NameOf(debt.PromotedId) }));
        else if (!request.KeepRunning) steps.Add(new(StepNames.StopOldPrimary, server.ResourceId, $"Stop {server.Name}: it stays as it is, for comparison and salvage, and takes no connection.", StepClass.Reversible));
        return plan with { Steps = [.. steps] };
    }

    // The database is the last word; Azure's role field counts where the database cannot be asked.
    private static bool IsReplica(FenceObservation seen) => seen.Database is { } database ? database.InRecovery : seen.Server.Role == DbRole.Replica;

    // Stopping the only server that could write would be an outage made by hand. Azure's role field lags after a promotion: a journal that saw it succeed outweighs it.
    private static string? OnlyPrimary(FenceObservation seen) => (seen.SuccessorIs, seen.PromotionJournaled) switch
    {
        _ when IsReplica(seen) => null,
        (Sighting.Untouched, false) => $"{seen.Successor}, which was to take over, is a replica still",
        (Sighting.Unclear, false) => $"it is not known whether {seen.Successor}, which was to take over, is promoted",
        _ => null,
    };

    private static Refusal? Refusal(FenceObservation seen, FenceRequest request)
    {
        if (!request.AssumePromoted && OnlyPrimary(seen) is { } why)
        {
            return new Refusal
            {
                Code = "HfServerIsActivePrimary",
                Kind = DrErrorKind.InvalidState,
                Resource = seen.Server.Name,
                Observed = $"{seen.Server.Name} is the pair's only primary: {why}.",
                Required = "An old primary whose replica has been promoted.",
                Remedy = "Run the failover again: it looks first. To give it up: Start-HfRun, then Complete-HfRun -Outcome Failed, which lifts the fence once the replica is seen to be one still.",
            };
        }

        if (seen.Debt is not null || seen.PromotedByRun is not null || seen.ReplacedBy is not null || request.AssumePromoted) return null;
        var isReplica = seen.Server.Role == DbRole.Replica || seen.Database is { InRecovery: true };
        return new Refusal
        {
            Code = isReplica ? "HfServerIsReplica" : "HfServerIsActivePrimary",
            Kind = DrErrorKind.InvalidState,
            Resource = seen.Server.Name,
            Observed = isReplica ? $"{seen.Server.Name} is a replica and takes no write." : $"{seen.Server.Name} was not replaced: no fence is owed for it, and no replica of it was promoted.",
            Required = "An old primary whose replica has been promoted.",
            Remedy = isReplica ? "Nothing is to be done." : "Name the old primary, with the pair whose run promoted its replica (-Pair). A planned failover fences its primary by itself.",
        };
    }
}
