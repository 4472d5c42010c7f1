using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>What an evaluated template needs of a location. A service that it does not make is not asked for.</summary>
internal static class TemplateNeeds
{
    private const string Cluster = "Microsoft.ContainerService/managedClusters";
    private const string Server = "Microsoft.DBforPostgreSQL/flexibleServers";

    /// <param name="resources">The template's resources.</param>
    /// <param name="environment">The pair's environment, for what a replica takes over from its primary.</param>
    /// <param name="ownCores">vCPUs that the environment uses there already, by family.</param>
    public static SupportNeeds Of(IReadOnlyList<JsonObject> resources, RegionEnvironment environment, IReadOnlyDictionary<string, long> ownCores)
    {
        var documents = TemplateDocuments.Of(resources, Catalogue.Shipped).ToList();
        JsonObject? First(string type) => documents.FirstOrDefault(d => d.Type.Equals(type, StringComparison.OrdinalIgnoreCase))?.Document;
        var server = First(Server);
        string Said(JsonObject? document, string path, string otherwise) => (document is null ? null : DocumentPath.FirstText(document, path)) ?? otherwise;
        return new(
            [.. documents.Where(d => d.Type.Equals(Cluster, StringComparison.OrdinalIgnoreCase)).SelectMany(d => SupportSurvey.Pools(JsonSerializer.SerializeToElement(d.Document["properties"])))],
            ownCores,
            Said(First(Cluster), "properties.kubernetesVersion", environment.KubernetesVersion),
            Said(server, "sku.tier", environment.DatabaseTier),
            Said(server, "sku.name", environment.DatabaseSku),
            Said(server, "properties.version", environment.DatabaseVersion),
            int.TryParse(Said(server, "properties.storage.storageSizeGB", ""), System.Globalization.CultureInfo.InvariantCulture, out var size) ? size : environment.StorageGB,
            Said(server, "properties.availabilityZone", ""))
        {
            Types = documents.Select(d => d.Type).ToHashSet(StringComparer.OrdinalIgnoreCase),
        };
    }
}
