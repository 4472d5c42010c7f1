using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Highflame.Dr.Sandbox;

/// <summary>Lays out the users' two regions on a loopback network: names as their Terraform makes them, addresses and ports that are free.</summary>
internal static class LayoutPlan
{
    public const string Project = "highflame-prod";

    public static SandboxLayout Make(string root, LoopbackNetwork network, double timeScale, int pairs = 1, int realPairs = 1) => new()
    {
        Root = root,
        Network = network.Number,
        GatewayPort = network.FreePort(),
        DatabasePort = network.FreePort(),
        DnsPort = network.FreePort(),
        TimeScale = timeScale,
        AdministratorPassword = Secret(),
        ApplicationPassword = Secret(),
        TrafficManagerFqdn = $"{Project}-global.trafficmanager.net",
        Regions =
        [
            Region(network, 1, "eastus", "East US", Project),
            Region(network, 2, "westus", "West US", Project + "-dr"),
        ],
        FurtherPairs = [.. Enumerable.Range(2, pairs - 1).Select(n => Further(network.Number, n))],
        RealPairs = realPairs,
    };

    /// <summary>A further pair (highflame-02 and on: a vault has a name of 24 characters at most), whose gateways share a program.</summary>
    /// <param name="network">Second octet of the sandbox's addresses.</param>
    /// <param name="pair">2 and up.</param>
    public static SandboxPair Further(byte network, int pair)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"highflame-{pair:00}");
        SandboxRegion One(byte number, string location, string displayName, string prefix)
        {
            IPAddress gateway = new([127, network, (byte)(10 + number), (byte)pair]);
            return new SandboxRegion
            {
                Number = number,
                Pair = pair,
                Location = location,
                DisplayName = displayName,
                ResourceGroup = prefix + "-rg",
                NamePrefix = prefix,
                GatewayAddress = gateway,
                ApplicationAddress = gateway,
                ApplicationPort = 80,
                DatabaseServer = prefix + "-postgres",
            };
        }

        return new SandboxPair(name, [One(1, "eastus", "East US", name), One(2, "westus", "West US", name + "-dr")]);
    }

    /// <summary>A password of letters and digits: no quoting anywhere.</summary>
    public static string Secret() => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 32);

    private static SandboxRegion Region(LoopbackNetwork network, byte number, string location, string displayName, string prefix) => new()
    {
        Number = number,
        Location = location,
        DisplayName = displayName,
        ResourceGroup = prefix + "-rg",
        NamePrefix = prefix,
        GatewayAddress = network.Address(number, 1),
        ApplicationAddress = network.Address(number, 10),
        ApplicationPort = network.FreePort(),
        DatabaseServer = prefix + "-postgres",
    };
}
