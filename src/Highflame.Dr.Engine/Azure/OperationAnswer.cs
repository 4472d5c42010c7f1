using System.Text.Json;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Azure;

/// <summary>
/// Reads the answer of an operation's URL. Azure has two styles: a status document behind Azure-AsyncOperation (HTTP 200, also when the operation failed)
/// and the Location style (202 while it runs, then 200 with the result or 204). Anything that is not a final word means that it still runs.
/// </summary>
internal static class OperationAnswer
{
    public static ArmPoll Read(ArmAnswer answer, string target)
    {
        if (answer.IsThrottled || answer.IsServerError || answer.Status is 401 or 403) throw ArmError.ToException(answer, target);
        // Azure keeps finished operations for a limited time: gone says nothing about how it ended.
        if (answer.Status is 404 or 410) return new(StepOutcome.Unknown, "NotFound", null, null, null);
        if (answer.Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String)
            return FromDocument(status.GetString()!, body, answer.RetryAfter);
        if (!answer.IsSuccess)
        {
            var error = ArmError.Of(answer);
            return new(StepOutcome.Failed, "Failed", error.Code, error.Message, null);
        }
        if (answer.Body is { } resource && IsDeployment(resource, out var state))
        {
            var reason = ArmError.TryRead(resource.GetProperty("properties"));
            return state switch
            {
                "Succeeded" => new(StepOutcome.Succeeded, state, null, null, null),
                "Failed" or "Canceled" => new(StepOutcome.Failed, state, reason?.Code ?? state, reason?.Message ?? "Azure gave no reason.", null),
                _ => new(StepOutcome.Pending, state, null, null, answer.RetryAfter),
            };
        }

        return answer.Status == 202
            ? new(StepOutcome.Pending, "InProgress", null, null, answer.RetryAfter)
            : new(StepOutcome.Succeeded, "Succeeded", null, null, null);
    }

    /// <summary>A deployment that was found again has no URL but its own: it tells its state itself.</summary>
    private static bool IsDeployment(JsonElement body, out string state)
    {
        state = "";
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
            || !type.GetString()!.Equals("Microsoft.Resources/deployments", StringComparison.OrdinalIgnoreCase)
            || !body.TryGetProperty("properties", out var properties) || !properties.TryGetProperty("provisioningState", out var word) || word.ValueKind != JsonValueKind.String) return false;
        state = word.GetString()!;
        return true;
    }

    private static ArmPoll FromDocument(string status, JsonElement body, TimeSpan? retryAfter)
    {
        if (status.Equals("Succeeded", StringComparison.OrdinalIgnoreCase)) return new(StepOutcome.Succeeded, "Succeeded", null, null, null);
        var canceled = status.Equals("Canceled", StringComparison.OrdinalIgnoreCase) || status.Equals("Cancelled", StringComparison.OrdinalIgnoreCase);
        if (!canceled && !status.Equals("Failed", StringComparison.OrdinalIgnoreCase)) return new(StepOutcome.Pending, status, null, null, retryAfter);
        var error = body.TryGetProperty("error", out _) ? ArmError.TryRead(body) : null;
        return new(StepOutcome.Failed, canceled ? "Canceled" : "Failed", error?.Code ?? (canceled ? "OperationCanceled" : "OperationFailed"), error?.Message ?? "Azure gave no reason.", null);
    }
}
