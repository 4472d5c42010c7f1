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
        while (!work.IsCompleted)
        {
            // Work that is ready to run goes first, for a while, so that a busy machine does not make the clock race ahead of it.
            if (ThreadPool.PendingWorkItemCount > 0 && held++ < 20)
            {
                await Task.Yield();
                continue;
            }

            held = 0;
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
        await work;
    }
}
