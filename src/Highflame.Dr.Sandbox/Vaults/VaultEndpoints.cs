using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Access;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Faults;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>
/// The way of one Key Vault request: the vault by its host name, the region's outage, the token or the challenge, the api-version, the answer. The resource of
/// the challenge is the audience of the token: <c>https://vault.azure.net</c>.
/// </summary>
internal sealed class VaultEndpoints(
    VaultDirectory vaults, SecretStore secrets, KeyStore keys, RoleBoard roles, TokenIssuer tokens, Func<string> authority, FaultBoard faults, ILogger<VaultEndpoints> logger)
{
    public const string Audience = "https://vault.azure.net";
    private static readonly string[] s_versions = ["2025-07-01", "2025-06-01-preview", "7.6", "7.6-preview.2", "7.6-preview.1", "7.5", "7.5-preview.1", "7.4", "7.3", "7.2", "7.1", "7.0", "2016-10-01"];
    private readonly SecretOperations _operations = new(vaults, secrets);
    private readonly KeyOperations _keys = new(vaults, keys);

    public async Task HandleAsync(HttpContext context)
    {
        if (vaults.FindByHost(context.Request.Host.Host) is { } vault && faults.IsLost(vault.Location))
        {
            // Its region is lost: nobody answers.
            context.Abort();
            return;
        }

        int status;
        JsonNode? body;
        try
        {
            (status, body) = await AnswerAsync(context);
        }
        catch (VaultError error)
        {
            (status, body) = (error.Status, error.ToBody());
            if (error.Challenge is { } challenge) context.Response.Headers.WWWAuthenticate = challenge;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The path may name a secret, never its value.
            logger.LogError(error, "{Method} {Path} failed inside the sandbox", context.Request.Method, context.Request.Path);
            (status, body) = (500, new VaultError(500, "InternalServerError", "The sandbox failed.").ToBody());
        }

        AddHeaders(context);
        context.Response.StatusCode = status;
        if (body is null) return;
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString(Json.Plain));
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private async Task<(int Status, JsonNode? Body)> AnswerAsync(HttpContext context)
    {
        var vault = vaults.FindByHost(context.Request.Host.Host)
            ?? throw new VaultError(404, "VaultNotFound", $"There is no vault at '{context.Request.Host.Host}'. A vault answers at https://{{name}}{VaultDirectory.Suffix}:{vaults.Port} while it exists in Azure Resource Manager.");
        context.Response.Headers["x-ms-keyvault-region"] = vault.Location;
        var principal = Authenticate(context);
        var version = context.Request.Query["api-version"].ToString();
        if (version.Length == 0) throw VaultError.BadParameter("api-version must be specified");
        if (!s_versions.Contains(version, StringComparer.OrdinalIgnoreCase)) throw VaultError.BadParameter($"The specified version ({version}) is not recognized. Consider using the latest supported version ({s_versions[0]}).");
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        var path = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var kind = KeyOperations.Answers(path) ? "keys" : CertificateOperations.Answers(path) ? "certificates" : "secrets";
        var call = new VaultCall
        {
            Vault = vault,
            Method = context.Request.Method.ToUpperInvariant(),
            Path = path,
            ApiVersion = version,
            Query = name => context.Request.Query[name].ToString(),
            Body = () => Parse(text),
            Demand = (action, resource) => Demand(vault, principal, kind, action, resource),
        };
        return kind switch
        {
            "keys" => _keys.Answer(call),
            "certificates" => new CertificateOperations(vaults, secrets, _operations).Answer(call),
            _ => _operations.Answer(call),
        };
    }

    private static JsonObject Parse(string text)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject body) return body;
        }
        catch (JsonException)
        {
            // Told below.
        }

        throw VaultError.BadParameter("The request body is not a valid JSON object.");
    }

    private Principal Authenticate(HttpContext context)
    {
        var token = AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization.ToString(), out var parsed) && string.Equals(parsed.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase) ? parsed.Parameter : null;
        var (principal, fault) = tokens.Check(token, [Audience]);
        if (principal is not null) return principal;
        var message = fault switch
        {
            TokenFault.Absent => "AKV10000: Request is missing a Bearer or PoP token.",
            TokenFault.WrongAudience => $"AKV10022: Invalid audience. Expected {Audience}.",
            TokenFault.Expired => "[TokenExpired] Error validating token: 'AKV10046: The token is expired.'",
            _ => "AKV10032: Invalid issuer or signature of the token.",
        };
        throw new VaultError(401, "Unauthorized", message) { Challenge = $"Bearer authorization=\"{authority()}\", resource=\"{Audience}\"" };
    }

    /// <summary>Azure RBAC, or the vault's own access policies when it does not use it.</summary>
    private void Demand(VaultInfo vault, Principal principal, string kind, string action, string resource)
    {
        var allowed = vault.Rbac
            ? roles.Allows(principal.ObjectId, $"{VaultDirectory.Type}/{kind}/{action}", $"{vault.Id}/{resource}", data: true)
            : AccessPolicies.Allow(vault, principal, kind, action);
        if (allowed) return;
        throw vault.Rbac
            ? new VaultError(
                403,
                "Forbidden",
                "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n"
                + $"Caller: appid={principal.ClientId};oid={principal.ObjectId};iss={tokens.Issuer}\r\nAction: '{VaultDirectory.Type}/{kind}/{action}'\r\nResource: '{vault.Id.ToLowerInvariant()}/{resource}'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: null \r\nVault: {vault.Name};location={vault.Location}\r\n",
                "ForbiddenByRbac")
            : new VaultError(
                403,
                "Forbidden",
                $"The user, group or application 'appid={principal.ClientId};oid={principal.ObjectId};iss={tokens.Issuer}' does not have {kind} {AccessPolicies.PermissionOf(action)} permission on key vault '{vault.Name};location={vault.Location}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
                "AccessDenied");
    }

    private static void AddHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        if (context.Request.Headers["x-ms-client-request-id"].ToString() is { Length: > 0 } client) headers["x-ms-client-request-id"] = client;
        headers["x-ms-keyvault-service-version"] = "1.9.2784.1";
        headers["x-ms-keyvault-network-info"] = string.Create(CultureInfo.InvariantCulture, $"conn_type=Ipv4;addr={context.Connection.RemoteIpAddress};act_addr_fam=InterNetwork;");
        headers.CacheControl = "no-cache";
        headers.Pragma = "no-cache";
        headers.Expires = "-1";
        headers.StrictTransportSecurity = "max-age=31536000;includeSubDomains";
        headers.XContentTypeOptions = "nosniff";
    }
}
