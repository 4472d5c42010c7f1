using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Http;

/// <summary>What a probe is held against.</summary>
internal sealed record HealthExpectation(int Status, string? Region, DbRole? Role);

/// <summary>From raw probes to a verdict. Pure.</summary>
internal static class HealthJudge
{
    public static HealthProbe Probe(ApplicationReply reply, string url, DateTimeOffset at, HealthExpectation expected)
    {
        var answer = reply.Status is null ? HealthAnswer.Silent : HealthAnswer.Parse(reply.Body);
        return new HealthProbe
        {
            At = at,
            Url = url,
            Address = reply.Address,
            StatusCode = reply.Status,
            Milliseconds = reply.Milliseconds,
            Region = answer.Region,
            Server = answer.Server,
            Role = answer.Role,
            Failure = Failure(reply, answer, expected),
        };
    }

    /// <summary>True or false when the last <paramref name="consecutive"/> probes agree; null while they do not.</summary>
    public static bool? Agreement(IReadOnlyList<HealthProbe> probes, int consecutive)
    {
        if (probes.Count < consecutive) return null;
        var last = probes.Skip(probes.Count - consecutive).ToArray();
        return last.All(p => p.Failure is null) ? true : last.All(p => p.Failure is not null) ? false : null;
    }

    private static string? Failure(ApplicationReply reply, HealthAnswer answer, HealthExpectation expected)
    {
        if (reply.Status is null) return reply.Failure;
        if (reply.Status != expected.Status) return $"status {reply.Status} instead of {expected.Status}{(answer.Reason is { } reason ? $": {reason}" : "")}";
        if (answer.Region is not null && expected.Region is not null && !AzureLocation.Same(answer.Region, expected.Region)) return $"served by {answer.Region} instead of {expected.Region}";
        if (answer.Role != DbRole.Unknown && expected.Role is { } role && answer.Role != role) return $"served by database {answer.Server ?? "?"}, which is {answer.Role} instead of {role}";
        return null;
    }
}
