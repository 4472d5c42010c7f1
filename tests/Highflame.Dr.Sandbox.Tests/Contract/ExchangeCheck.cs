using System.Text.Json;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>What the documents say about one exchange.</summary>
/// <param name="Pair">Operation and status, for example "Servers_Get 200".</param>
/// <param name="Documented">True when a document has the operation.</param>
internal sealed record Verdict(string Pair, bool Documented, IReadOnlyList<string> Violations);

/// <summary>Checks an exchange: path and method, status, headers of long-running operations, the body's shape, the shape of errors, and the identity of what is shown.</summary>
internal sealed partial class ExchangeCheck(ApiLibrary library)
{
    /// <summary>Refusals (400) that come from ARM, not from the service behind it.</summary>
    private static readonly string?[] s_armCodes = ["MissingApiVersionParameter", "InvalidApiVersionParameter", "NoRegisteredProviderFound", "InvalidRequestContent", "LocationRequired"];

    public Verdict Check(Exchange exchange)
    {
        var violations = new List<string>();
        CheckCommon(exchange, violations);
        if (OperationUrl().Match(exchange.Path) is { Success: true } poll) return CheckPoll(exchange, poll.Groups[1].Value, violations);
        if (ElsewherePath().IsMatch(exchange.Path))
        {
            // The collection has no document of roles, resource health, compute sizes and quotas, and how a deployment stands: the generic resource operations, which fit every path, say nothing about them.
            CheckError(exchange, null, violations);
            return new Verdict($"(undocumented) {exchange.Status}", false, violations);
        }

        if (library.Find(exchange.Method, exchange.Path, exchange.Query) is not { } operation)
        {
            if (exchange.Status < 400) violations.Add("no document has this operation");
            CheckError(exchange, null, violations);
            return new Verdict($"(undocumented) {exchange.Status}", false, violations);
        }

        CheckStatus(exchange, operation, violations);
        CheckLongRunning(exchange, operation, violations);
        if (exchange.Status is 200 or 201 && exchange.Method is "GET" or "PUT" or "PATCH") CheckIdentity(exchange, violations);
        return new Verdict($"{operation.Id} {exchange.Status}", true, violations);
    }

    private void CheckStatus(Exchange exchange, ApiOperation operation, List<string> violations)
    {
        var responses = operation.Place.Child("responses");
        var response = StatusRules.Allows(operation, exchange.Status) ? responses?.Child(exchange.Status.ToString(System.Globalization.CultureInfo.InvariantCulture))?.Resolved() : null;
        if (response is null)
        {
            if (exchange.Status < 400)
            {
                violations.Add($"the status {exchange.Status} is not documented");
                return;
            }

            CheckError(exchange, responses?.Child("default")?.Resolved().Child("schema"), violations);
            return;
        }

        if (exchange.Status >= 400)
        {
            CheckError(exchange, response.Child("schema"), violations);
            return;
        }

        var none = exchange.Response.ValueKind == JsonValueKind.Undefined;
        if (exchange.Method == "HEAD") return;
        if (response?.Child("schema") is not { } schema)
        {
            const string Unexpected = "there is a body, and the document has none";
            if (!none && exchange.Status != 202 && !KnownDifferences.Allow(exchange, operation, Unexpected)) violations.Add(Unexpected);
            return;
        }

        if (none)
        {
            // Clients read the result of an accepted operation elsewhere; no answer with 204 has a body.
            if (exchange.Status is not (202 or 204)) violations.Add("the body is missing");
            return;
        }

        // The service's own note about what it accepted, as recorded from Azure.
        if (exchange.Status == 202 && exchange.Response.ValueKind == JsonValueKind.Object && exchange.Response.EnumerateObject().All(p => p.Name is "operation" or "startTime")) return;
        violations.AddRange(SchemaCheck.Of(library, schema, exchange.Response).Where(v => !KnownDifferences.Allow(exchange, operation, v)));
    }

    private static void CheckLongRunning(Exchange exchange, ApiOperation operation, List<string> violations)
    {
        if (!operation.IsLongRunning || exchange.Status is not (201 or 202))
        {
            return;
        }

        var named = (string[])["Azure-AsyncOperation", "Location"];
        foreach (var header in named.Where(exchange.Headers.ContainsKey))
        {
            if (!Uri.TryCreate(exchange.Headers[header], UriKind.Absolute, out var url) || url.Scheme != "https" || !url.Query.Contains("api-version=", StringComparison.Ordinal))
                violations.Add($"the header {header} is no absolute https URL with an api-version");
        }

        var wanted = operation.FinalStateVia switch
        {
            "azure-async-operation" => "Azure-AsyncOperation",
            "location" => "Location",
            _ => null,
        };
        // 201 may be final: then the body's state says so.
        if (exchange.Status == 201 && !named.Any(exchange.Headers.ContainsKey)) return;
        if (wanted is not null && !exchange.Headers.ContainsKey(wanted)) violations.Add($"the header {wanted} is missing: the final state comes by it");
        if (!named.Any(exchange.Headers.ContainsKey)) violations.Add("neither Azure-AsyncOperation nor Location leads to the operation");
    }

    /// <summary>The status and result URLs of operations, which documents leave to ARM's contract.</summary>
    private Verdict CheckPoll(Exchange exchange, string kind, List<string> violations)
    {
        var status = kind.Equals("azureAsyncOperation", StringComparison.OrdinalIgnoreCase);
        var state = "";
        CheckError(exchange, null, violations);
        if (exchange.Status < 400 && status)
        {
            if (exchange.Status != 200) violations.Add($"a status URL answers 200, not {exchange.Status}");
            violations.AddRange(SchemaCheck.Of(library, library.LongRunningStatus, exchange.Response).Where(v => !v.StartsWith("$.properties:", StringComparison.Ordinal)));
            if (exchange.Response.ValueKind == JsonValueKind.Object && exchange.Response.TryGetProperty("status", out var text))
            {
                state = $" {text.GetString()}";
                if ((text.GetString() == "Failed") != exchange.Response.TryGetProperty("error", out _)) violations.Add("an operation has an error exactly when it failed");
            }
        }
        else if (exchange.Status < 400)
        {
            if (exchange.Status is not (200 or 202 or 204)) violations.Add($"a result URL answers 200, 202 or 204, not {exchange.Status}");
            if (exchange.Status == 202 && !exchange.Headers.ContainsKey("Location")) violations.Add("202 of a result URL has no Location");
            if (exchange.Status == 202 && exchange.Response.ValueKind != JsonValueKind.Undefined) violations.Add("202 of a result URL has a body");
        }

        return new Verdict($"{(status ? "OperationStatus_Get" : "OperationResult_Get")} {exchange.Status}{state}", true, violations);
    }

    private static void CheckCommon(Exchange exchange, List<string> violations)
    {
        foreach (var header in (string[])["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "Cache-Control", "Strict-Transport-Security", "X-Content-Type-Options"])
        {
            if (!exchange.Headers.ContainsKey(header)) violations.Add($"the header {header} is missing");
        }

        if (exchange.Status == 429 && (!exchange.Headers.TryGetValue("Retry-After", out var wait) || !int.TryParse(wait, out _))) violations.Add("429 has no Retry-After in seconds");
        if (exchange.Status == 401 && !exchange.Headers.ContainsKey("WWW-Authenticate")) violations.Add("401 has no WWW-Authenticate");
        if (exchange.Status == 204 && exchange.Response.ValueKind != JsonValueKind.Undefined) violations.Add("204 has a body");
        if (exchange.Response.ValueKind != JsonValueKind.Undefined && !exchange.Headers.GetValueOrDefault("Content-Type", "").StartsWith("application/json", StringComparison.Ordinal)) violations.Add("the body is not told as JSON");
    }

    /// <summary>An error has the shape that the document gives to it, or ARM's own where ARM answers before the service.</summary>
    private void CheckError(Exchange exchange, Place? documented, List<string> violations)
    {
        if (exchange.Status < 400 || exchange.Method == "HEAD") return;
        if (exchange.Response.ValueKind != JsonValueKind.Object)
        {
            violations.Add("an error has no body");
            return;
        }

        var error = exchange.Response.TryGetProperty("error", out var inner) ? inner : exchange.Response;
        if (!Filled(error, "code") || !Filled(error, "message"))
        {
            violations.Add("error shape: code and message must be filled");
            return;
        }

        var own = documented is null ? null : SchemaCheck.Of(library, documented, exchange.Response);
        if (own is { Count: 0 }) return;
        var common = SchemaCheck.Of(library, library.CommonError, exchange.Response);
        if (common.Count == 0 && (own is null || exchange.Status != 400 || s_armCodes.Contains(error.GetProperty("code").GetString()))) return;
        violations.AddRange((own ?? common).Select(v => $"error shape: {v}"));
    }

    private static bool Filled(JsonElement error, string name) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String && text.GetString()!.Length > 0;

    /// <summary>A resource's id is its path, its name the last word of it, its type the words between.</summary>
    private static void CheckIdentity(Exchange exchange, List<string> violations)
    {
        var body = exchange.Response;
        if (body.ValueKind != JsonValueKind.Object || !Filled(body, "id") || !Filled(body, "type")) return;
        var words = exchange.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var provider = Array.FindLastIndex(words, w => w.Equals("providers", StringComparison.OrdinalIgnoreCase));
        if (provider < 0 || (words.Length - provider) % 2 != 0 || words.Length - provider < 4) return;
        var chain = words[(provider + 1)..];
        var type = $"{chain[0]}/{string.Join('/', chain.Skip(1).Where((_, i) => i % 2 == 0))}";
        if (!Same(body.GetProperty("id").GetString(), "/" + string.Join('/', words))) violations.Add($"the id {body.GetProperty("id").GetString()} is not the path");
        if (Filled(body, "name") && !Same(body.GetProperty("name").GetString(), words[^1])) violations.Add($"the name {body.GetProperty("name").GetString()} is not the path's");
        if (!Same(body.GetProperty("type").GetString(), type)) violations.Add($"the type {body.GetProperty("type").GetString()} is not {type}");
    }

    private static bool Same(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("/providers/(Microsoft.Authorization/(roleDefinitions|roleAssignments|permissions)|Microsoft.ResourceHealth/availabilityStatuses|Microsoft.Resources/deployments/[^/]+/operationStatuses|Microsoft.Compute/(locations/[^/]+/usages|skus))(/|$)", RegexOptions.IgnoreCase)]
    private static partial Regex ElsewherePath();

    [GeneratedRegex("^/subscriptions/[^/]+/providers/[^/]+/locations/[^/]+/(azureAsyncOperation|operationResults)/[^/]+$", RegexOptions.IgnoreCase)]
    private static partial Regex OperationUrl();
}
