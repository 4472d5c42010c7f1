using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>A failed sign-in in words that lead on.</summary>
internal static class SignInFailure
{
    public static DrException From(AuthenticationFailedException failure) => new(
        "HfSignInFailed",
        DrErrorKind.AuthenticationFailed,
        failure is CredentialUnavailableException
            ? $"No credential is available here: {Words(failure)}"
            : $"The sign-in failed: {Words(failure)}",
        null,
        "Check tenant, client id, secret and the sign-in authority, then run Connect-HfAzure again.",
        failure);

    // Azure.Identity repeats inner messages over several lines and links; the innermost names the cause.
    private static string Words(Exception failure)
    {
        var first = FirstLine(failure.Message);
        var last = failure;
        while (last.InnerException is { } inner) last = inner;
        var cause = FirstLine(last.Message);
        return ReferenceEquals(last, failure) || first.Contains(cause, StringComparison.Ordinal) ? first : $"{first} {cause}";
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
