using System.Net;
using System.Net.Sockets;

namespace Highflame.Dr.Sandbox;

/// <summary>A /16 of 127.0.0.0/8 that this sandbox holds: a listening socket at 127.N.0.1 keeps other sandboxes away until it is disposed.</summary>
internal sealed class LoopbackNetwork : IDisposable
{
    private const int ReservationPort = 20531;
    private const int FirstPort = 20600;
    private const int LastPort = 29999;
    private readonly Socket _reservation;
    private readonly Random _random;
    private readonly HashSet<int> _taken = [];

    private LoopbackNetwork(byte number, Socket reservation, Random random) => (Number, _reservation, _random) = (number, reservation, random);

    /// <summary>N in 127.N.x.y.</summary>
    public byte Number { get; }

    /// <summary>Takes a free network. Throws <see cref="IOException"/> when there is none.</summary>
    public static LoopbackNetwork Reserve(int? seed)
    {
        var random = seed is { } s ? new Random(s) : new Random();
        var start = random.Next(200);
        SocketException? last = null;
        for (var i = 0; i < 200; i++)
        {
            var number = (byte)(20 + ((start + i) % 200));
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
            try
            {
                socket.Bind(new IPEndPoint(new IPAddress([127, number, 0, 1]), ReservationPort));
                socket.Listen(1);
                return new LoopbackNetwork(number, socket, random);
            }
            catch (SocketException error)
            {
                last = error;
                socket.Dispose();
            }
        }

        throw new IOException("No free network under 127.0.0.0/8. On macOS add loopback aliases first; elsewhere stop sandboxes that still run.", last);
    }

    public IPAddress Address(byte third, byte fourth) => new([127, Number, third, fourth]);

    /// <summary>
    /// A port below the ephemeral range that is free over TCP and UDP at the network's addresses. Found by binding, so that a wildcard listener counts as well.
    /// </summary>
    public int FreePort()
    {
        for (var i = 0; i < 500; i++)
        {
            var port = _random.Next(FirstPort, LastPort);
            if (!_taken.Contains(port) && IsFree(port) && _taken.Add(port)) return port;
        }

        throw new IOException($"No free port between {FirstPort} and {LastPort}.");
    }

    private bool IsFree(int port)
    {
        try
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
            tcp.Bind(new IPEndPoint(Address(0, 1), port));
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
            udp.Bind(new IPEndPoint(Address(0, 1), port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _reservation.Dispose();
}
