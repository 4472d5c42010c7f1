using System.Net;
using System.Net.Sockets;

namespace Highflame.Dr.Sandbox.Traffic;

/// <summary>
/// Probes one endpoint as Traffic Manager does: HTTP, HTTPS or TCP at the monitor's port, certificates not validated, redirects not followed, an answer that
/// comes later than the timeout is a failure. Runs from its making until it is disposed.
/// </summary>
internal sealed class EndpointProbe : IAsyncDisposable
{
    private readonly string _target;
    private readonly MonitorView _monitor;
    private readonly Func<string, IPAddress?> _resolve;
    private readonly TimeProvider _time;
    private readonly ProbeVerdict _verdict;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="target">Host name or address.</param>
    /// <param name="monitor">How to probe, as the profile says.</param>
    /// <param name="resolve">Address of a host name; null when it has none.</param>
    /// <param name="time">Clock of the pauses.</param>
    public EndpointProbe(string target, MonitorView monitor, Func<string, IPAddress?> resolve, TimeProvider time)
    {
        (_target, _monitor, _resolve, _time) = (target, monitor, resolve, time);
        _verdict = new ProbeVerdict(monitor.ToleratedFailures);
        _loop = Task.Run(RunAsync);
    }

    public string Status => _verdict.Status;

    /// <summary>True when a probe of these settings would be this very probe.</summary>
    public bool Matches(string target, MonitorView monitor) =>
        string.Equals(target, _target, StringComparison.OrdinalIgnoreCase)
        && monitor with { ExpectedStatus = [], CustomHeaders = [] } == _monitor with { ExpectedStatus = [], CustomHeaders = [] }
        && monitor.ExpectedStatus.SequenceEqual(_monitor.ExpectedStatus)
        && monitor.CustomHeaders.SequenceEqual(_monitor.CustomHeaders);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                _verdict.Observe(await ProbeAsync(_stop.Token).ConfigureAwait(false));
                await Task.Delay(TimeSpan.FromSeconds(Math.Max(1, _monitor.IntervalSeconds)), _time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    /// <summary>One raw observation.</summary>
    private async Task<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        var address = IPAddress.TryParse(_target, out var literal) ? literal : _resolve(_target);
        if (address is null) return false;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = _time.CreateTimer(state => ((CancellationTokenSource)state!).Cancel(), limit, TimeSpan.FromSeconds(Math.Max(1, _monitor.TimeoutSeconds)), Timeout.InfiniteTimeSpan);
        try
        {
            if (string.Equals(_monitor.Protocol, "TCP", StringComparison.OrdinalIgnoreCase))
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(address, _monitor.Port, limit.Token).ConfigureAwait(false);
                return true;
            }

            return await GetAsync(address, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure) when (failure is SocketException or HttpRequestException or IOException)
        {
            return false;
        }
    }

    private async Task<bool> GetAsync(IPAddress address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(address, _monitor.Port, token).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
#pragma warning disable CA5359 // Traffic Manager does not validate certificates when it probes; neither does this stand-in for it.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpMessageInvoker(handler);
        var host = literalHost(_target);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_monitor.Protocol.ToLowerInvariant()}://{host}:{_monitor.Port}{_monitor.Path ?? "/"}"));
        foreach (var (name, value) in _monitor.CustomHeaders)
        {
            if (string.Equals(name, "host", StringComparison.OrdinalIgnoreCase)) request.Headers.Host = value;
            else request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var code = (int)answer.StatusCode;
        return _monitor.ExpectedStatus.Count == 0 ? code == 200 : _monitor.ExpectedStatus.Any(r => code >= r.Min && code <= r.Max);

        static string literalHost(string target) => target.Contains(':', StringComparison.Ordinal) ? $"[{target}]" : target;
    }
}
