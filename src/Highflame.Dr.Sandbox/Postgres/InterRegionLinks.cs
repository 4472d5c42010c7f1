using System.Collections.Concurrent;
using System.Net;
using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>
/// The links between the regions. Each direction has its own latency, bandwidth and cut; a TCP connection needs both directions, so a cut in either
/// resets the connections that cross the pair and refuses new ones.
/// </summary>
internal sealed class InterRegionLinks : IInterRegionLinks, IAsyncDisposable
{
    private readonly SandboxLayout _layout;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string From, string To), LinkDirection> _directions = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Server, string To), LinkRelay> _relays = [];

    public InterRegionLinks(SandboxLayout layout, TimeProvider time) => (_layout, _time) = (layout, time);

    public void Set(string fromLocation, string toLocation, LinkSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.LatencyMilliseconds);
        if (settings.BytesPerSecond is { } rate) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        var (from, to) = (_layout.Region(fromLocation).Location, _layout.Region(toLocation).Location);
        Direction(from, to).Set(settings);
        if (!settings.Cut) return;
        foreach (var relay in RelaysWhere(r => (r.From == from && r.To == to) || (r.From == to && r.To == from))) relay.Reset();
    }

    public LinkSettings Get(string fromLocation, string toLocation) =>
        Direction(_layout.Region(fromLocation).Location, _layout.Region(toLocation).Location).Settings;

    public bool IsCut(string oneLocation, string otherLocation) =>
        Direction(oneLocation, otherLocation).Settings.Cut || Direction(otherLocation, oneLocation).Settings.Cut;

    /// <summary>Where a standby in one region reaches a server of another: the relay of that server, at an address of the standby's region.</summary>
    public IPEndPoint Reach(string server, IPEndPoint source, string from, string to)
    {
        lock (_gate)
        {
            if (!_relays.TryGetValue((server, to), out var relay))
            {
                var address = new IPAddress([127, _layout.Network, _layout.Region(to).Number, 200]);
                relay = new LinkRelay(address, source, from, to, Direction(from, to), Direction(to, from), _time);
                _relays.Add((server, to), relay);
            }

            return relay.EndPoint;
        }
    }

    /// <summary>
    /// The host of a server is gone: what it had handed to the link and the link had not yet delivered goes with it (send buffers, routers on its side).
    /// Without this a killed primary's last writes would still arrive. Nothing reaches it until it is <see cref="Mend"/>ed.
    /// </summary>
    public void Sever(string server)
    {
        foreach (var relay in RelaysWhere(key => key.Server == server)) relay.Severed = true;
    }

    /// <summary>The host of a server is back.</summary>
    public void Mend(string server)
    {
        foreach (var relay in RelaysWhere(key => key.Server == server)) relay.Severed = false;
    }

    public async Task ForgetAsync(string server)
    {
        List<LinkRelay> gone = [];
        lock (_gate)
        {
            foreach (var key in _relays.Keys.Where(k => k.Server == server).ToList())
            {
                if (_relays.Remove(key, out var relay)) gone.Add(relay);
            }
        }

        foreach (var relay in gone) await relay.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        List<LinkRelay> relays;
        lock (_gate)
        {
            relays = [.. _relays.Values];
            _relays.Clear();
        }

        foreach (var relay in relays) await relay.DisposeAsync().ConfigureAwait(false);
    }

    private LinkDirection Direction(string from, string to) => _directions.GetOrAdd((from, to), _ => new LinkDirection(_time));

    private List<LinkRelay> RelaysWhere(Func<(string Server, string From, string To), bool> which)
    {
        lock (_gate) return [.. _relays.Where(r => which((r.Key.Server, r.Value.From, r.Value.To))).Select(r => r.Value)];
    }
}
