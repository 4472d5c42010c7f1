using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>The credential that a connection asks for, from Azure.Identity.</summary>
internal static class AzureCredentials
{
    public static TokenCredential Create(DrConnectionOptions options, HttpPipelineTransport? transport) => options.Credential switch
    {
        DrCredentialKind.ClientSecret => ClientSecret(options, transport),
        DrCredentialKind.ManagedIdentity => ManagedIdentity(options, transport),
        _ => Chain(options, transport),
    };

    private static ClientSecretCredential ClientSecret(DrConnectionOptions options, HttpPipelineTransport? transport)
    {
        var missing = new List<string>();
        if (string.IsNullOrEmpty(options.TenantId)) missing.Add("tenant id");
        if (string.IsNullOrEmpty(options.ClientId)) missing.Add("client id");
        if (options.ClientSecret is null || options.ClientSecret.Length == 0) missing.Add("client secret");
        if (missing.Count > 0)
            throw new DrException("HfSignInFailed", DrErrorKind.AuthenticationFailed, $"A sign-in with a client secret needs: {string.Join(", ", missing)}.", options.ClientId, "Give what is missing to Connect-HfAzure.");
        return new(options.TenantId, options.ClientId, SecretText.Reveal(options.ClientSecret!), Prepare(new ClientSecretCredentialOptions { DisableInstanceDiscovery = options.AuthorityHost is not null }, options, transport));
    }

    private static ManagedIdentityCredential ManagedIdentity(DrConnectionOptions options, HttpPipelineTransport? transport)
    {
        var identity = string.IsNullOrEmpty(options.ClientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(options.ClientId);
        return new(Prepare(new ManagedIdentityCredentialOptions(identity), options, transport));
    }

    /// <summary>Environment, workload identity, managed identity (after a quick look whether there is one), Azure CLI, Azure PowerShell.</summary>
    private static DefaultAzureCredential Chain(DrConnectionOptions options, HttpPipelineTransport? transport) => new(Prepare(new DefaultAzureCredentialOptions
    {
        TenantId = options.TenantId,
        ManagedIdentityClientId = options.ClientId,
        DisableInstanceDiscovery = options.AuthorityHost is not null,
        ExcludeVisualStudioCredential = true,
        ExcludeVisualStudioCodeCredential = true,
        ExcludeAzureDeveloperCliCredential = true,
        ExcludeInteractiveBrowserCredential = true,
        ExcludeBrokerCredential = true,
    }, options, transport));

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
