using System.Net;

namespace Highflame.Dr.Engine.Notifications;

/// <summary>Where a notice may go: https, plain http to this computer only, or the environment variable that holds such a URL.</summary>
internal static class WebhookUrl
{
    private const string FromEnvironment = "env:";

    /// <summary>True for what a pair file may say.</summary>
    public static bool IsAllowed(string text) => text.StartsWith(FromEnvironment, StringComparison.Ordinal) || TryParse(text) is not null;

    /// <summary>The text, or what the environment variable holds that it names; null when that is not set.</summary>
    public static string? Resolve(string text) =>
        text.StartsWith(FromEnvironment, StringComparison.Ordinal) ? Environment.GetEnvironmentVariable(text[FromEnvironment.Length..]) is { Length: > 0 } value ? value : null : text;

    /// <summary>The URL to post to; null when it is none or would go out in clear.</summary>
    public static Uri? TryParse(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri))) ? uri : null;

    // Uri.IsLoopback is true for names that only look like this computer's.
    private static bool IsLoopback(Uri uri) => uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
