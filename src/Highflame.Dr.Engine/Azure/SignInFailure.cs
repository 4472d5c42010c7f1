using System.Text.RegularExpressions;
using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>A failed sign-in in words that lead on: which credential was tried, and why it failed.</summary>
internal static partial class SignInFailure
{
    /// <param name="failure">What Azure.Identity threw.</param>
    /// <param name="options">What was asked for; null when the connection was made earlier and its token could not be renewed.</param>
    public static DrException From(AuthenticationFailedException failure, DrConnectionOptions? options = null) => new(
        "HfSignInFailed",
        DrErrorKind.AuthenticationFailed,
        (options, failure) switch
        {
            (_, ChainExhaustedException) => $"No credential of the default chain is available here. Tried {failure.Message}",
            (_, ChainRefusedException) => $"The default chain ended with a refusal. {failure.Message}",
            (null, _) => $"The token could not be renewed: {Words(failure)}",
            (_, CredentialUnavailableException) => $"The sign-in with {Whose(options)} is not available here: {Words(failure)}",
            _ => $"The sign-in with {Whose(options)} failed: {Words(failure)}",
        },
        options?.ClientId,
        NextStep(options?.Credential),
        failure);

    /// <summary>The kind of credential as a person says it.</summary>
    public static string NameOf(DrCredentialKind kind) => kind switch
    {
        DrCredentialKind.ClientSecret => "a client secret",
        DrCredentialKind.ClientCertificate => "a client certificate",
        DrCredentialKind.ManagedIdentity => "the managed identity",
        DrCredentialKind.WorkloadIdentity => "workload identity",
        DrCredentialKind.DeviceCode => "a device code",
        DrCredentialKind.InteractiveBrowser => "the browser",
        DrCredentialKind.AccessToken => "the access token",
        _ => "the default chain",
    };

    /// <summary>The message in one line. Azure.Identity repeats inner messages over several lines and links; the innermost names the cause.</summary>
    public static string Words(Exception failure)
    {
        // What the authority said stands above everything that a library wrapped around it.
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (Authority().Match(inner.Message) is { Success: true } said) return said.Value.Trim();
        }

        var first = FirstLine(failure.Message);
        var last = failure;
        while (last.InnerException is { } inner) last = inner;
        var cause = FirstLine(last.Message);
        return ReferenceEquals(last, failure) || first.Contains(cause, StringComparison.Ordinal) ? first : $"{first} {cause}";
    }

    private static string Whose(DrConnectionOptions options)
    {
        var details = new List<string>();
        if (!string.IsNullOrEmpty(options.ClientId)) details.Add($"client id {options.ClientId}");
        if (!string.IsNullOrEmpty(options.TenantId)) details.Add($"tenant {options.TenantId}");
        return NameOf(options.Credential) + (details.Count == 0 ? "" : $" ({string.Join(", ", details)})");
    }

    private static string NextStep(DrCredentialKind? kind) => kind switch
    {
        DrCredentialKind.ManagedIdentity => "Check that this machine, Automation account or pod has the identity and that its client id is right, then run Connect-HfAzure again.",
        DrCredentialKind.ClientCertificate => "Check tenant, client id, that the certificate is registered with the application and not expired, then run Connect-HfAzure again.",
        DrCredentialKind.WorkloadIdentity => "Check tenant, client id, the token file, and the federated credential (issuer, subject, audience) of the application, then run Connect-HfAzure again.",
        DrCredentialKind.DeviceCode or DrCredentialKind.InteractiveBrowser => "Run Connect-HfAzure again and finish the sign-in in time.",
        DrCredentialKind.AccessToken => "Get a new token for Azure Resource Manager and run Connect-HfAzure again.",
        DrCredentialKind.Default => "Sign in with az login or Connect-AzAccount, set the AZURE_ variables, or choose a credential by parameter, then run Connect-HfAzure again.",
        _ => "Check tenant, client id, secret and the sign-in authority, then run Connect-HfAzure again.",
    };

    private static string FirstLine(string text) => Advice().Replace(text.Split('\n', 2)[0], "").Trim();

    [GeneratedRegex(@"AADSTS[0-9]+: [^\r\n]*?(?=\s*(Trace ID:|Correlation ID:|$|\r|\n))")]
    private static partial Regex Authority();

    [GeneratedRegex(@"\s*((See the troubleshooting guide|See for details|For help|For more information|To troubleshoot)[^.]*[.:]?)?\s*https://aka\.ms/\S+")]
    private static partial Regex Advice();
}
