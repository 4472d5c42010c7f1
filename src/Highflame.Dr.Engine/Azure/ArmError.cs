using System.Text.Json;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Azure's error envelope <c>{"error":{"code","message","target","details"}}</c>. Code branches on the code alone, never on the message.</summary>
internal sealed record ArmError(string Code, string Message)
{
    private static readonly HashSet<string> BusyCodes = new(StringComparer.OrdinalIgnoreCase)
    {
        "ServerIsBusy", "ServerBusy", "AnotherOperationInProgress", "RetryableErrorDueToAnotherOperation", "OperationInProgress",
    };

    /// <summary>True when the resource works on something else: the request was not accepted and may be sent again later.</summary>
    public bool IsBusy => BusyCodes.Contains(Code);

    /// <summary>True when a lock forbids the change.</summary>
    public bool IsLocked => Code.Equals("ScopeLocked", StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"{Code}: {Message}";

    /// <summary>The error of an answer; when its body has none, the status stands for it.</summary>
    public static ArmError Of(ArmAnswer answer) =>
        (answer.Body is { } body ? TryRead(body) : null) ?? new($"Http{answer.Status}", $"Azure answered HTTP {answer.Status} without an error document.");

    /// <summary>The error in a document that has one, under <c>error</c> or at the top; null when it has none.</summary>
    public static ArmError? TryRead(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object) return null;
        var error = document.TryGetProperty("error", out var inner) ? inner : document;
        if (error.ValueKind == JsonValueKind.String) return new(error.GetString()!, Text(document, "error_description") ?? "");
        if (error.ValueKind != JsonValueKind.Object) return null;
        var code = Text(error, "code");
        var message = Text(error, "message");
        if (code is null && message is null) return null;
        if (error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array)
        {
            foreach (var detail in details.EnumerateArray())
                if (detail.ValueKind == JsonValueKind.Object && Text(detail, "message") is { Length: > 0 } more && message?.Contains(more, StringComparison.Ordinal) != true)
                    message = $"{message} [{Text(detail, "code")}: {more}]";
        }
        return new(code ?? "Unspecified", message ?? "");
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The exception that an answer which is no success becomes.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="target">Path that was asked for, without its query.</param>
    public static DrException ToException(ArmAnswer answer, string target)
    {
        var error = Of(answer);
        var request = answer.RequestId is null ? "" : $" (request {answer.RequestId})";
        var said = $"Azure answered HTTP {answer.Status}, {error}{request}";
        return answer.Status switch
        {
            401 => new("HfSignInFailed", DrErrorKind.AuthenticationFailed, $"Azure did not accept the token. {said}", target,
                "Run Connect-HfAzure again; check that the tenant is the one the subscription belongs to."),
            403 when !Is(error, "RequestDisallowedByPolicy") => new("HfPermissionDenied", DrErrorKind.PermissionDenied, said, target,
                "Give the signed-in principal the role that this action needs on the resource, then try again."),
            404 when Is(error, "SubscriptionNotFound") => new("HfSubscriptionNotFound", DrErrorKind.NotFound, said, target,
                "Check the subscription id, and that the signed-in principal may read the subscription."),
            404 => new("HfResourceNotFound", DrErrorKind.NotFound, said, target, "Check the name, the resource group and the subscription."),
            429 => new("HfThrottled", DrErrorKind.ResourceBusy, $"{said} Waiting did not help within the time allowed.", target,
                "Azure limits how many requests one principal may send. Wait a minute and run the command again."),
            _ when answer.IsBusy => new("HfServerBusy", DrErrorKind.ResourceBusy, $"{said} Waiting did not help within the time allowed.", target,
                "Another operation holds the resource. See it in the activity log, wait for its end and run the command again."),
            _ when answer.IsServerError => new("HfArmUnavailable", DrErrorKind.OperationFailed, said, target,
                "Azure has trouble with this resource or its region. See Azure Service Health; try again later, or go on without this region."),
            _ when Is(error, "InvalidTemplate") || Is(error, "InvalidTemplateDeployment") => new("HfTemplateInvalid", DrErrorKind.InvalidArgument, said, target,
                "Correct the template, or what the pair file gives for its parameters. Nothing was changed."),
            _ when Is(error, "DeploymentActive") => new("HfDeploymentActive", DrErrorKind.ResourceBusy, said, target,
                "A deployment of this name runs. Run the command again: it follows it."),
            _ when Is(error, "ScopeLocked") => new("HfAzureRefused", DrErrorKind.OperationFailed, said, target,
                "A lock protects the resource. If the change is meant: Unlock-HfResource takes it away and remembers it, Lock-HfResource puts it back (the failover runbook does both with -Unlock)."),
            _ => new("HfAzureRefused", DrErrorKind.OperationFailed, said, target, "Read Azure's message; correct what it names and run the command again."),
        };
    }

    private static bool Is(ArmError error, string code) => string.Equals(error.Code, code, StringComparison.OrdinalIgnoreCase);
}
