using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Provisioning;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>The request of a deployment, with its secrets, which live no longer than the call.</summary>
internal static class DeploymentBody
{
    public static JsonObject Of(PlannedDeployment deployment, RegionRequest request, AzureConnection connection)
    {
        var parameters = (JsonObject)JsonNode.Parse(deployment.Parameters)!;
        var (login, password) = request.AdministratorLogin is not null
            ? (request.AdministratorLogin, request.AdministratorPassword)
            : (connection.Options.DatabaseUser, connection.Options.DatabasePassword);
        foreach (var name in deployment.SecureParameters)
            parameters[name] = new JsonObject { ["value"] = name == "administratorLogin" ? login ?? "" : password is null ? "" : SecretText.Reveal(password) };
        return new JsonObject
        {
            ["properties"] = new JsonObject { ["mode"] = "Incremental", ["template"] = JsonNode.Parse(deployment.Template), ["parameters"] = parameters },
        };
    }
}
