using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>The pages and endpoints of a user's sign-in: the device code, the page where it is entered, and the authorization request of a browser.</summary>
internal sealed class UserEndpoints(SandboxIdentity identity, UserSignIns users, Func<string> authority)
{
    public void Map(WebApplication application)
    {
        application.MapPost("/{tenant}/oauth2/v2.0/devicecode", (Delegate)DeviceAsync);
        application.MapGet("/devicelogin", () => Page(200, "Enter the code that was shown to you.", """
            <form method="post"><input name="user_code" autofocus><button name="decision" value="approve">Sign in</button><button name="decision" value="decline">Decline</button></form>
            """));
        application.MapPost("/devicelogin", (Delegate)DecideAsync);
        application.MapGet("/{tenant}/oauth2/v2.0/authorize", Authorize);
    }

    /// <summary>A public client: any application registration may be one, and Microsoft's own for tools.</summary>
    public static bool IsClient(string clientId) => Guid.TryParse(clientId, out _);

    /// <summary>True for the tenant itself and for the words that stand for the user's own.</summary>
    public bool Knows(string tenant) => tenant is "organizations" or "common" || string.Equals(tenant, identity.TenantId, StringComparison.OrdinalIgnoreCase);

    private async Task<IResult> DeviceAsync(HttpContext context, string tenant)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        var (client, scope) = (form?["client_id"].ToString() ?? "", form?["scope"].ToString() ?? "");
        if (!Knows(tenant) || !IsClient(client) || scope.Length == 0)
            return Results.Text(new JsonObject { ["error"] = "invalid_request", ["error_description"] = "AADSTS900144: The request body must contain the following parameters: 'client_id', 'scope'." }.ToJsonString(), "application/json", Encoding.UTF8, 400);
        var (code, user, seconds) = users.StartDevice(new UserSignIns.Grant(client, scope));
        var page = $"{authority()}/devicelogin";
        return Results.Text(
            new JsonObject
            {
                ["user_code"] = user,
                ["device_code"] = code,
                ["verification_uri"] = page,
                ["expires_in"] = seconds,
                ["interval"] = UserSignIns.PollSeconds,
                ["message"] = $"To sign in, use a web browser to open the page {page} and enter the code {user} to authenticate.",
            }.ToJsonString(),
            "application/json",
            Encoding.UTF8);
    }

    private async Task<IResult> DecideAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        var approve = form?["decision"].ToString() != "decline";
        return users.Decide(form?["user_code"].ToString() ?? "", approve)
            ? Page(200, approve ? "You have signed in. You may close this window." : "You have declined. You may close this window.", "")
            : Page(400, "That code is not valid or has expired.", "");
    }

    /// <summary>The sandbox's one user is signed in already and agrees: the answer goes to the client at once.</summary>
    private IResult Authorize(HttpContext context, string tenant)
    {
        var query = context.Request.Query;
        string Q(string name) => query[name].ToString();
        if (!Knows(tenant) || !IsClient(Q("client_id"))) return Page(400, "AADSTS700016: The application or tenant is not known.", "");
        // A code goes to this computer only.
        if (!Uri.TryCreate(Q("redirect_uri"), UriKind.Absolute, out var redirect) || !redirect.IsLoopback) return Page(400, "AADSTS50011: The redirect URI must lead to this computer.", "");
        if (Q("response_type") != "code" || Q("code_challenge_method") != "S256" || Q("code_challenge").Length == 0) return Page(400, "AADSTS9002325: Proof Key for Code Exchange with S256 is required.", "");
        var nonce = Q("nonce");
        var code = users.StartBrowser(new UserSignIns.Grant(Q("client_id"), Q("scope"), nonce.Length == 0 ? null : nonce), redirect.OriginalString, Q("code_challenge"));
        if (Q("response_mode") == "form_post")
        {
            return Page(200, "Signed in.", $"""
                <form method="post" action="{WebUtility.HtmlEncode(redirect.OriginalString)}"><input type="hidden" name="code" value="{code}"><input type="hidden" name="state" value="{WebUtility.HtmlEncode(Q("state"))}"></form><script>document.forms[0].submit()</script>
                """);
        }

        var separator = redirect.Query.Length == 0 ? "?" : "&";
        return Results.Redirect($"{redirect.OriginalString}{separator}code={code}&state={Uri.EscapeDataString(Q("state"))}");
    }

    private static IResult Page(int status, string message, string rest) =>
        Results.Text($"<!doctype html><meta charset=\"utf-8\"><title>Highflame.Dr sandbox</title><p>{WebUtility.HtmlEncode(message)}</p>{rest}", "text/html", Encoding.UTF8, status);
}
