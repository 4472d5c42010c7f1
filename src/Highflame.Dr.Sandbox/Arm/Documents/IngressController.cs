using System.Net;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Documents;

/// <summary>
/// What the ingress controller (AGIC) of a new cluster does, as far as Azure's documents show it: it writes the addresses of the application's pods into the pools of the gateway that the add-on
/// names. Terraform and templates leave the pools empty, and a cluster without the add-on leaves them so.
/// </summary>
internal sealed class IngressController(ResourceStore store)
{
    private const string AddOn = "properties.addonProfiles.ingressApplicationGateway";

    /// <summary>Fills the empty pools of the cluster's gateway.</summary>
    /// <param name="cluster">A cluster that was made.</param>
    /// <param name="application">Address of the application's pods.</param>
    public void Sync(StoredResource cluster, IPAddress application)
    {
        if (cluster.Document.At($"{AddOn}.enabled") is not JsonValue enabled || !enabled.TryGetValue(out bool on) || !on) return;
        if (cluster.Document.Text($"{AddOn}.config.applicationGatewayId") is not { } gateway) return;
        store.Change(gateway, document =>
        {
            foreach (var pool in (document.At("properties.backendAddressPools") as JsonArray ?? []).OfType<JsonObject>())
            {
                if (pool.At("properties.backendAddresses") is JsonArray { Count: > 0 }) continue;
                pool.Child("properties")["backendAddresses"] = new JsonArray(new JsonObject { ["ipAddress"] = application.ToString() });
            }
        });
    }
}
