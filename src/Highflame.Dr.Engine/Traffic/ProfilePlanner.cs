using Highflame.Dr.Planning;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>Pure: a profile and the TTL asked for to steps or refusals.</summary>
internal static class ProfilePlanner
{
    public const string SetTtl = "SetTtl";
    public const string WaitForOldTtl = "WaitForOldTtl";

    /// <param name="profile">The profile as it is.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="observedAt">When it was seen.</param>
    /// <param name="oldTtlUntil">Until when answers live that were given before this run changed the TTL; null when there are none.</param>
    public static ProfilePlan Plan(TrafficProfile profile, ProfileRequest request, DateTimeOffset observedAt, DateTimeOffset? oldTtlUntil = null)
    {
        var steps = new List<PlanStep>();
        var refusals = new List<Refusal>();
        if (request.Ttl is < 0 or > int.MaxValue)
        {
            refusals.Add(new()
            {
                Code = "HfTtlOutOfRange",
                Kind = DrErrorKind.InvalidArgument,
                Resource = profile.ResourceId,
                Observed = $"TTL {request.Ttl}.",
                Required = "0 to 2147483647 seconds.",
                Remedy = "Give a TTL in that range.",
            });
        }
        else if (request.Ttl != profile.Ttl)
        {
            steps.Add(new(SetTtl, profile.ResourceId, $"Profile {profile.Name}: TTL {profile.Ttl} s -> {request.Ttl} s.", StepClass.Reversible));
            if (request.WaitForOldTtl && profile.Ttl > 0)
                steps.Add(new(WaitForOldTtl, profile.ResourceId, $"Wait {profile.Ttl} s until every answer given under the old TTL has expired.", StepClass.ReadOnly));
        }
        else if (request.WaitForOldTtl && oldTtlUntil is { } until)
        {
            // Somebody stopped waiting: the rest of it.
            steps.Add(new(WaitForOldTtl, profile.ResourceId, $"Wait {Math.Ceiling((until - observedAt).TotalSeconds):0} s more until every answer given under the old TTL has expired.", StepClass.ReadOnly));
        }
        return new()
        {
            OldTtlUntil = request.Ttl == profile.Ttl ? oldTtlUntil : null,
            Title = $"Change the TTL of {profile.Name} to {request.Ttl} s",
            Request = request,
            Profile = profile,
            Steps = [.. steps],
            Refusals = [.. refusals],
            ObservedAt = observedAt,
        };
    }
}
