using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>The credential that a connection asks for, from Azure.Identity. Tokens are cached as Azure.Identity does it: in memory, renewed before they expire.</summary>
internal static class AzureCredentials
{
    /// <param name="options">Filled options.</param>
    /// <param name="transport">Null takes Azure.Core's own.</param>
    /// <param name="tell">Shows a user what to do to sign in.</param>
    /// <param name="own">Takes what must be disposed of with the connection.</param>
    /// <param name="time">Clock that a handed-in token's expiry is compared with.</param>
    public static TokenCredential Create(DrConnectionOptions options, HttpPipelineTransport? transport, Action<string> tell, Action<IDisposable> own, TimeProvider time)
    {
        switch (options.Credential)
        {
            case DrCredentialKind.ClientSecret:
                Require(options, ("tenant id", options.TenantId), ("client id", options.ClientId), ("client secret", options.ClientSecret is { Length: > 0 } ? "given" : null));
                return new ClientSecretCredential(options.TenantId, options.ClientId, SecretText.Reveal(options.ClientSecret!), Prepare(new ClientSecretCredentialOptions { DisableInstanceDiscovery = Elsewhere(options) }, options, transport));
            case DrCredentialKind.ClientCertificate:
                Require(options, ("tenant id", options.TenantId), ("client id", options.ClientId), ("certificate", options.Certificate is not null ? "given" : options.CertificatePath));
                var certificate = options.Certificate is { } given
                    ? ClientCertificates.Usable(given, given.Subject)
                    : ClientCertificates.Read(options.CertificatePath!, options.CertificatePassword is { } password ? SecretText.Reveal(password) : null);
                if (options.Certificate is null) own(certificate);
                return new ClientCertificateCredential(options.TenantId, options.ClientId, certificate, Prepare(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = Elsewhere(options), SendCertificateChain = false }, options, transport));
            case DrCredentialKind.ManagedIdentity:
                return ManagedIdentity(options, own);
            case DrCredentialKind.WorkloadIdentity:
                return WorkloadIdentity(options, transport);
            case DrCredentialKind.DeviceCode:
                return new DeviceCodeCredential(Prepare(new DeviceCodeCredentialOptions
                {
                    TenantId = options.TenantId,
                    ClientId = options.ClientId ?? DeveloperClient,
                    DisableInstanceDiscovery = Elsewhere(options),
                    DeviceCodeCallback = (code, _) =>
                    {
                        tell(code.Message);
                        return Task.CompletedTask;
                    },
                }, options, transport));
            case DrCredentialKind.InteractiveBrowser:
                return new InteractiveBrowserCredential(Prepare(new InteractiveBrowserCredentialOptions
                {
                    TenantId = options.TenantId,
                    ClientId = options.ClientId ?? DeveloperClient,
                    DisableInstanceDiscovery = Elsewhere(options),
                }, options, transport));
            case DrCredentialKind.AccessToken:
                Require(options, ("access token", options.AccessToken is { Length: > 0 } ? "given" : null));
                return new HandedToken(options.AccessToken!, time);
            default:
                return Chain(options, transport, own);
        }
    }

    /// <summary>Microsoft's public client for development tools, which Azure.Identity takes too.</summary>
    private const string DeveloperClient = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

    private static readonly string[] s_microsofts = ["login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.partner.microsoftonline.cn", "login.windows.net"];

    /// <summary>Its endpoint is on this machine or on its link: no proxy stands before it, and no certificate.</summary>
    private static ManagedIdentityCredential ManagedIdentity(DrConnectionOptions options, Action<IDisposable> own)
    {
        var client = ManagedIdentityWhereThereIsOne.CreateClient();
        own(client);
        var identity = string.IsNullOrEmpty(options.ClientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(options.ClientId);
        return new(Prepare(new ManagedIdentityCredentialOptions(identity), options, new HttpClientTransport(client)));
    }

    private static WorkloadIdentityCredential WorkloadIdentity(DrConnectionOptions options, HttpPipelineTransport? transport)
    {
        var credential = new WorkloadIdentityCredentialOptions { DisableInstanceDiscovery = Elsewhere(options) };
        // What is null comes from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE.
        if (options.TenantId is not null) credential.TenantId = options.TenantId;
        if (options.ClientId is not null) credential.ClientId = options.ClientId;
        if (options.TokenFilePath is not null) credential.TokenFilePath = options.TokenFilePath;
        return new(Prepare(credential, options, transport));
    }

    /// <summary>Environment, workload identity, managed identity (after a quick look whether there is one), Azure CLI, Azure PowerShell, Visual Studio Code.</summary>
    private static CredentialChain Chain(DrConnectionOptions options, HttpPipelineTransport? transport, Action<IDisposable> own) => new(
    [
        new("environment variables", new EnvironmentCredential(Prepare(new EnvironmentCredentialOptions { DisableInstanceDiscovery = Elsewhere(options) }, options, transport)), SetUpOnPurpose: true),
        new("workload identity", WorkloadIdentity(options, transport), SetUpOnPurpose: true),
        new("managed identity", new ManagedIdentityWhereThereIsOne(ManagedIdentity(options, own), own)),
        new("Azure CLI", new AzureCliCredential(Prepare(new AzureCliCredentialOptions { TenantId = options.TenantId }, options, transport))),
        new("Azure PowerShell", new AzurePowerShellCredential(Prepare(new AzurePowerShellCredentialOptions { TenantId = options.TenantId }, options, transport))),
        new("Visual Studio Code", new VisualStudioCodeCredential(Prepare(new VisualStudioCodeCredentialOptions { TenantId = options.TenantId }, options, transport))),
    ]);

    /// <summary>True when Microsoft's public directory of authorities cannot know the authority.</summary>
    private static bool Elsewhere(DrConnectionOptions options) => options.AuthorityHost is { } host && !s_microsofts.Contains(host.Host, StringComparer.OrdinalIgnoreCase);

    private static void Require(DrConnectionOptions options, params (string Name, string? Value)[] needed)
    {
        var missing = needed.Where(n => string.IsNullOrEmpty(n.Value)).Select(n => n.Name).ToList();
        if (missing.Count == 0) return;
        throw new DrException("HfSignInFailed", DrErrorKind.AuthenticationFailed, $"A sign-in with {SignInFailure.NameOf(options.Credential)} needs: {string.Join(", ", missing)}.", options.ClientId, "Give what is missing to Connect-HfAzure.");
    }

    private static T Prepare<T>(T credential, DrConnectionOptions options, HttpPipelineTransport? transport)
        where T : TokenCredentialOptions
    {
        if (options.AuthorityHost is not null) credential.AuthorityHost = options.AuthorityHost;
        if (transport is not null) credential.Transport = transport;
        credential.Retry.MaxRetries = 2;
        credential.Retry.Delay = TimeSpan.FromMilliseconds(300);
        credential.Retry.MaxDelay = TimeSpan.FromSeconds(3);
        credential.Retry.NetworkTimeout = TimeSpan.FromSeconds(20);
        ArmPipeline.Quiet(credential);
        return credential;
    }
}
