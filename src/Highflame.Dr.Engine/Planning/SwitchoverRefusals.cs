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

        string[] differences = [.. Differences(seen, sight)];
        if (differences.Length > 0)
        {
            yield return Make("HfSwitchoverNotSymmetric", DrErrorKind.InvalidState, replica.Name, $"{replica.Name} is not the same as {primary.Name}: {string.Join("; ", differences)}.",
                "The same tier, compute, storage size and shared-memory parameters at both.", $"Make them alike (Set-HfRegionCapacity -Part Database; az postgres flexible-server parameter set). {Instead}");
        }
    }

    private static IEnumerable<string> Differences(FailoverObservation seen, SwitchoverSight sight)
    {
        var (primary, replica) = (seen.Primary!, seen.Replica);
        if (Differ(primary.Tier, replica.Tier)) yield return $"tier {replica.Tier} instead of {primary.Tier}";
        if (Differ(primary.Sku, replica.Sku)) yield return $"compute {replica.Sku} instead of {primary.Sku}";
        if (primary.StorageGB is { } size && replica.StorageGB is { } other && size != other) yield return $"storage {other} GB instead of {size} GB";
        foreach (var (name, (one, two)) in sight.Parameters)
            if (Differ(one, two)) yield return $"{name} {two} instead of {one}";
    }

    private static bool Differ(string? one, string? other) => one is not null && other is not null && !one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
