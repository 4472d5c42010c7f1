using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Highflame.Dr.Sandbox;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Tests.Support;

/// <summary>A layout in a temporary directory, with a CA and a server certificate of its own, at addresses and ports that are free.</summary>
internal sealed class SandboxFiles : IDisposable
{
    public const string Primary = "highflame-prod-postgres";
    public const string Replica = "highflame-prod-dr-postgres";
    public const string Gateway1 = "highflame-prod-eastus.eastus.cloudapp.azure.com";
    public const string Administrator = "hfadmin";
    public const string Password = "Adm1nistrator-of-a-test";

    public SandboxFiles()
        : this(Directory.CreateTempSubdirectory("hfdr-test-").FullName)
    {
    }

    private SandboxFiles(string root)
    {
        var network = FreeNetwork();
        Layout = new SandboxLayout
        {
            Root = root,
            Network = network,
            GatewayPort = FreePort(new IPAddress([127, network, 1, 1])),
            DatabasePort = FreePort(new IPAddress([127, network, 1, 100])),
            DnsPort = FreePort(new IPAddress([127, network, 0, 53])),
            ApplicationPassword = "Appl1cation-of-a-test",
            Regions = [Region(network, 1, "eastus", "East US", "highflame-prod", Primary), Region(network, 2, "westus", "West US", "highflame-prod-dr", Replica)],
        };
        Certificates = SandboxCertificates.Create(Layout.Regions.Select(r => r.GatewayAddress), TimeProvider.System);
        Certificates.Write(Layout);
    }

    public SandboxLayout Layout { get; }

    public SandboxCertificates Certificates { get; }

    public void Dispose()
    {
        Certificates.Dispose();
        Directory.Delete(Layout.Root, recursive: true);
    }

    private static SandboxRegion Region(byte network, byte number, string location, string displayName, string prefix, string server) => new()
    {
        Number = number,
        Location = location,
        DisplayName = displayName,
        ResourceGroup = prefix + "-rg",
        NamePrefix = prefix,
        GatewayAddress = new IPAddress([127, network, number, 1]),
        ApplicationAddress = new IPAddress([127, network, number, 10]),
        ApplicationPort = FreePort(new IPAddress([127, network, number, 10])),
        DatabaseServer = server,
    };

    private static byte FreeNetwork()
    {
        while (true)
        {
            var network = (byte)RandomNumberGenerator.GetInt32(2, 254);
            // A sandbox that uses this network answers at its name server's address.
            if (!File.Exists("/proc/net/udp") || !File.ReadAllText("/proc/net/udp").Contains($"3500{network:X2}7F:", StringComparison.OrdinalIgnoreCase)) return network;
        }
    }

    private static int FreePort(IPAddress address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
