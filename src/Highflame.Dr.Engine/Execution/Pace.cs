namespace Highflame.Dr.Engine.Execution;

/// <summary>Looking again and again, fast at first, then slower, until something is so or the time is up.</summary>
internal static class Pace
{
    /// <summary>False when the time is up. The first look is at once; the pause grows from <paramref name="first"/> to <paramref name="longest"/>.</summary>
    public static async Task<bool> UntilAsync(Func<CancellationToken, Task<bool>> isSo, TimeSpan first, TimeSpan longest, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var pause = first;
        while (true)
        {
            if (await isSo(cancellationToken).ConfigureAwait(false)) return true;
            var left = limit - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return false;
            await Task.Delay(pause < left ? pause : left, time, cancellationToken).ConfigureAwait(false);
            pause = pause * 1.3 < longest ? pause * 1.3 : longest;
        }
    }

    public static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);

    public static TimeSpan Seconds(double value) => TimeSpan.FromSeconds(value);
}
