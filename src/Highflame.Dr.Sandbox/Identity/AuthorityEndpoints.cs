using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>The token authority as login.microsoftonline.com answers: OpenID metadata, instance discovery, keys, tokens, and what a user's sign-in needs.</summary>
internal sealed class AuthorityEndpoints(SandboxIdentity identity, TokenIssuer issuer, ApplicationCredentials credentials, Func<string> authority, TimeProvider time)
{
    private readonly UserSignIns _users = new(time);

    public void Map(WebApplication application)
    {
        var tokens = new TokenEndpoint(identity, issuer, new ClientAssertions(identity, credentials, time), _users, authority, time);
        application.MapGet("/common/discovery/instance", Discovery);
        application.MapGet("/{tenant}/v2.0/.well-known/openid-configuration", (HttpContext context, string tenant) => Metadata(context, tenant, tokens));
        application.MapGet("/{tenant}/.well-known/openid-configuration", (HttpContext context, string tenant) => Metadata(context, tenant, tokens));
        application.MapGet("/{tenant}/discovery/v2.0/keys", (string tenant) => Answer(200, issuer.KeySet()));
        application.MapPost("/{tenant}/oauth2/v2.0/token", (HttpContext context, string tenant) => tokens.HandleAsync(context, tenant, "scope"));
        application.MapPost("/{tenant}/oauth2/token", (HttpContext context, string tenant) => tokens.HandleAsync(context, tenant, "resource"));
        application.MapGet("/oidc/.well-known/openid-configuration", () => Answer(200, credentials.Metadata()));
        application.MapGet("/oidc/openid/v1/jwks", () => Answer(200, credentials.KeySet()));
        new UserEndpoints(identity, _users, authority).Map(application);
    }

    public static IResult Answer(int status, JsonObject body) => Results.Text(body.ToJsonString(), "application/json", Encoding.UTF8, status);

    private static string Base(HttpContext context) => $"https://{context.Request.Host}";

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

    private IResult Metadata(HttpContext context, string tenant, TokenEndpoint tokens)
    {
        if (!string.Equals(tenant, identity.TenantId, StringComparison.OrdinalIgnoreCase) && tenant is not ("organizations" or "common")) return tokens.Refuse(TokenEndpoint.UnknownTenant(tenant));
        var root = $"{Base(context)}/{identity.TenantId}";
        return Answer(200, new JsonObject
        {
            ["issuer"] = root + "/v2.0",
            ["token_endpoint"] = root + "/oauth2/v2.0/token",
            ["device_authorization_endpoint"] = root + "/oauth2/v2.0/devicecode",
            ["authorization_endpoint"] = root + "/oauth2/v2.0/authorize",
            ["jwks_uri"] = root + "/discovery/v2.0/keys",
            ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_post", "private_key_jwt", "client_secret_basic"),
            ["response_types_supported"] = new JsonArray("code", "token"),
            ["subject_types_supported"] = new JsonArray("pairwise"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
        });
    }
}
