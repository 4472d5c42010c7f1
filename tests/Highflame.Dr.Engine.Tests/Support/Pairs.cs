using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Support;

internal static class Pairs
{
    public static RegionPair Create(string subscription = "00000000-0000-0000-0000-000000000001") => new()
    {
        Name = "prod",
        Path = "/tmp/pair.json",
        SubscriptionId = subscription,
        Regions =
        [
            new() { Location = "eastus", ResourceGroup = "rg1", GatewayTarget = "20.1.1.1" },
            new() { Location = "westus", ResourceGroup = "rg2", GatewayTarget = "gw2.westus.cloudapp.azure.com" },
        ],
        Traffic = new() { ProfileId = $"/subscriptions/{subscription}/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/global", EndpointName = "e" },
        Health = new(),
        Objectives = new(),
        RunStore = Path.Combine(Path.GetTempPath(), "hfdr-no-such-store"),
    };

    public static DbServer Server(string name, string location, DbRole role, string? source = null, string state = "Ready", string? replicationState = null) => new()
    {
        Name = name,
        ResourceId = Id(name),
        ResourceGroup = location == "eastus" ? "rg1" : "rg2",
        Location = location,
        Role = role,
        State = state,
        HostName = name + ".postgres.database.azure.com",
        SourceServerResourceId = source is null ? null : Id(source),
        ReplicationState = replicationState,
    };

    public static string Id(string server) => $"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/{server}";
}
