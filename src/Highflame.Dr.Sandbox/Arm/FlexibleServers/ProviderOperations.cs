using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>The actions of Microsoft.DBforPostgreSQL that a role can be given.</summary>
internal static class ProviderOperations
{
    private static readonly (string Name, string Resource, string Operation)[] s_operations =
    [
        ("flexibleServers/read", "PostgreSQL Server", "List/Get PostgreSQL Servers"),
        ("flexibleServers/write", "PostgreSQL Server", "Create/Update PostgreSQL Server"),
        ("flexibleServers/delete", "PostgreSQL Server", "Delete PostgreSQL Server"),
        ("flexibleServers/start/action", "PostgreSQL Server", "Start PostgreSQL Server"),
        ("flexibleServers/stop/action", "PostgreSQL Server", "Stop PostgreSQL Server"),
        ("flexibleServers/restart/action", "PostgreSQL Server", "Restart PostgreSQL Server"),
        ("flexibleServers/replicas/read", "PostgreSQL Server", "List Read Replicas"),
        ("flexibleServers/configurations/read", "Server Parameter", "List/Get Server Parameters"),
        ("flexibleServers/configurations/write", "Server Parameter", "Update Server Parameter"),
        ("flexibleServers/databases/read", "PostgreSQL Database", "List/Get Databases"),
        ("flexibleServers/databases/write", "PostgreSQL Database", "Create Database"),
        ("flexibleServers/databases/delete", "PostgreSQL Database", "Delete Database"),
        ("flexibleServers/firewallRules/read", "Firewall Rule", "List/Get Firewall Rules"),
        ("flexibleServers/firewallRules/write", "Firewall Rule", "Create/Update Firewall Rule"),
        ("flexibleServers/firewallRules/delete", "Firewall Rule", "Delete Firewall Rule"),
        ("flexibleServers/virtualEndpoints/read", "Virtual Endpoint", "List/Get Virtual Endpoints"),
        ("flexibleServers/virtualEndpoints/write", "Virtual Endpoint", "Create/Update Virtual Endpoint"),
        ("flexibleServers/virtualEndpoints/delete", "Virtual Endpoint", "Delete Virtual Endpoint"),
        ("flexibleServers/capabilities/read", "PostgreSQL Server", "Get the capabilities of a server"),
        ("locations/capabilities/read", "Location", "Get the capabilities of a location"),
        ("locations/azureAsyncOperation/read", "Location", "Get the status of an operation"),
        ("locations/operationResults/read", "Location", "Get the result of an operation"),
        ("checkNameAvailability/action", "Name", "Check whether a name is available"),
    ];

    public static ArmAnswer List() => ArmAnswer.List(s_operations.Select(o => (JsonNode)new JsonObject
    {
        ["name"] = $"{ProviderCatalog.Postgres}/{o.Name}",
        ["isDataAction"] = false,
        ["display"] = new JsonObject { ["provider"] = "Microsoft DB for PostgreSQL", ["resource"] = o.Resource, ["operation"] = o.Operation, ["description"] = o.Operation },
    }));
}
