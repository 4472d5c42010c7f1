using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>Moves a fake clock on for as long as work waits for it.</summary>
internal static class Clockwork
{
    public static async Task<T> DriveAsync<T>(this FakeTimeProvider time, Task<T> work)
    {
        await DriveAsync(time, (Task)work);
        return await work;
    }

    public static async Task DriveAsync(this FakeTimeProvider time, Task work)
    {
        var held = 0;
        for (var steps = 1; !work.IsCompleted; steps++)
        {
            // Work that runs or is ready to run must not see the clock race ahead of it: it goes first for a while, and each half second costs the clock a real moment.
            if (ThreadPool.PendingWorkItemCount > 0 && held++ < 20)
            {
                await Task.Yield();
                continue;
            }

            held = 0;
            time.Advance(TimeSpan.FromMilliseconds(50));
            if (steps % 10 == 0) await Task.Delay(1);
            else await Task.Yield();
        }

        await work;
    }
}
