using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>Moves a fake clock on for as long as work waits for it.</summary>
internal static class Clockwork
{
    public static async Task<T> DriveAsync<T>(this FakeTimeProvider time, Task<T> work)
    {
        while (!work.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
        return await work;
    }

    public static async Task DriveAsync(this FakeTimeProvider time, Task work)
    {
        while (!work.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
        await work;
    }
}
