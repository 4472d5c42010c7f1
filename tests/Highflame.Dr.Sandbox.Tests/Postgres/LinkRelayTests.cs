using System.Net;
using System.Net.Sockets;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Tests.Support;

namespace Highflame.Dr.Tests.Postgres;

/// <summary>The relay over real sockets on loopback, between a listener of the test and a client of the test.</summary>
public sealed class LinkRelayTests : IAsyncLifetime
{
    private readonly SandboxFiles _files = new();
    private readonly TcpListener _source = new(IPAddress.Loopback, 0);
    private InterRegionLinks _links = null!;
    private IPEndPoint _way = null!;

    public Task InitializeAsync()
    {
        _source.Start();
        _links = new InterRegionLinks(_files.Layout, TimeProvider.System);
        _way = _links.Reach("server", (IPEndPoint)_source.LocalEndpoint, "eastus", "westus");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _source.Dispose();
        await _links.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Reach_OtherRegion_ListensAtTheClientsRegion()
    {
        Assert.Equal(new IPAddress([127, _files.Layout.Network, 2, 200]), _way.Address);
        Assert.Equal(_way, _links.Reach("server", (IPEndPoint)_source.LocalEndpoint, "eastus", "westus"));
        var (near, far) = await ConnectAsync();
        using var _ = near;
        using var __ = far;
        await near.SendAsync("ping"u8.ToArray());
        Assert.Equal("ping"u8.ToArray(), await ReadAsync(far, 4));
    }

    [Fact]
    public async Task Latency_ManyBytes_DelaysButDoesNotThrottle()
    {
        const int Size = 4_000_000;
        _links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 100));
        var (near, far) = await ConnectAsync();
        using var _ = near;
        using var __ = far;
        var begun = TimeProvider.System.GetTimestamp();

        var sending = SendAllAsync(far, new byte[Size]);
        await ReadAsync(near, 1);
        var first = TimeProvider.System.GetElapsedTime(begun);
        await ReadAsync(near, Size - 1);
        var last = TimeProvider.System.GetElapsedTime(begun);
        await sending;

        Assert.InRange(first.TotalMilliseconds, 95, 1000);
        // Chunk by chunk it would be 250 times 100 ms.
        Assert.True(last < TimeSpan.FromSeconds(5), $"{last}");
    }

    [Fact]
    public async Task EndOfOneSide_Crosses_BehindWhatWasSent()
    {
        _links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 50));
        var (near, far) = await ConnectAsync();
        using var _ = near;
        await far.SendAsync("last words"u8.ToArray());
        far.Shutdown(SocketShutdown.Send);

        Assert.Equal("last words"u8.ToArray(), await ReadAsync(near, 10));
        Assert.Equal(0, await near.ReceiveAsync(new byte[1]));
        far.Dispose();
    }

    [Fact]
    public async Task Sever_BytesOnTheirWay_NeverArrive()
    {
        _links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 60_000));
        var (near, far) = await ConnectAsync();
        using var _ = near;
        using var __ = far;
        await far.SendAsync("lost"u8.ToArray());

        _links.Sever("server");

        await Assert.ThrowsAsync<SocketException>(() => near.ReceiveAsync(new byte[4]));
        await RefusesAsync();
        _links.Mend("server");
        var (again, other) = await ConnectAsync();
        again.Dispose();
        other.Dispose();
    }

    [Fact]
    public async Task Cut_ResetsConnectionsAndRefusesNewOnes_UntilMended()
    {
        var (near, far) = await ConnectAsync();
        using var _ = near;
        using var __ = far;

        _links.Set("westus", "eastus", new LinkSettings(Cut: true));

        Assert.True(_links.IsCut("eastus", "westus"));
        await Assert.ThrowsAsync<SocketException>(() => near.ReceiveAsync(new byte[1]));
        await RefusesAsync();

        _links.Set("westus", "eastus", new LinkSettings());
        var (again, other) = await ConnectAsync();
        again.Dispose();
        other.Dispose();
    }

    private async Task RefusesAsync()
    {
        using var refused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await refused.ConnectAsync(_way);
            if (await refused.ReceiveAsync(new byte[1]) == 0) throw new SocketException((int)SocketError.ConnectionReset);
        });
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        using var stream = new NetworkStream(socket, ownsSocket: false);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await stream.ReadExactlyAsync(buffer, limit.Token);
        return buffer;
    }

    private async Task<(Socket Near, Socket Far)> ConnectAsync()
    {
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(_way);
        return (near, await _source.AcceptSocketAsync());
    }
}
