using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>The token authority as login.microsoftonline.com answers: OpenID metadata, instance discovery and the client-credentials grant (v1 and v2).</summary>
internal sealed class AuthorityEndpoints(SandboxIdentity identity, TokenIssuer issuer, TimeProvider time)
{
    /// <summary>Resources that a token can be asked for.</summary>
    private static readonly string[] s_resources =
        ["https://management.azure.com", "https://management.core.windows.net", "https://vault.azure.net", "https://ossrdbms-aad.database.windows.net", "https://graph.microsoft.com"];

    public void Map(WebApplication application)
    {
        application.MapGet("/common/discovery/instance", Discovery);
        application.MapGet("/{tenant}/v2.0/.well-known/openid-configuration", Metadata);
        application.MapGet("/{tenant}/.well-known/openid-configuration", Metadata);
        application.MapGet("/{tenant}/discovery/v2.0/keys", (string tenant) => Answer(200, issuer.KeySet()));
        application.MapPost("/{tenant}/oauth2/v2.0/token", (HttpContext context, string tenant) => TokenAsync(context, tenant, "scope"));
        application.MapPost("/{tenant}/oauth2/token", (HttpContext context, string tenant) => TokenAsync(context, tenant, "resource"));
    }

    private static string Base(HttpContext context) => $"https://{context.Request.Host}";

    private static IResult Answer(int status, JsonObject body) => Results.Text(body.ToJsonString(), "application/json", Encoding.UTF8, status);

    private IResult Discovery(HttpContext context) => Answer(200, new JsonObject
    {
        ["tenant_discovery_endpoint"] = $"{Base(context)}/{identity.TenantId}/v2.0/.well-known/openid-configuration",
        ["api-version"] = "1.1",
        ["metadata"] = new JsonArray(new JsonObject
        {
            ["preferred_network"] = context.Request.Host.Value,
            ["preferred_cache"] = context.Request.Host.Value,
            ["aliases"] = new JsonArray(context.Request.Host.Value),
        }),
    });

    private IResult Metadata(HttpContext context, string tenant)
    {
        if (!Known(tenant)) return UnknownTenant(tenant);
        var root = $"{Base(context)}/{identity.TenantId}";
        return Answer(200, new JsonObject
        {
            ["issuer"] = root + "/v2.0",
            ["token_endpoint"] = root + "/oauth2/v2.0/token",
            ["authorization_endpoint"] = root + "/oauth2/v2.0/authorize",
            ["jwks_uri"] = root + "/discovery/v2.0/keys",
            ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "client_secret_basic"),
            ["response_types_supported"] = new JsonArray("token"),
            ["subject_types_supported"] = new JsonArray("pairwise"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
        });
    }

    private bool Known(string tenant) => string.Equals(tenant, identity.TenantId, StringComparison.OrdinalIgnoreCase);

    private IResult UnknownTenant(string tenant) => Refuse(400, "invalid_tenant", 90002, $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");

    private async Task<IResult> TokenAsync(HttpContext context, string tenant, string audienceField)
    {
        if (!Known(tenant)) return UnknownTenant(tenant);
        if (!context.Request.HasFormContentType) return Refuse(400, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'.");
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var grant = form["grant_type"].ToString();
        if (grant.Length == 0) return Refuse(400, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'.");
        if (grant != "client_credentials") return Refuse(400, "unsupported_grant_type", 70003, $"The app requested an unsupported grant type '{grant}'.");

        var (client, secret) = Credentials(context, form);
        if (client.Length == 0) return Refuse(400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.");
        if (!string.Equals(client, identity.ClientId, StringComparison.OrdinalIgnoreCase))
            return Refuse(400, "unauthorized_client", 700016, $"Application with identifier '{client}' was not found in the directory '{identity.TenantId}'.");
        if (secret.Length == 0) return Refuse(401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(identity.ClientSecret)))
            return Refuse(401, "invalid_client", 7000215, $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, for a secret added to app '{client}'.");

        var asked = form[audienceField].ToString();
        var audience = asked.EndsWith("/.default", StringComparison.Ordinal) ? asked[..^"/.default".Length] : audienceField == "scope" ? "" : asked;
        if (audience.Length == 0) return Refuse(400, "invalid_scope", 1002012, $"The provided value for scope {asked} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");
        if (!s_resources.Contains(audience.TrimEnd('/'), StringComparer.OrdinalIgnoreCase))
            return Refuse(400, "invalid_resource", 500011, $"The resource principal named {audience} was not found in the tenant named {identity.TenantId}.");

        var (token, expires) = issuer.Issue(new Principal(identity.ClientId, identity.ObjectId), audience);
        var seconds = (long)(expires - time.GetUtcNow()).TotalSeconds;
        context.Response.Headers.CacheControl = "no-store, no-cache";
        return Answer(200, audienceField == "scope"
            ? new JsonObject { ["token_type"] = "Bearer", ["expires_in"] = seconds, ["ext_expires_in"] = seconds, ["access_token"] = token }
            : new JsonObject
            {
                ["token_type"] = "Bearer",
                ["expires_in"] = $"{seconds}",
                ["ext_expires_in"] = $"{seconds}",
                ["expires_on"] = $"{expires.ToUnixTimeSeconds()}",
                ["resource"] = audience,
                ["access_token"] = token,
            });
    }

    /// <summary>From the form, or from HTTP basic authentication.</summary>
    private static (string Client, string Secret) Credentials(HttpContext context, IFormCollection form)
    {
        if (AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && header is { Scheme: "Basic", Parameter: { } parameter })
        {
            var bytes = new byte[parameter.Length];
            if (Convert.TryFromBase64String(parameter, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var id, var password])
                return (Uri.UnescapeDataString(id), Uri.UnescapeDataString(password));
        }

        return (form["client_id"].ToString(), form["client_secret"].ToString());
    }

    private IResult Refuse(int status, string error, int code, string description) => Answer(status, new JsonObject
    {
        ["error"] = error,
        ["error_description"] = $"AADSTS{code}: {description}",
        ["error_codes"] = new JsonArray(code),
        ["timestamp"] = time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
        ["trace_id"] = Guid.NewGuid().ToString(),
        ["correlation_id"] = Guid.NewGuid().ToString(),
    });
}
