using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>
/// The token endpoint (v1 and v2). An application proves itself with its secret, its certificate or a federated token; a user comes with a device code, an
/// authorization code or a refresh token.
/// </summary>
internal sealed class TokenEndpoint(SandboxIdentity identity, TokenIssuer issuer, ClientAssertions assertions, UserSignIns users, Func<string> authority, TimeProvider time)
{
    /// <summary>Resources that a token can be asked for.</summary>
    private static readonly string[] s_resources =
        ["https://management.azure.com", "https://management.core.windows.net", "https://vault.azure.net", "https://storage.azure.com", "https://ossrdbms-aad.database.windows.net", "https://graph.microsoft.com"];

    /// <param name="context">The request.</param>
    /// <param name="tenant">First word of the path.</param>
    /// <param name="audienceField">scope for v2, resource for v1.</param>
    public async Task<IResult> HandleAsync(HttpContext context, string tenant, string audienceField)
    {
        context.Response.Headers.CacheControl = "no-store, no-cache";
        try
        {
            if (!context.Request.HasFormContentType) throw AuthorityError.Missing("grant_type");
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            var grant = form["grant_type"].ToString();
            if (!string.Equals(tenant, identity.TenantId, StringComparison.OrdinalIgnoreCase) && (grant == "client_credentials" || tenant is not ("organizations" or "common"))) throw UnknownTenant(tenant);
            return grant switch
            {
                "" => throw AuthorityError.Missing("grant_type"),
                "client_credentials" => Application(context, form, audienceField),
                "urn:ietf:params:oauth:grant-type:device_code" or "device_code" => User(form, users.PollDevice(form["device_code"].Count > 0 ? form["device_code"].ToString() : form["code"].ToString(), form["client_id"].ToString())),
                "authorization_code" => User(form, users.RedeemBrowser(form["code"].ToString(), form["client_id"].ToString(), form["redirect_uri"].ToString(), form["code_verifier"].ToString())),
                "refresh_token" => User(form, users.Refresh(form["refresh_token"].ToString(), form["client_id"].ToString())),
                _ => throw new AuthorityError(400, "unsupported_grant_type", 70003, $"The app requested an unsupported grant type '{grant}'."),
            };
        }
        catch (AuthorityError error)
        {
            return Refuse(error);
        }
    }

    public static AuthorityError UnknownTenant(string tenant) =>
        new(400, "invalid_tenant", 90002, $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.");

    public IResult Refuse(AuthorityError error) => AuthorityEndpoints.Answer(error.Status, new JsonObject
    {
        ["error"] = error.Error,
        ["error_description"] = $"AADSTS{error.Code}: {error.Message}",
        ["error_codes"] = new JsonArray(error.Code),
        ["timestamp"] = time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ssZ", CultureInfo.InvariantCulture),
        ["trace_id"] = Guid.NewGuid().ToString(),
        ["correlation_id"] = Guid.NewGuid().ToString(),
    });

    private IResult Application(HttpContext context, IFormCollection form, string audienceField)
    {
        var (client, secret) = Credentials(context, form);
        if (client.Length == 0) throw AuthorityError.Missing("client_id");
        if (!string.Equals(client, identity.ClientId, StringComparison.OrdinalIgnoreCase))
            throw new AuthorityError(400, "unauthorized_client", 700016, $"Application with identifier '{client}' was not found in the directory '{identity.TenantId}'.");
        if (form["client_assertion"].ToString() is { Length: > 0 } assertion)
        {
            if (form["client_assertion_type"] != ClientAssertions.Type) throw new AuthorityError(400, "invalid_request", 50140, $"The client_assertion_type must be '{ClientAssertions.Type}'.");
            assertions.Check(assertion, $"{authority()}/{identity.TenantId}/oauth2{(audienceField == "scope" ? "/v2.0" : "")}/token");
        }
        else if (secret.Length == 0)
        {
            throw new AuthorityError(401, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
        }
        else if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(identity.ClientSecret)))
        {
            throw new AuthorityError(401, "invalid_client", 7000215, $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, for a secret added to app '{client}'.");
        }

        var asked = form[audienceField].ToString();
        var audience = asked.EndsWith("/.default", StringComparison.Ordinal) ? asked[..^"/.default".Length] : audienceField == "scope" ? "" : asked;
        if (audience.Length == 0) throw new AuthorityError(400, "invalid_scope", 1002012, $"The provided value for scope {asked} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");
        RequireResource(audience);
        var (token, expires) = issuer.Issue(new Principal(identity.ClientId, identity.ObjectId), audience);
        var seconds = (long)(expires - time.GetUtcNow()).TotalSeconds;
        return AuthorityEndpoints.Answer(200, audienceField == "scope"
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

    private IResult User(IFormCollection form, UserSignIns.Grant grant)
    {
        var scope = form["scope"].ToString() is { Length: > 0 } narrowed ? narrowed : grant.Scope;
        var resource = scope.Split(' ').FirstOrDefault(s => s.Contains("://", StringComparison.Ordinal))
            ?? throw new AuthorityError(400, "invalid_scope", 70011, $"The provided value for the input parameter 'scope' is not valid: '{scope}'.");
        var audience = resource[..resource.LastIndexOf('/')];
        RequireResource(audience);
        var user = new Principal(grant.ClientId, identity.UserObjectId) { UserName = identity.UserName };
        var (token, expires) = issuer.Issue(user, audience);
        var seconds = (long)(expires - time.GetUtcNow()).TotalSeconds;
        var info = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"uid":"{{identity.UserObjectId}}","utid":"{{identity.TenantId}}"}"""));
        return AuthorityEndpoints.Answer(200, new JsonObject
        {
            ["token_type"] = "Bearer",
            ["scope"] = $"{audience}/user_impersonation {audience}/.default",
            ["expires_in"] = seconds,
            ["ext_expires_in"] = seconds,
            ["access_token"] = token,
            ["refresh_token"] = users.StartRefresh(grant),
            ["id_token"] = issuer.IssueIdToken(user, grant.Nonce),
            ["client_info"] = info,
        });
    }

    private void RequireResource(string audience)
    {
        if (!s_resources.Contains(audience.TrimEnd('/'), StringComparer.OrdinalIgnoreCase))
            throw new AuthorityError(400, "invalid_resource", 500011, $"The resource principal named {audience} was not found in the tenant named {identity.TenantId}.");
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
}
