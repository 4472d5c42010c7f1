using Highflame.Dr.Engine.Capacity;
using Highflame.Dr.Planning;
using static Highflame.Dr.Engine.Planning.Refuse;

namespace Highflame.Dr.Engine.Planning;

/// <summary>Azure's preconditions of a switchover, besides those of every promotion. What could not be seen is left to Azure. Pure.</summary>
internal static class SwitchoverRefusals
{
    private const string Instead = "Or fail over with -Promotion Standalone.";

    public static IEnumerable<Refusal> Of(FailoverObservation seen, FailoverRequest request)
    {
        if (request.Promotion != DbPromotion.Switchover) yield break;
        var replica = seen.Replica;
        if (request.Mode == FailoverMode.Forced)
        {
            yield return Make("HfSwitchoverNotPlanned", DrErrorKind.InvalidArgument, replica.Name, "A switchover exchanges the roles of two servers; a forced failover is for a primary that is lost, and nobody can say when it would follow.",
                "-Mode Planned with -Promotion Switchover.", "Use -Promotion Standalone: the old primary is fenced when it answers, and a new replica is built.");
            yield break;
        }

        if (seen.Switchover is not { } sight || seen.Primary is not { } primary) yield break;
        if (sight.Endpoints is { } endpoints && !endpoints.Any(e => string.Equals(e.Reader, replica.Name, StringComparison.OrdinalIgnoreCase)))
        {
            var existing = endpoints.Count == 0 ? null : endpoints[0];
            yield return Make("HfSwitchoverNoEndpoint", DrErrorKind.InvalidState, primary.Name,
                existing is null ? $"{primary.Name} has no virtual endpoint." : $"The reader of virtual endpoint {existing.Name} leads to {existing.Reader ?? "nothing"}.",
                $"A virtual endpoint of {primary.Name} whose reader is {replica.Name}.",
                (existing is null ? $"New-HfVirtualEndpoint NAME -Server {primary.Name} -Reader {replica.Name}. " : $"Set-HfVirtualEndpoint -ResourceId {existing.ResourceId} -Reader {replica.Name}. ") + Instead);
        }

        string[] differences = [.. (request.AssumeGrown && Grows(seen) ? [] : Compute(seen)), .. Others(seen, sight)];
        if (differences.Length > 0)
        {
            yield return Make("HfSwitchoverNotSymmetric", DrErrorKind.InvalidState, replica.Name, $"{replica.Name} is not the same as {primary.Name}: {string.Join("; ", differences)}.",
                "The same tier, compute, storage size and shared-memory parameters at both.", Remedy(seen, sight));
        }
    }

    /// <summary>True when the compute differs and what the pair file says for the region that becomes active makes it the same: the runbook sets that first.</summary>
    public static bool Grows(FailoverObservation seen) =>
        seen is { Grows: { } wanted, Primary: { } primary } && Compute(seen).Any() && !Differ(primary.Sku, wanted.Sku) && !Differ(primary.Tier, wanted.Tier)
        && CapacityPlanner.Cores(wanted.Sku) >= CapacityPlanner.Cores(seen.Replica.Sku);

    private static string Remedy(FailoverObservation seen, SwitchoverSight sight)
    {
        var (primary, replica) = (seen.Primary!, seen.Replica);
        var compute = !Compute(seen).Any() ? ""
            : Grows(seen) ? $"Set-HfRegionCapacity -Location {replica.Location} -Role Active -Part Database gives {replica.Name} the compute that the pair file says, which is that of {primary.Name} (the runbook does so first). "
            : $"Give {replica.Name} the compute of {primary.Name}: capacity.regions of {replica.Location} in the pair file, active.database with sku {primary.Sku} and tier {primary.Tier}; the runbook then sets it first, Set-HfRegionCapacity -Location {replica.Location} -Role Active -Part Database at once. ";
        return compute + (Others(seen, sight).Any() ? "Make storage and parameters alike (az postgres flexible-server update --storage-size; az postgres flexible-server parameter set). " : "") + Instead;
    }

    private static IEnumerable<string> Compute(FailoverObservation seen)
    {
        var (primary, replica) = (seen.Primary!, seen.Replica);
        if (Differ(primary.Tier, replica.Tier)) yield return $"tier {replica.Tier} instead of {primary.Tier}";
        if (Differ(primary.Sku, replica.Sku)) yield return $"compute {replica.Sku} instead of {primary.Sku}";
    }

    private static IEnumerable<string> Others(FailoverObservation seen, SwitchoverSight sight)
    {
        var (primary, replica) = (seen.Primary!, seen.Replica);
        if (primary.StorageGB is { } size && replica.StorageGB is { } other && size != other) yield return $"storage {other} GB instead of {size} GB";
        foreach (var (name, (one, two)) in sight.Parameters)
            if (Differ(one, two)) yield return $"{name} {two} instead of {one}";
    }

    private static bool Differ(string? one, string? other) => one is not null && other is not null && !one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
