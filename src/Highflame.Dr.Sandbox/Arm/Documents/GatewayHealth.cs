using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Sandbox.Arm.Documents;

/// <summary>The backend health of an Application Gateway, as the region's application and gateway are.</summary>
internal sealed class GatewayHealth(Func<StoredResource, RegionState?> stateOf)
{
    public JsonObject Of(StoredResource gateway)
    {
        var up = stateOf(gateway) is { GatewayRunning: true, ApplicationRunning: true, HealthFailing: false };
        var pools = (gateway.Document.At("properties.backendAddressPools") as JsonArray ?? []).Where(p => p.At("properties.backendAddresses") is JsonArray { Count: > 0 });
        return new JsonObject
        {
            ["backendAddressPools"] = new JsonArray([.. pools.Select(pool => (JsonNode)new JsonObject
            {
                ["backendAddressPool"] = new JsonObject { ["id"] = $"{gateway.Id}/backendAddressPools/{pool.Text("name")}" },
                ["backendHttpSettingsCollection"] = new JsonArray(new JsonObject
                {
                    ["servers"] = new JsonArray([.. ((JsonArray)pool.At("properties.backendAddresses")!).Select(a => (JsonNode)new JsonObject
                    {
                        ["address"] = a.Text("ipAddress") ?? a.Text("fqdn"),
                        ["health"] = up ? "Up" : "Down",
                        ["healthProbeLog"] = up ? "Success. Received 200 status code" : "Received invalid status code or no answer",
                    })]),
                }),
            })]),
        };
    }
}
