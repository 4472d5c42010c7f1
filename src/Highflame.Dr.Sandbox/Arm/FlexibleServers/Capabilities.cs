using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>What a location offers, in the shape of 2024-08-01 and 2025-08-01, and in the one of 2022-12-01.</summary>
internal static class Capabilities
{
    private static readonly string[] s_versions = ["13", "14", "15", "16", "17", "18"];

    public static ArmAnswer Of(string location, string apiVersion)
    {
        if (!Locations.Known(location))
            throw ArmError.BadRequest("LocationNotAvailableForResourceType", $"The provided location '{location}' is not available for resource type '{ServerTable.Type}'.");
        if (apiVersion == "2022-12-01") return ArmAnswer.List([First()]);
        var capability = new JsonObject
        {
            ["name"] = "FlexibleServerCapabilities",
            ["supportedServerEditions"] = new JsonArray([.. ServerSkus.All.GroupBy(s => s.Tier).Select(Edition)]),
            ["supportedServerVersions"] = new JsonArray([.. s_versions.Select((v, i) => (JsonNode)new JsonObject
            {
                ["name"] = v,
                ["supportedVersionsToUpgrade"] = new JsonArray([.. s_versions[(i + 1)..].Select(u => (JsonNode)u)]),
                ["status"] = "Available",
            })]),
            ["supportedFeatures"] = new JsonArray(new JsonObject { ["name"] = "GeoBackup", ["status"] = "Enabled" }, new JsonObject { ["name"] = "StorageAutoGrowth", ["status"] = "Enabled" }),
            ["fastProvisioningSupported"] = "Disabled",
            ["supportedFastProvisioningEditions"] = new JsonArray(),
            ["geoBackupSupported"] = "Enabled",
            ["zoneRedundantHaSupported"] = "Enabled",
            ["zoneRedundantHaAndGeoBackupSupported"] = "Enabled",
            ["storageAutoGrowthSupported"] = "Enabled",
            ["onlineResizeSupported"] = "Enabled",
            ["restricted"] = "Disabled",
            ["status"] = "Available",
        };
        if (apiVersion != ProviderCatalog.PostgresVersion) capability.Remove("supportedFeatures");
        return ArmAnswer.List([capability]);
    }

    private static JsonNode Edition(IGrouping<string, ServerSku> tier) => new JsonObject
    {
        ["name"] = tier.Key,
        ["defaultSkuName"] = tier.First().Name,
        ["supportedStorageEditions"] = new JsonArray(new JsonObject
        {
            ["name"] = "ManagedDisk",
            ["defaultStorageSizeMb"] = 32768,
            ["supportedStorageMb"] = new JsonArray([.. ServerSkus.Storage.Select(s => (JsonNode)new JsonObject
            {
                ["storageSizeMb"] = s.SizeGb * 1024L,
                ["supportedIops"] = s.Iops,
                ["defaultIopsTier"] = s.Tier,
                ["supportedIopsTiers"] = new JsonArray([.. ServerSkus.Storage.Where(t => t.SizeGb >= s.SizeGb).Select(t => (JsonNode)new JsonObject { ["name"] = t.Tier, ["iops"] = t.Iops, ["status"] = "Available" })]),
                ["status"] = "Available",
            })]),
            ["status"] = "Available",
        }),
        ["supportedServerSkus"] = new JsonArray([.. tier.Select(s => (JsonNode)new JsonObject
        {
            ["name"] = s.Name,
            ["vCores"] = s.Cores,
            ["supportedIops"] = s.Iops,
            ["supportedMemoryPerVcoreMb"] = s.MemoryMb / s.Cores,
            ["supportedZones"] = new JsonArray("1", "2", "3"),
            ["supportedHaMode"] = tier.Key == "Burstable" ? new JsonArray() : new JsonArray("SameZone", "ZoneRedundant"),
            ["status"] = "Available",
        })]),
        ["status"] = "Available",
    };

    /// <summary>2022-12-01: one entry of a zone, sizes below each version.</summary>
    private static JsonObject First() => new()
    {
        ["zone"] = "none",
        ["geoBackupSupported"] = true,
        ["zoneRedundantHaSupported"] = true,
        ["zoneRedundantHaAndGeoBackupSupported"] = true,
        ["supportedHAMode"] = new JsonArray("SameZone", "ZoneRedundant"),
        ["supportedFlexibleServerEditions"] = new JsonArray([.. ServerSkus.All.GroupBy(s => s.Tier).Select(FirstEdition)]),
        ["supportedHyperscaleNodeEditions"] = new JsonArray(),
        ["fastProvisioningSupported"] = false,
        ["supportedFastProvisioningEditions"] = new JsonArray(),
        ["status"] = "Available",
    };

    private static JsonNode FirstEdition(IGrouping<string, ServerSku> tier) => new JsonObject
    {
        ["name"] = tier.Key,
        ["supportedStorageEditions"] = new JsonArray(new JsonObject
        {
            ["name"] = "ManagedDisk",
            ["supportedStorageMB"] = new JsonArray([.. ServerSkus.Storage.Select(s => (JsonNode)new JsonObject
            {
                ["name"] = $"{s.SizeGb * 1024L}",
                ["supportedIops"] = s.Iops,
                ["storageSizeMB"] = s.SizeGb * 1024L,
                ["supportedUpgradableTierList"] = new JsonArray([.. ServerSkus.Storage.Where(t => t.SizeGb >= s.SizeGb).Select(t => (JsonNode)new JsonObject
                {
                    ["name"] = t.Tier, ["tierName"] = t.Tier, ["iops"] = t.Iops, ["isBaseline"] = t.Tier == s.Tier, ["status"] = "Available",
                })]),
                ["status"] = "Available",
            })]),
            ["status"] = "Default",
        }),
        ["supportedServerVersions"] = new JsonArray([.. s_versions.Select((v, i) => (JsonNode)new JsonObject
        {
            ["name"] = v,
            ["supportedVersionsToUpgrade"] = new JsonArray([.. s_versions[(i + 1)..].Select(u => (JsonNode)u)]),
            ["supportedVcores"] = new JsonArray([.. tier.Select(s => (JsonNode)new JsonObject
            {
                ["name"] = s.Name, ["vCores"] = s.Cores, ["supportedIops"] = s.Iops, ["supportedMemoryPerVcoreMB"] = s.MemoryMb / s.Cores, ["status"] = "Available",
            })]),
            ["status"] = "Available",
        })]),
        ["status"] = "Available",
    };
}
