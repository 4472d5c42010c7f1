using Highflame.Dr.Execution;

namespace Highflame.Dr.Tests.Fakes;

// What the build phase tells.
internal static partial class Samples
{
    public static Provisioning.RegionChange Change => new()
    {
        Location = "eastus",
        Change = Provisioning.ResourceChange.Modify,
        Type = "Microsoft.Cache/redis",
        Name = "highflame-prod-redis",
        ResourceId = "/subscriptions/s/resourceGroups/highflame-prod-rg/providers/Microsoft.Cache/redis/highflame-prod-redis",
        Properties = [new("properties.sku.capacity", "3", "4")],
    };

    public static Provisioning.RegionSupport Support => new()
    {
        Location = "westus",
        Service = "Compute",
        Requirement = "Standard_D4as_v6 in zones 1, 2, 3",
        Verdict = Provisioning.SupportVerdict.Restricted,
        Observed = "NotAvailableForSubscription",
        Remedy = "Standard_D4as_v5 is the nearest size that both locations have.",
    };

    public static Provisioning.TerraformVariables Terraform => new() { Path = "/out/env.auto.tfvars", Location = "westus", Source = "eastus", Variables = ["project_name", "location"], Notes = ["The region's pool differs."] };

    public static Provisioning.TerraformImport Truce => new()
    {
        Path = "/out/hfdr-failover.tf",
        VariablesPath = "/out/hfdr-failover.auto.tfvars",
        Location = "westus",
        Server = "highflame-prod-dr-postgres",
        ResourceId = ReplicaId,
        Role = Topology.DbRole.Primary,
        Address = "module.postgres_primary[0].azurerm_postgresql_flexible_server.postgres",
        Imports = ["module.postgres_primary[0].azurerm_postgresql_flexible_server.postgres"],
        Moves = ["module.postgres_secondary[0].azurerm_postgresql_flexible_server.postgres -> module.postgres_primary[0].azurerm_postgresql_flexible_server.postgres"],
        Notes = ["highflame-prod-postgres was left."],
    };

    public static Provisioning.RegionDeployment Deployment => new()
    {
        Name = "hf-region-eastus",
        Location = "eastus",
        ResourceGroup = "highflame-prod-rg",
        Outcome = StepOutcome.Succeeded,
        Started = Noon,
        Finished = Noon.AddMinutes(12),
        GatewayAddress = "20.62.0.10",
        GatewayFqdn = "highflame-prod-eastus.eastus.cloudapp.azure.com",
        Resources = [new() { Name = "highflame-prod-redis", Type = "Microsoft.Cache/redis", ResourceId = Change.ResourceId, Outcome = StepOutcome.Succeeded }],
    };
}
