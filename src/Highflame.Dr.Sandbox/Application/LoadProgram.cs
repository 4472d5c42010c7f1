using System.Text.Json;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>The client load: writers that do what a client outside both regions would do.</summary>
internal static class LoadProgram
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(ChildChannel channel, TimeProvider time)
    {
        var settings = await channel.ReadSettingsAsync(ChildJson.Default.LoadSettings).ConfigureAwait(false);
        var clock = new Stopclock(time);
        await using var record = new LoadRecord(settings.RecordPath, clock);
        using var way = new ClientWay(settings);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, settings.Writers).Select(n => new LoadWriter(settings, n, way, record, clock, time).RunAsync(stop.Token)).ToList();
        var flushing = FlushAsync(record, time, stop.Token);
        await channel.SayReadyAsync().ConfigureAwait(false);

        await channel.ServeAsync(async command =>
        {
            switch (command.Command)
            {
                case "snapshot":
                    break;
                case "stop":
                    await StopAsync().ConfigureAwait(false);
                    break;
                default:
                    throw new NotSupportedException($"The load knows no '{command.Command}'.");
            }

            return JsonSerializer.SerializeToElement(record.Snapshot(), ChildJson.Default.LoadSnapshot);
        }).ConfigureAwait(false);
        await StopAsync().ConfigureAwait(false);
        return 0;

        async Task StopAsync()
        {
            if (stop.IsCancellationRequested) return;
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([.. writers, flushing]).ConfigureAwait(false);
            record.Finish();
            await record.FlushAsync().ConfigureAwait(false);
        }
    }

    private static async Task FlushAsync(LoadRecord record, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(FlushInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) await record.FlushAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The load stops.
        }
    }
}
