using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Highflame.Dr.Sandbox.Faults;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>
/// The way of one ARM request: ids, log, api-version, token, faults, outage, routing. Every answer carries ARM's headers, every refusal Azure's error body.
/// </summary>
internal sealed class ArmPipeline(ArmRouter router, TokenIssuer tokens, FaultBoard faults, RequestLog log, ExchangeLog? exchanges, RateLimits rates, TimeProvider time, ILogger<ArmPipeline> logger)
{
    private static readonly string[] s_audiences = ["https://management.azure.com/", "https://management.core.windows.net/"];

    public async Task HandleAsync(HttpContext context)
    {
        var (at, start) = (time.GetUtcNow(), time.GetTimestamp());
        // ARM reads an escaped slash as a slash: some of Microsoft's clients escape the whole scope of a lock or of tags.
        var path = (context.Request.Path.Value ?? "/").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var method = context.Request.Method.ToUpperInvariant();
        Principal? principal = null;
        string? content = null;
        var status = 0;
        var lost = false;
        var logged = false;
        try
        {
            AddIds(context, at);
            ArmAnswer answer;
            try
            {
                (answer, principal) = await AnswerAsync(context, method, path, p => principal = p, c => content = c);
            }
            catch (ArmError error)
            {
                answer = new ArmAnswer(error.Status, error.ToBody()) { Headers = error.Headers };
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.LogError(error, "{Method} {Path} failed inside the sandbox", method, path);
                answer = new ArmAnswer(500, new ArmError(500, "InternalServerError", $"The sandbox failed: {error.Message}").ToBody());
            }

            if (answer.Status < 500 && faults.Hit(ArmFaultKind.ResponseLost, method, path) is not null)
            {
                lost = true;
                return;
            }

            status = answer.Status;
            await WriteAsync(context, method, answer, () =>
            {
                exchanges?.Add(at, context, content, answer);
                Log();
            });
        }
        finally
        {
            Log();
            if (lost) context.Abort();
        }

        // Before the answer goes out, or the connection drops: who has seen either finds the call in the log.
        void Log()
        {
            if (logged) return;
            logged = true;
            log.Add(at, method, path, status, principal?.ClientId, time.GetElapsedTime(start));
        }
    }

    private async Task<(ArmAnswer Answer, Principal Principal)> AnswerAsync(HttpContext context, string method, string rawPath, Action<Principal> known, Action<string> read)
    {
        var path = ArmPath.Parse(rawPath);
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var version = ApiVersions.Check(path, query.GetValueOrDefault("api-version"));
        var principal = Authenticate(context);
        known(principal);
        rates.Count(context.Response.Headers, method, rawPath, path.Subscription, principal.ClientId);
        if (faults.Hit(ArmFaultKind.Throttle, method, rawPath) is { } throttle)
        {
            var seconds = Math.Max(0, (long)Math.Ceiling(throttle.RetryAfterSeconds ?? 5)).ToString(CultureInfo.InvariantCulture);
            throw new ArmError(429, "TooManyRequests", $"The request is being throttled as the limit has been reached for operation type - {(method == "GET" ? "Read" : "Write")}_ObservationWindow. Please try again after '{seconds}' seconds.")
            {
                Headers = new Dictionary<string, string> { ["Retry-After"] = seconds },
            };
        }

        if (faults.Hit(ArmFaultKind.Error, method, rawPath) is { } error)
            throw new ArmError(error.Status, CodeOf(error.Status), "The sandbox was asked to fail this call.");

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var content = await reader.ReadToEndAsync(context.RequestAborted);
        read(content);
        var call = new ArmCall
        {
            Method = method,
            Path = path,
            ApiVersion = version,
            Query = query,
            Principal = principal,
            BaseUri = $"https://{context.Request.Host}",
            Content = content,
            Aborted = context.RequestAborted,
        };
        return (await router.RouteAsync(call), principal);
    }

    private Principal Authenticate(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var token = AuthenticationHeaderValue.TryParse(header, out var parsed) && string.Equals(parsed.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase) ? parsed.Parameter : null;
        var (principal, fault) = tokens.Check(token, s_audiences);
        if (principal is not null) return principal;
        var (code, message) = fault switch
        {
            TokenFault.Absent => ("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."),
            TokenFault.Expired => ("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."),
            TokenFault.Foreign => ("InvalidAuthenticationToken", "The access token is from the wrong issuer or its signature is not valid."),
            TokenFault.WrongAudience => ("InvalidAuthenticationTokenAudience", $"The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences '{string.Join("','", s_audiences)}'."),
            _ => ("InvalidAuthenticationToken", "The access token is invalid."),
        };
        throw new ArmError(401, code, message)
        {
            Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = $"Bearer authorization_uri=\"{tokens.Issuer}\", error=\"invalid_token\", error_description=\"{message}\"" },
        };
    }

    private static void AddIds(HttpContext context, DateTimeOffset at)
    {
        var headers = context.Response.Headers;
        var id = Guid.NewGuid().ToString();
        var correlation = context.Request.Headers["x-ms-correlation-request-id"].ToString() is { Length: > 0 } given ? given : id;
        headers["x-ms-request-id"] = id;
        headers["x-ms-correlation-request-id"] = correlation;
        headers["x-ms-routing-request-id"] = $"SANDBOX:{at.UtcDateTime.ToString("yyyyMMddTHHmmssZ", CultureInfo.InvariantCulture)}:{id}";
        if (string.Equals(context.Request.Headers["x-ms-return-client-request-id"], "true", StringComparison.OrdinalIgnoreCase))
            headers["x-ms-client-request-id"] = context.Request.Headers["x-ms-client-request-id"];
        headers.CacheControl = "no-cache";
        headers.Pragma = "no-cache";
        headers.Expires = "-1";
        headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        headers.XContentTypeOptions = "nosniff";
    }

    /// <param name="record">Called when the answer stands, before its body goes out.</param>
    private static async Task WriteAsync(HttpContext context, string method, ArmAnswer answer, Action record)
    {
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) context.Response.Headers[name] = value;
        if (answer.Body is null || answer.Status == 204)
        {
            record();
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(answer.Body.ToJsonString(Json.Plain));
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        record();
        if (method != "HEAD") await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static string CodeOf(int status) => status switch
    {
        400 => "BadRequest",
        403 => "AuthorizationFailed",
        404 => "NotFound",
        409 => "Conflict",
        429 => "TooManyRequests",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "InternalServerError",
    };
}
