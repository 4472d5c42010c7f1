using System.Text.Json;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Http;

/// <summary>Probes the application by one way until N probes in a row agree, or, when told to wait, until it is healthy or the time is up.</summary>
internal sealed class HealthTest
{
    private const int KeptProbes = 20;
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan LongestApart = TimeSpan.FromMilliseconds(500);
    private readonly ApplicationClient _client;
    private readonly PairHealth _health;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public HealthTest(ApplicationClient client, PairHealth health, TimeProvider time, IDrObserver observer)
    {
        _client = client;
        _health = health;
        _time = time;
        _observer = observer;
    }

    public async Task<HealthVerdict> RunAsync(HealthPath via, string url, HealthExpectation expected, bool function, TimeSpan wait, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var probes = new List<HealthProbe>();
        var apart = Apart;
        while (true)
        {
            var reply = await _client.GetAsync(_health.Path, cancellationToken).ConfigureAwait(false);
            probes.Add(HealthJudge.Probe(reply, url, _time.GetUtcNow(), expected));
            var agreement = HealthJudge.Agreement(probes, Math.Max(1, _health.Consecutive));
            var over = _time.GetElapsedTime(start) >= wait;
            if (agreement == true)
            {
                var (intact, trouble) = function && _health.FunctionPath is { } path ? await CheckFunctionAsync(path, cancellationToken).ConfigureAwait(false) : (null, null);
                if (intact != false || _time.GetElapsedTime(start) >= wait) return Verdict(via, url, expected, probes, intact != false, intact, trouble);
            }
            else if (over && (agreement == false || probes.Count >= 3 * Math.Max(1, _health.Consecutive)))
            {
                return Verdict(via, url, expected, probes, false, null, probes.FindLast(p => p.Failure is not null)?.Failure);
            }

            if (wait > TimeSpan.Zero && probes[^1].Failure is { } failure) _observer.Progress(new DrProgress($"Health of {url}", failure));
            await Task.Delay(apart, _time, cancellationToken).ConfigureAwait(false);
            if (probes[^1].Failure is not null && apart < LongestApart) apart *= 1.2;
            else if (probes[^1].Failure is null) apart = Apart;
        }
    }

    // A write that is committed and read back is the end-to-end proof that the path to a writable database works.
    private async Task<(bool? Intact, string? Trouble)> CheckFunctionAsync(string path, CancellationToken cancellationToken)
    {
        var id = $"hfdr-{Guid.NewGuid():N}";
        var value = $"written by highflame-dr at {_time.GetUtcNow():O}";
        var written = await _client.PostAsync(path, new { id, value }, cancellationToken).ConfigureAwait(false);
        if (written.Status is not (>= 200 and < 300)) return (false, $"the function check could not write: {written.Failure ?? $"status {written.Status}"}");
        var read = await _client.GetAsync($"{path.TrimEnd('/')}/{id}", cancellationToken).ConfigureAwait(false);
        if (read.Status is not 200) return (false, $"the function check could not read its entry back: {read.Failure ?? $"status {read.Status}"}");
        return Holds(read.Body, id, value) ? (true, null) : (false, "the function check read back something else than it wrote");
    }

    private static bool Holds(string body, string id, string value)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && (!root.TryGetProperty("id", out var seenId) || seenId.ToString() == id)
                && (root.TryGetProperty("value", out var seen) ? seen.ToString() == value : root.TryGetProperty("id", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static HealthVerdict Verdict(HealthPath via, string url, HealthExpectation expected, List<HealthProbe> probes, bool healthy, bool? intact, string? reason)
    {
        var last = probes[^1];
        return new HealthVerdict
        {
            Via = via,
            Url = url,
            Healthy = healthy,
            Region = last.Region,
            ExpectedRegion = expected.Region,
            Server = last.Server,
            Role = last.Role,
            StatusCode = last.StatusCode,
            FunctionIntact = intact,
            Reason = healthy ? null : reason,
            Probes = [.. probes.Skip(Math.Max(0, probes.Count - KeptProbes))],
        };
    }
}
