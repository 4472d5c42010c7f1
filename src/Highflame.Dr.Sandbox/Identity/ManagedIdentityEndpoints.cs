using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>
/// The managed identity over plain HTTP on loopback, in both forms: App Service and Azure Automation (<c>/MSI/token</c> with X-IDENTITY-HEADER,
/// api-version 2019-08-01) and the virtual machine's IMDS (<c>/metadata/identity/oauth2/token</c> with Metadata: true).
/// </summary>
internal sealed class ManagedIdentityEndpoints(SandboxIdentity identity, TokenIssuer issuer, TimeProvider time)
{
    public void Map(WebApplication application)
    {
        application.MapGet("/MSI/token", (Delegate)AutomationAsync);
        application.MapPost("/MSI/token", (Delegate)AutomationAsync);
        application.MapGet("/metadata/identity/oauth2/token", Imds);
        application.MapGet("/metadata/instance/{**rest}", (HttpContext context) => context.Request.Headers["Metadata"] == "true"
            ? Answer(200, new JsonObject { ["compute"] = new JsonObject { ["azEnvironment"] = "AzurePublicCloud", ["location"] = "eastus", ["subscriptionId"] = identity.SubscriptionId } })
            : Refuse(400, "Bad request. Required metadata header not specified"));
        // What it does not have, such as the newer credential endpoint that clients look for first.
        application.MapGet("/metadata/{**rest}", (HttpContext context) => context.Request.Headers["Metadata"] == "true"
            ? Refuse(404, "Not found")
            : Refuse(400, "Bad request. Required metadata header not specified"));
    }

    private static IResult Answer(int status, JsonObject body) => Results.Text(body.ToJsonString(), "application/json", Encoding.UTF8, status);

    private static IResult Refuse(int status, string description) =>
        Answer(status, new JsonObject { ["error"] = status == 401 ? "unauthorized_client" : "invalid_request", ["error_description"] = description });

    private async Task<IResult> AutomationAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        string Field(string name) => context.Request.Query[name].ToString() is { Length: > 0 } value ? value : form?[name].ToString() ?? "";
        var header = context.Request.Headers["X-IDENTITY-HEADER"].ToString() is { Length: > 0 } value ? value : context.Request.Headers["secret"].ToString();
        if (context.Request.Headers.ContainsKey("X-Forwarded-For")) return Refuse(400, "X-Forwarded-For must not be sent.");
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(identity.ManagedIdentityHeader)))
            return Refuse(401, "The X-IDENTITY-HEADER header is missing or not valid.");
        if (Field("api-version") is not ("2019-08-01" or "2017-09-01" or "")) return Refuse(400, "The api-version is not supported. Supported: 2019-08-01.");
        return Token(Field("resource"), Field("client_id"), Field("principal_id"), imds: false);
    }

    private IResult Imds(HttpContext context)
    {
        var query = context.Request.Query;
        if (context.Request.Headers["Metadata"] != "true") return Refuse(400, "Required metadata header not specified");
        if (context.Request.Headers.ContainsKey("X-Forwarded-For")) return Refuse(400, "X-Forwarded-For must not be sent.");
        if (query["api-version"].Count == 0) return Refuse(400, "Required query variable 'api-version' is missing");
        return Token(query["resource"].ToString(), query["client_id"].ToString(), query["object_id"].ToString(), imds: true);
    }

    private IResult Token(string resource, string client, string objectId, bool imds)
    {
        if (resource.Length == 0) return Refuse(400, "Required query variable 'resource' is missing");
        if (identity.FindManaged(client, objectId) is not { } principal) return Refuse(400, "Identity not found");
        var (token, expires) = issuer.Issue(principal, resource);
        var body = new JsonObject
        {
            ["access_token"] = token,
            ["expires_on"] = $"{expires.ToUnixTimeSeconds()}",
            ["resource"] = resource,
            ["token_type"] = "Bearer",
            ["client_id"] = principal.ClientId,
        };
        if (imds) body["expires_in"] = $"{(long)(expires - time.GetUtcNow()).TotalSeconds}";
        return Answer(200, body);
    }
}
