using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>
/// The way from one region to a server in another: a TCP relay that hands every chunk to the direction it crosses. What was read is queued (a few
/// megabytes a connection at most), so latency delays without ruining throughput, and a bandwidth limit pushes back on the sender.
/// </summary>
internal sealed class LinkRelay : IAsyncDisposable
{
    private const int ChunkSize = 16 * 1024;
    private const int QueuedChunks = 256;

    private readonly IPEndPoint _source;
    private readonly LinkDirection _outwards;
    private readonly LinkDirection _back;
    private readonly TimeProvider _time;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<CancellationTokenSource, Task> _connections = new();
    private readonly Task _accepting;
    private volatile bool _severed;

    /// <param name="listen">Address in the region that the connections come from.</param>
    /// <param name="source">The server.</param>
    /// <param name="from">Region of the server.</param>
    /// <param name="to">Region of the clients.</param>
    /// <param name="outwards">Direction from the server to the clients.</param>
    /// <param name="back">Direction from the clients to the server.</param>
    /// <param name="time">Clock of the delays.</param>
    public LinkRelay(IPAddress listen, IPEndPoint source, string from, string to, LinkDirection outwards, LinkDirection back, TimeProvider time)
    {
        (_source, From, To, _outwards, _back, _time) = (source, from, to, outwards, back, time);
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(listen, 0));
        _listener.Listen(16);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    public string From { get; }

    public string To { get; }

    /// <summary>Where the relay listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>While severed every connection is refused: the server's host is gone.</summary>
    public bool Severed
    {
        get => _severed;
        set
        {
            _severed = value;
            if (value) Reset();
        }
    }

    /// <summary>Resets every connection; what is on its way is lost.</summary>
    public void Reset()
    {
        foreach (var connection in _connections.Keys) Cancel(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Reset();
        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        _stop.Dispose();
    }

    private bool IsClosed => _severed || _outwards.Settings.Cut || _back.Settings.Cut;

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                if (_stop.IsCancellationRequested) return;
                continue;
            }

            if (IsClosed)
            {
                Abort(near);
                continue;
            }

            var life = new CancellationTokenSource();
            var started = new TaskCompletionSource();
            _connections[life] = CarryAsync(near, life, started.Task);
            // Closed in the meantime: whoever closed it has not seen this one.
            if (IsClosed) Cancel(life);
            started.SetResult();
        }
    }

    private async Task CarryAsync(Socket near, CancellationTokenSource life, Task started)
    {
        await started.ConfigureAwait(false);
        await Task.Yield();
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(_source, life.Token).ConfigureAwait(false);
            await Task.WhenAll(PumpAsync(far, near, _outwards, life), PumpAsync(near, far, _back, life)).ConfigureAwait(false);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, reset by one side, or the source does not listen: the other side is reset too.
        }

        Abort(near);
        Abort(far);
        _connections.TryRemove(life, out _);
        life.Dispose();
    }

    /// <summary>One direction of one connection: a reader that queues, a writer that waits until each chunk has crossed. An orderly end crosses too.</summary>
    private async Task PumpAsync(Socket source, Socket target, LinkDirection direction, CancellationTokenSource life)
    {
        var queue = Channel.CreateBounded<(byte[] Buffer, int Count, long At)>(new BoundedChannelOptions(QueuedChunks) { SingleReader = true, SingleWriter = true });
        try
        {
            await Task.WhenAll(ReadAsync(source, queue.Writer, life), WriteAsync(target, queue.Reader, direction, life)).ConfigureAwait(false);
        }
        catch
        {
            Cancel(life);
            throw;
        }
    }

    private async Task ReadAsync(Socket source, ChannelWriter<(byte[] Buffer, int Count, long At)> queue, CancellationTokenSource life)
    {
        try
        {
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
                var count = await source.ReceiveAsync(buffer, life.Token).ConfigureAwait(false);
                await queue.WriteAsync((buffer, count, _time.GetTimestamp()), life.Token).ConfigureAwait(false);
                if (count == 0) return;
            }
        }
        catch
        {
            Cancel(life);
            throw;
        }
    }

    private static async Task WriteAsync(Socket target, ChannelReader<(byte[] Buffer, int Count, long At)> queue, LinkDirection direction, CancellationTokenSource life)
    {
        try
        {
            await foreach (var (buffer, count, at) in queue.ReadAllAsync(life.Token).ConfigureAwait(false))
            {
                await direction.CrossAsync(at, count, life.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    target.Shutdown(SocketShutdown.Send);
                    return;
                }

                await SendAsync(target, buffer.AsMemory(0, count), life.Token).ConfigureAwait(false);
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        catch
        {
            Cancel(life);
            throw;
        }
    }

    private static async Task SendAsync(Socket target, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0) bytes = bytes[await target.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
    }

    private static void Cancel(CancellationTokenSource life)
    {
        try
        {
            life.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has just ended.
        }
    }

    /// <summary>Closes with a reset: nothing that is still buffered is sent.</summary>
    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Never connected, or closed already.
        }

        socket.Dispose();
    }
}
