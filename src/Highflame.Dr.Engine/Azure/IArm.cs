using System.Text.Json;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Azure;

/// <summary>What Azure answered to a write.</summary>
/// <param name="Status">HTTP status, 2xx.</param>
/// <param name="OperationUrl">Azure-AsyncOperation, else Location, to the letter; null when the write was synchronous.</param>
/// <param name="Body">The answer's body, when it had one.</param>
internal sealed record ArmAccepted(int Status, string? OperationUrl, JsonElement? Body);

/// <summary>How an operation stands.</summary>
internal sealed record ArmPoll(StepOutcome Outcome, string Status, string? ErrorCode, string? ErrorMessage, TimeSpan? RetryAfter)
{
    /// <summary>The answer's body after success: the result, for an operation whose URL gives it.</summary>
    public JsonElement? Body { get; init; }
}

/// <summary>
/// Azure Resource Manager over one connection's pipeline. Paths are resource ids or begin with /subscriptions or /providers; the api-version of a resource
/// type is pinned in <see cref="ApiVersions"/>. Every failure is a <see cref="DrException"/>: HfArmUnreachable, HfSignInFailed, HfPermissionDenied, HfResourceNotFound,
/// HfServerBusy, HfThrottled, HfAzureRefused (with Azure's own code and message), HfOutcomeUnknown.
/// </summary>
internal interface IArm
{
    /// <summary>Reads; retried on 429 and 5xx with a budget. Null when Azure answers 404.</summary>
    Task<JsonElement?> TryGetAsync(string path, string apiVersion, CancellationToken cancellationToken);

    /// <summary>Reads; a 404 is HfResourceNotFound.</summary>
    Task<JsonElement> GetAsync(string path, string apiVersion, CancellationToken cancellationToken);

    /// <summary>Reads a list to its end, following nextLink verbatim.</summary>
    Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a write once. 429 and "server is busy" wait and try again (they were not accepted); a lost response or a 5xx is HfOutcomeUnknown,
    /// never repeated: the caller observes again and decides.
    /// </summary>
    Task<ArmAccepted> WriteAsync(HttpMethod method, string path, string apiVersion, object? body, CancellationToken cancellationToken);

    /// <summary>Asks once how an operation stands. The URL is used to the letter.</summary>
    Task<ArmPoll> PollAsync(string operationUrl, CancellationToken cancellationToken);
}

/// <summary>What Azure's clock said when it answered.</summary>
/// <param name="Said">The answer's Date header: whole seconds.</param>
/// <param name="Before">Our clock before the question.</param>
/// <param name="After">Our clock after the answer.</param>
internal sealed record ClockReading(DateTimeOffset Said, DateTimeOffset Before, DateTimeOffset After);

/// <summary>Azure Resource Manager as a clock.</summary>
internal interface IArmClock
{
    /// <summary>Reads the time of one answer, whatever the answer is; null when it tells none.</summary>
    Task<ClockReading?> ReadClockAsync(string path, string apiVersion, CancellationToken cancellationToken);
}

/// <summary>The api-versions this product speaks (reference/azure-facts.md section 0).</summary>
internal static class ApiVersions
{
    public const string FlexibleServers = "2025-08-01";
    public const string TrafficManager = "2022-04-01";
    public const string Network = "2024-05-01";
    public const string Resources = "2022-09-01";
    public const string Subscriptions = "2022-12-01";
    public const string Deployments = "2024-03-01";
    public const string Vaults = "2024-11-01";
    public const string Locks = "2020-05-01";
    public const string Metrics = "2024-02-01";
    public const string Clusters = "2025-10-01";
    public const string Caches = "2024-11-01";
    public const string ComputeUsages = "2024-07-01";
    public const string ComputeSkus = "2021-07-01";
    public const string ResourceHealth = "2025-05-01";
    public const string Permissions = "2022-04-01";
}
