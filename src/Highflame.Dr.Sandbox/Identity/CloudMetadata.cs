using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>GET /metadata/endpoints of Azure Resource Manager: says without a sign-in where to sign in, for which audience, and under which suffixes services answer.</summary>
internal sealed class CloudMetadata(SandboxIdentity identity, Func<string> authority, Func<string> arm)
{
    public const string Path = "/metadata/endpoints";

    public Task AnswerAsync(HttpContext context)
    {
        var cloud = new JsonObject
        {
            ["name"] = "HighflameSandbox",
            ["portal"] = authority(),
            ["resourceManager"] = arm(),
            ["authentication"] = new JsonObject
            {
                ["loginEndpoint"] = authority(),
                ["audiences"] = new JsonArray("https://management.core.windows.net/", "https://management.azure.com/"),
                ["tenant"] = identity.TenantId,
                ["identityProvider"] = "AAD",
            },
            ["suffixes"] = new JsonObject { ["keyVaultDns"] = "vault.azure.net", ["postgresqlServerEndpoint"] = "postgres.database.azure.com", ["trafficManager"] = "trafficmanager.net" },
        };
        var version = context.Request.Query["api-version"].ToString();
        // 2019-05-01 and later answer a list, as the public cloud does.
        JsonNode body = string.CompareOrdinal(version, "2019-05-01") >= 0 ? new JsonArray(cloud) : cloud;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(), Encoding.UTF8, context.RequestAborted);
    }
}
