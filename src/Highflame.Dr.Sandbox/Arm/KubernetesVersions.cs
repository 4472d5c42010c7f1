using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>The versions of Kubernetes that a location offers. What one lacks stands in DIR/behaviour.json (notOffered).</summary>
internal sealed class KubernetesVersions(Settings settings) : IResourceProvider
{
    public string Namespace => "Microsoft.ContainerService";

    public bool Answers(ArmPath path) => path.Is(Namespace, "locations/kubernetesVersions");

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        if (call.Method != "GET") throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var location = SandboxLayout.Normalize(call.Path.Names[0]);
        if (!Locations.Known(location)) throw ArmError.BadRequest("NoRegisteredProviderFound", $"No registered resource provider found for location '{location}'.");
        var offered = ((string[])["1.32", "1.33", "1.34"]).Where(v => settings.Behaviour.Offers(location, $"kubernetes/{v}"));
        return Task.FromResult(ArmAnswer.Ok(new JsonObject
        {
            ["values"] = new JsonArray([.. offered.Select(v => (JsonNode)new JsonObject
            {
                ["version"] = v,
                ["capabilities"] = new JsonObject { ["supportPlan"] = new JsonArray("KubernetesOfficial", "AKSLongTermSupport") },
                ["isDefault"] = v == "1.33",
                ["patchVersions"] = new JsonObject { [$"{v}.4"] = new JsonObject { ["upgrades"] = new JsonArray($"{v}.5") }, [$"{v}.5"] = new JsonObject { ["upgrades"] = new JsonArray() } },
            })]),
        }));
    }
}
