using System.Security;
using System.Security.Cryptography.X509Certificates;

namespace Highflame.Dr;

/// <summary>Which credential signs in. Named after Azure.Identity's own credentials.</summary>
public enum DrCredentialKind
{
    /// <summary>Environment, workload identity, managed identity, Azure CLI, Azure PowerShell, Visual Studio Code, in that order.</summary>
    Default,

    /// <summary>A client secret of an app registration.</summary>
    ClientSecret,

    /// <summary>The managed identity of the machine, Automation account or pod.</summary>
    ManagedIdentity,

    /// <summary>A client certificate of an app registration.</summary>
    ClientCertificate,

    /// <summary>A token that another issuer (Kubernetes, GitHub ...) wrote to a file, exchanged for Azure's.</summary>
    WorkloadIdentity,

    /// <summary>A user signs in on another device with a code.</summary>
    DeviceCode,

    /// <summary>A user signs in in the browser of this computer.</summary>
    InteractiveBrowser,

    /// <summary>A token that was handed in. It is not renewed.</summary>
    AccessToken,
}

/// <summary>A name server: host (an IP address) and port.</summary>
public sealed record DnsServer(string Address, int Port = 53)
{
    public override string ToString() => Port == 53 ? Address : $"{Address}:{Port}";
}

/// <summary>Everything <c>Connect-HfAzure</c> gathers. Secrets are <see cref="SecureString"/> and stay so until the engine needs them.</summary>
public sealed record DrConnectionOptions
{
    public DrCredentialKind Credential { get; init; }

    /// <summary>AzureCloud, AzureUSGovernment, AzureChinaCloud, or the https URL of another Azure Resource Manager that says itself where to sign in; null means AzureCloud.</summary>
    public string? Cloud { get; init; }

    /// <summary>Endpoint of Azure Resource Manager; null means the cloud's.</summary>
    public Uri? ArmEndpoint { get; init; }

    /// <summary>Audience of the token; null means the one of Azure's public cloud.</summary>
    public string? ArmAudience { get; init; }

    /// <summary>Sign-in authority; null means Azure's public cloud.</summary>
    public Uri? AuthorityHost { get; init; }

    /// <summary>Path of a PEM file whose certificates are the only trusted roots of this connection; null means the machine's own trust.</summary>
    public string? CaCertificatePath { get; init; }

    public string? TenantId { get; init; }

    public string? SubscriptionId { get; init; }

    public string? ClientId { get; init; }

    public SecureString? ClientSecret { get; init; }

    /// <summary>Client certificate with its private key. The caller keeps it.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Path of a client certificate with its private key: PEM or PKCS#12.</summary>
    public string? CertificatePath { get; init; }

    public SecureString? CertificatePassword { get; init; }

    /// <summary>File with the token of another issuer, for workload identity; null means what AZURE_FEDERATED_TOKEN_FILE says.</summary>
    public string? TokenFilePath { get; init; }

    /// <summary>A token for Azure Resource Manager.</summary>
    public SecureString? AccessToken { get; init; }

    /// <summary>With <see cref="SandboxPath"/>: try the default chain instead of the client secret that the file holds.</summary>
    public bool DefaultChain { get; init; }

    /// <summary>Database administrator that observes and fences servers; null means the databases are seen through Azure alone.</summary>
    public string? DatabaseUser { get; init; }

    public SecureString? DatabasePassword { get; init; }

    /// <summary>Names of the servers that are asked with it, with wildcards; the others are seen through Azure alone. Empty means all.</summary>
    public string[] DatabaseServers { get; init; } = [];

    /// <summary>Vault that holds the database administrator's name and password, read with the sign-in itself; for machines that keep no secret. Not read when <see cref="DatabaseUser"/> is given.</summary>
    public Uri? DatabaseVault { get; init; }

    /// <summary>Name of the secret with the administrator's name.</summary>
    public string DatabaseUserSecret { get; init; } = "username";

    /// <summary>Name of the secret with the administrator's password.</summary>
    public string DatabasePasswordSecret { get; init; } = "password";

    /// <summary>Database to log in to for observation.</summary>
    public string Database { get; init; } = "postgres";

    /// <summary>TCP port of every flexible server. Azure's is 5432.</summary>
    public int DatabasePort { get; init; } = 5432;

    /// <summary>TCP port of every application gateway's HTTPS listener. Azure's users' is 443.</summary>
    public int GatewayPort { get; init; } = 443;

    /// <summary>Name servers to ask instead of the machine's own; empty means the machine's own.</summary>
    public DnsServer[] Resolvers { get; init; } = [];

    /// <summary>A <c>sandbox.json</c>: fills every option above that is not set.</summary>
    public string? SandboxPath { get; init; }
}

/// <summary>A signed-in connection. The engine derives from it; the cmdlets only hold it, per runspace.</summary>
public abstract class DrConnection : IDisposable
{
    public abstract DrContext Context { get; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>What may be shown of a connection: the output of Connect-HfAzure and Get-HfContext. No secret.</summary>
public sealed record DrContext
{
    /// <summary><c>Azure</c>, the name of another cloud, or <c>Sandbox</c>.</summary>
    public required string Environment { get; init; }

    public required string SubscriptionId { get; init; }

    public string? SubscriptionName { get; init; }

    public string? TenantId { get; init; }

    /// <summary>Who is signed in: application id, user name or identity.</summary>
    public string? Account { get; init; }

    public required DrCredentialKind Credential { get; init; }

    /// <summary>Which link of the default chain signed in; null for every other credential.</summary>
    public string? CredentialSource { get; init; }

    public required Uri ArmEndpoint { get; init; }

    /// <summary>The database user that observes the servers; null when they are seen through Azure alone.</summary>
    public string? DatabaseUser { get; init; }

    public DnsServer[] Resolvers { get; init; } = [];
}
