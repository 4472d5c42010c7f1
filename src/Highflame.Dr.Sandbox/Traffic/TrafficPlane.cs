using System.Collections.Concurrent;
using System.Net;

namespace Highflame.Dr.Sandbox.Traffic;

/// <summary>Profiles as published, their probes, and the zone of fixed names. The DNS server asks it at every query, so a change is answered at once.</summary>
internal sealed class TrafficPlane : ITrafficPlane, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, IPAddress> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ProfileView> _profiles = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Profile, string Endpoint), EndpointProbe> _probes = [];

    public TrafficPlane(TimeProvider time, Random random)
    {
        _time = time;
        Zone = new TrafficZone(FindProfile, e => StatusOf(e.Profile, e.Endpoint), FindAddress, n =>
        {
            lock (_gate) return random.NextInt64(n);
        });
    }

    public TrafficZone Zone { get; }

    public void Publish(ProfileView profile)
    {
        List<EndpointProbe> retired = [];
        lock (_gate)
        {
            _profiles[profile.Id] = profile;
            var wanted = new HashSet<(string, string)>();
            foreach (var endpoint in profile.Endpoints)
            {
                if (!IsProbed(profile, endpoint)) continue;
                var key = Key(profile.Id, endpoint.Id);
                wanted.Add(key);
                if (_probes.TryGetValue(key, out var probe))
                {
                    if (probe.Matches(endpoint.Target!, profile.Monitor)) continue;
                    retired.Add(probe);
                }

                _probes[key] = new EndpointProbe(endpoint.Target!, profile.Monitor, name => Resolve(name) is [var first, ..] ? first : null, _time);
            }

            retired.AddRange(TakeProbes(key => key.Profile == Key(profile.Id, "").Profile && !wanted.Contains(key)));
        }

        Retire(retired);
    }

    public void Remove(string profileId)
    {
        List<EndpointProbe> retired;
        lock (_gate)
        {
            _profiles.Remove(profileId);
            retired = TakeProbes(key => key.Profile == Key(profileId, "").Profile);
        }

        Retire(retired);
    }

    public string MonitorStatus(string profileId, string endpointId)
    {
        ProfileView? profile;
        lock (_gate) profile = _profiles.GetValueOrDefault(profileId);
        var endpoint = profile?.Endpoints.FirstOrDefault(e => string.Equals(e.Id, endpointId, StringComparison.OrdinalIgnoreCase));
        return endpoint is null ? Traffic.MonitorStatus.CheckingEndpoint : StatusOf(profile!, endpoint);
    }

    public string ProfileMonitorStatus(string profileId)
    {
        ProfileView? profile;
        lock (_gate) profile = _profiles.GetValueOrDefault(profileId);
        return profile is null
            ? Traffic.MonitorStatus.Inactive
            : Traffic.MonitorStatus.OfProfile(profile.Enabled, [.. profile.Endpoints.Select(e => StatusOf(profile, e))]);
    }

    public void SetAddress(string name, IPAddress address) => _addresses[TrafficZone.Canonical(name)] = address;

    public void RemoveAddress(string name) => _addresses.TryRemove(TrafficZone.Canonical(name), out _);

    public IReadOnlyList<IPAddress> Resolve(string name) =>
        [.. (Zone.Answer(name, ZoneQuestion.Any)?.Records ?? []).Where(r => r.Address is not null).Select(r => r.Address!)];

    public async ValueTask DisposeAsync()
    {
        List<EndpointProbe> retired;
        lock (_gate)
        {
            _profiles.Clear();
            retired = TakeProbes(_ => true);
        }

        foreach (var probe in retired) await probe.DisposeAsync().ConfigureAwait(false);
    }

    private static bool IsProbed(ProfileView profile, EndpointView endpoint) =>
        profile.Enabled && endpoint.Enabled && !endpoint.AlwaysServe && endpoint.Target is not null;

    private static (string Profile, string Endpoint) Key(string profileId, string endpointId) => (profileId.ToUpperInvariant(), endpointId.ToUpperInvariant());

    private static void Retire(List<EndpointProbe> probes)
    {
        // A probe ends by itself once cancelled; nobody waits for its last request.
        foreach (var probe in probes) _ = probe.DisposeAsync().AsTask();
    }

    private List<EndpointProbe> TakeProbes(Func<(string Profile, string Endpoint), bool> which)
    {
        List<EndpointProbe> taken = [];
        foreach (var (key, probe) in _probes.Where(p => which(p.Key)).ToList())
        {
            _probes.Remove(key);
            taken.Add(probe);
        }

        return taken;
    }

    private string StatusOf(ProfileView profile, EndpointView endpoint)
    {
        if (!endpoint.Enabled) return Traffic.MonitorStatus.Disabled;
        if (!profile.Enabled) return Traffic.MonitorStatus.Inactive;
        if (endpoint.AlwaysServe) return Traffic.MonitorStatus.Unmonitored;
        lock (_gate)
            return _probes.TryGetValue(Key(profile.Id, endpoint.Id), out var probe) ? probe.Status : Traffic.MonitorStatus.CheckingEndpoint;
    }

    private ProfileView? FindProfile(string name)
    {
        lock (_gate) return _profiles.Values.FirstOrDefault(p => string.Equals(TrafficZone.Canonical(p.Fqdn), name, StringComparison.OrdinalIgnoreCase));
    }

    private IPAddress? FindAddress(string name) => _addresses.GetValueOrDefault(name);
}
