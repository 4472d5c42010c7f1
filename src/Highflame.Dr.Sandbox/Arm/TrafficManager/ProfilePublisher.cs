using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Arm.TrafficManager;

/// <summary>Brings a changed profile into DNS and the probes after the modelled propagation; at scale 0 before the call is answered.</summary>
internal sealed class ProfilePublisher(ITrafficPlane traffic, Settings settings, TimeProvider time, CancellationToken stopping)
{
    private readonly Dictionary<string, long> _published = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private long _changes;

    /// <param name="id">The profile.</param>
    /// <param name="view">The profile as it is now; null when it was deleted.</param>
    public void Publish(string id, ProfileView? view)
    {
        var number = Interlocked.Increment(ref _changes);
        var delay = settings.Duration(d => d.TrafficManagerPropagation);
        if (delay <= TimeSpan.Zero) Put(number, id, view);
        else _ = LaterAsync(delay, number, id, view);
    }

    private async Task LaterAsync(TimeSpan delay, long number, string id, ProfileView? view)
    {
        try
        {
            await Task.Delay(delay, time, stopping);
            Put(number, id, view);
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
    }

    /// <summary>An older change never overtakes a newer one.</summary>
    private void Put(long number, string id, ProfileView? view)
    {
        lock (_gate)
        {
            if (_published.GetValueOrDefault(id) > number) return;
            _published[id] = number;
            if (view is null) traffic.Remove(id);
            else traffic.Publish(view);
        }
    }
}
