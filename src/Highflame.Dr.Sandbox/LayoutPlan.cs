using System.Security.Cryptography;

namespace Highflame.Dr.Sandbox;

/// <summary>Lays out the users' two regions on a loopback network: names as their Terraform makes them, addresses and ports that are free.</summary>
internal static class LayoutPlan
{
    public const string Project = "highflame-prod";

    public static SandboxLayout Make(string root, LoopbackNetwork network, double timeScale) => new()
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
    };

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
