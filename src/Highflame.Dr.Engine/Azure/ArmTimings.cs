namespace Highflame.Dr.Engine.Azure;

/// <summary>
/// How long <see cref="ArmGateway"/> is patient. A wait that would go beyond its budget is not begun, so a lost region's 503 comes back in seconds
/// (design rule: nothing on a forced failover's critical path waits long for the region that failed).
/// </summary>
internal sealed record ArmTimings
{
    /// <summary>Longest time one read may take.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time until Azure accepts or refuses a write.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a read is repeated after a 5xx or a lost connection.</summary>
    public int ReadRetries { get; init; } = 2;

    /// <summary>After this time a read that failed on 5xx, timeout or connection is not repeated any more.</summary>
    public TimeSpan TransientBudget { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Longest Retry-After of a 5xx answer that a read waits for.</summary>
    public TimeSpan LongestTransientWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest total time that a read waits on 429.</summary>
    public TimeSpan ReadThrottleBudget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest total time that a write waits on 429 and on a busy server.</summary>
    public TimeSpan WriteBudget { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest time that one write waits for a lock that was taken away to be gone: writes may be fenced meanwhile.</summary>
    public TimeSpan LockBudget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>First wait when Azure names none; it grows by half each time.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before attempt <paramref name="attempt"/> (1 is the first repetition), when Azure did not say.</summary>
    public TimeSpan DelayOf(int attempt)
    {
        var delay = FirstDelay * Math.Pow(1.5, Math.Min(attempt - 1, 30));
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
