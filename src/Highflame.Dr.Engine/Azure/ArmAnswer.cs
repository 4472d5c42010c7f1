using System.Globalization;
using System.Text.Json;
using Azure.Core;

namespace Highflame.Dr.Engine.Azure;

/// <summary>One HTTP answer of Azure Resource Manager, read to its end.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body when it was JSON.</param>
/// <param name="HasContent">True when there was a body, JSON or not.</param>
/// <param name="AsyncOperation">Header Azure-AsyncOperation, to the letter.</param>
/// <param name="Location">Header Location, to the letter.</param>
/// <param name="RetryAfter">Retry-After, in any of its forms, as a time from now.</param>
/// <param name="RequestId">Azure's own id of the request, for a support case.</param>
internal sealed record ArmAnswer(int Status, JsonElement? Body, bool HasContent, string? AsyncOperation, string? Location, TimeSpan? RetryAfter, string? RequestId)
{
    /// <summary>Azure's clock when it answered, in whole seconds.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>What Azure says is left of the bucket that the request was counted in.</summary>
    public string? Remaining { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>429, or Azure's other words for "not now": the request was not accepted and may be sent again.</summary>
    public bool IsThrottled => Status == 429;

    public bool IsBusy => Status is >= 400 and < 500 and not 429 && ArmError.Of(this) is { IsBusy: true };

    public bool IsServerError => Status is 408 or >= 500;

    /// <param name="response">The answer.</param>
    /// <param name="now">Time of it.</param>
    /// <param name="remainingHeader">Name of the header that tells what is left of the bucket.</param>
    public static ArmAnswer From(global::Azure.Response response, DateTimeOffset now, string? remainingHeader = null)
    {
        JsonElement? body = null;
        var content = response.Content.ToMemory();
        if (!content.IsEmpty)
        {
            try
            {
                using var document = JsonDocument.Parse(content);
                body = document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // A proxy's page: the status still counts; GetAsync reports the missing JSON.
            }
        }
        var headers = response.Headers;
        return new(response.Status, body, !content.IsEmpty, Value(headers, "Azure-AsyncOperation"), Value(headers, "Location"), RetryAfterOf(headers, now), Value(headers, "x-ms-request-id"))
        {
            Date = DateTimeOffset.TryParse(Value(headers, "Date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null,
            Remaining = remainingHeader is null ? null : Value(headers, remainingHeader),
        };
    }

    private static string? Value(ResponseHeaders headers, string name) => headers.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static TimeSpan? RetryAfterOf(ResponseHeaders headers, DateTimeOffset now)
    {
        foreach (var name in (ReadOnlySpan<string>)["retry-after-ms", "x-ms-retry-after-ms"])
            if (double.TryParse(Value(headers, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds >= 0)
                return TimeSpan.FromMilliseconds(Math.Min(milliseconds, 86_400_000));
        var value = Value(headers, "Retry-After");
        if (value is null) return null;
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0)
            return TimeSpan.FromSeconds(Math.Min(seconds, 86_400));
        if (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            return date > now ? date - now : TimeSpan.Zero;
        return null;
    }
}
