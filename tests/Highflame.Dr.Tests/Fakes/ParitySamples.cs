using Highflame.Dr.Execution;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Tests.Fakes;

/// <summary>What a comparison and what follows from it give.</summary>
internal static class ParitySamples
{
    public static ParityDrift Secret => new()
    {
        Pair = "highflame-prod",
        Severity = DriftSeverity.BlocksFailover,
        Kind = DriftKind.Different,
        Type = "Microsoft.KeyVault/vaults",
        Reference = "highflame-prod-db-kv",
        Difference = "highflame-prod-dr-db-kv",
        ReferenceId = VaultId("highflame-prod-rg", "highflame-prod-db-kv"),
        DifferenceId = VaultId("highflame-prod-dr-rg", "highflame-prod-dr-db-kv"),
        ReferenceLocation = "eastus",
        DifferenceLocation = "westus",
        Property = "secrets[password].state",
        ReferenceValue = "set",
        DifferenceValue = "EMPTY",
        Why = "The secret password of highflame-prod-dr-db-kv is EMPTY.",
        Remedy = "Copy it with Sync-HfSecret.",
    };

    public static ParityDrift Pool => Secret with
    {
        Severity = DriftSeverity.Cosmetic,
        Type = "Microsoft.ContainerService/managedClusters",
        Reference = "highflame-prod-aks",
        Difference = "highflame-prod-dr-aks",
        Property = "pools[general].minCount",
        ReferenceValue = "3",
        DifferenceValue = "1",
    };

    public static ParityReport Report => new()
    {
        Pair = "highflame-prod",
        ReferenceLocation = "eastus",
        DifferenceLocation = "westus",
        ReferenceTakenAt = Samples.Noon,
        DifferenceTakenAt = Samples.Noon,
        Drifts = [Secret, Pool],
        Declared = [Pool with { Property = "pools[general].maxCount", Declared = "Warm standby." }],
        Resources = 17,
        Properties = 1000,
    };

    public static RegionSnapshotFile File => new() { Pair = "highflame-prod", Location = "eastus", TakenAt = Samples.Noon, Resources = 17, Path = "/out/eastus.json" };

    public static SecretSync Copied => new() { Name = "password", FromVault = "highflame-prod-db-kv", ToVault = "highflame-prod-dr-db-kv", Before = "EMPTY", Outcome = StepOutcome.Succeeded };

    public static TagChange Tagged => new()
    {
        Name = "highflame-prod-redis",
        ResourceId = $"/subscriptions/{Samples.Subscription}/resourceGroups/highflame-prod-rg/providers/Microsoft.Cache/redis/highflame-prod-redis",
        Type = "Microsoft.Cache/redis",
        Location = "eastus",
        Added = new() { ["dr-pair"] = "highflame-prod" },
        Outcome = StepOutcome.Succeeded,
    };

    private static string VaultId(string group, string name) => $"/subscriptions/{Samples.Subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}";
}
