using Highflame.Dr.Soak.World;

namespace Highflame.Dr.Soak.Play;

/// <summary>Asks both servers again and again whether they would take a write.</summary>
internal sealed class Census : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;

    public Census(SandboxWorld world, Scenario scenario) => _asking = Task.Run(() => AskAsync(world, scenario));

    /// <summary>
    /// Moments at which both took writes. In a forced run the old primary that comes back does so until it is fenced, and nobody can keep it from that: there
    /// the clients' writes alone count.
    /// </summary>
    public int BothTookWrites { get; private set; }

    public int Asked { get; private set; }

    public async ValueTask DisposeAsync()
    {
        if (_asking.IsCompleted) return;
        await _stop.CancelAsync();
        await _asking;
        _stop.Dispose();
    }

    private async Task AskAsync(SandboxWorld world, Scenario scenario)
    {
        var (from, to) = (world.Facts.At(scenario.From).Servers[0], world.Facts.At(scenario.To).Servers[0]);
        await using var primary = new Database(world.Facts, from.Host, from.Port);
        await using var replica = new Database(world.Facts, to.Host, to.Port);
        while (!_stop.IsCancellationRequested)
        {
            // The new one first: an old one that takes a write after the new one did is what must not be.
            var here = await replica.AskAsync();
            var there = here is { TakesWrites: true } ? await primary.AskAsync() : null;
            Asked++;
            if (!scenario.Forced && there is { TakesWrites: true }) BothTookWrites++;
            await Task.Delay(s_pause, _stop.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
