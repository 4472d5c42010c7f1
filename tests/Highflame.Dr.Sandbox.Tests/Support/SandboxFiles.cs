using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Sandbox;

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
        WriteCertificates(Layout);
    }

    public SandboxLayout Layout { get; }

    public void Dispose() => Directory.Delete(Layout.Root, recursive: true);

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

    private static void WriteCertificates(SandboxLayout layout)
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=Test CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sandbox", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("*.trafficmanager.net");
        names.AddDnsName("*.postgres.database.azure.com");
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(ca, from, until, RandomNumberGenerator.GetBytes(8));

        Directory.CreateDirectory(Path.GetDirectoryName(layout.ServerKeyPath)!);
        File.WriteAllText(layout.CaCertificatePath, ca.ExportCertificatePem());
        File.WriteAllText(layout.ServerCertificatePath, leaf.ExportCertificatePem());
        File.WriteAllText(layout.ServerKeyPath, key.ExportPkcs8PrivateKeyPem());
    }
}
