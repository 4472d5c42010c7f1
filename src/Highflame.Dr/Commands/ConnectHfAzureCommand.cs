using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;

namespace Highflame.Dr.Commands;

/// <summary>
/// Signs in to Azure, or to a sandbox, and keeps the connection for this session. The code path is the same for both: only endpoint, authority and
/// trusted certificates differ.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "HfAzure", DefaultParameterSetName = DefaultSet)]
[OutputType(typeof(DrContext))]
public sealed class ConnectHfAzureCommand : DrCmdlet
{
    private const string SandboxSet = "Sandbox";
    private const string DefaultSet = "Default";
    private const string SecretSet = "ClientSecret";
    private const string IdentitySet = "ManagedIdentity";
    private const string CertificateSet = "ClientCertificate";
    private const string CertificateFileSet = "ClientCertificateFile";
    private const string WorkloadSet = "WorkloadIdentity";
    private const string DeviceSet = "DeviceCode";
    private const string BrowserSet = "InteractiveBrowser";
    private const string TokenSet = "AccessToken";

    /// <summary>Path of a sandbox.json, a directory that holds one, or the output of Start-HfSandbox. Fills every option that is not given.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SandboxSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = SecretSet)]
    [Parameter(ParameterSetName = IdentitySet)]
    [Parameter(ParameterSetName = CertificateSet)]
    [Parameter(ParameterSetName = CertificateFileSet)]
    [Parameter(ParameterSetName = WorkloadSet)]
    [Parameter(ParameterSetName = DeviceSet)]
    [Parameter(ParameterSetName = BrowserSet)]
    [Parameter(ParameterSetName = TokenSet)]
    [Alias("SandboxPath", "Path")]
    [SandboxPathTransformation(SandboxFile.Sandbox)]
    [ValidateNotNullOrEmpty]
    public string Sandbox { get; set; } = "";

    /// <summary>Try the default chain instead of the client secret that sandbox.json holds.</summary>
    [Parameter(ParameterSetName = SandboxSet)]
    public SwitchParameter DefaultChain { get; set; }

    /// <summary>Application (client) id as user name and client secret as password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SecretSet)]
    public PSCredential? Credential { get; set; }

    /// <summary>Sign in as the managed identity of this machine, Automation account or pod.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdentitySet)]
    public SwitchParameter Identity { get; set; }

    /// <summary>Client certificate of an application, with its private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CertificateSet)]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>PEM or PKCS#12 file with the client certificate of an application and its private key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CertificateFileSet)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>Password of the certificate's file.</summary>
    [Parameter(ParameterSetName = CertificateFileSet)]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Exchange the token that Kubernetes or another issuer wrote to a file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = WorkloadSet)]
    public SwitchParameter WorkloadIdentity { get; set; }

    /// <summary>File with the issuer's token; default is what AZURE_FEDERATED_TOKEN_FILE says.</summary>
    [Parameter(ParameterSetName = WorkloadSet)]
    [ValidateNotNullOrEmpty]
    public string? TokenFilePath { get; set; }

    /// <summary>Show a code with which a user signs in on another device.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DeviceSet)]
    public SwitchParameter DeviceCode { get; set; }

    /// <summary>Sign in as a user in the browser of this computer.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BrowserSet)]
    public SwitchParameter Interactive { get; set; }

    /// <summary>A token for Azure Resource Manager that was got elsewhere. It is not renewed: the connection ends with it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TokenSet)]
    [ValidateNotNull]
    public SecureString? AccessToken { get; set; }

    /// <summary>
    /// Client id: of the application, or of a user-assigned managed identity (without it the system-assigned one is used). For a user, that of a public client.
    /// </summary>
    [Parameter(ParameterSetName = IdentitySet)]
    [Parameter(Mandatory = true, ParameterSetName = CertificateSet)]
    [Parameter(Mandatory = true, ParameterSetName = CertificateFileSet)]
    [Parameter(ParameterSetName = WorkloadSet)]
    [Parameter(ParameterSetName = DeviceSet)]
    [Parameter(ParameterSetName = BrowserSet)]
    public string? ClientId { get; set; }

    /// <summary>AzureCloud (the default), AzureUSGovernment, AzureChinaCloud, or the https URL of another Azure Resource Manager.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(EnvironmentCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <summary>Tenant to sign in to.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TenantIdCompleter))]
    public string? TenantId { get; set; }

    /// <summary>Subscription to work in.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SubscriptionIdCompleter))]
    public string? SubscriptionId { get; set; }

    /// <summary>Endpoint of Azure Resource Manager; default is that of the environment.</summary>
    [Parameter]
    public Uri? ArmEndpoint { get; set; }

    /// <summary>Audience of the token; default is that of the environment.</summary>
    [Parameter]
    public string? ArmAudience { get; set; }

    /// <summary>Sign-in authority; default is that of the environment.</summary>
    [Parameter]
    public Uri? AuthorityHost { get; set; }

    /// <summary>PEM file whose certificates are the only roots that this connection trusts; default is the machine's own trust.</summary>
    [Parameter]
    public string? CaCertificatePath { get; set; }

    /// <summary>Database administrator that observes and fences the servers. Without it the databases are seen through Azure alone.</summary>
    [Parameter]
    public PSCredential? DatabaseCredential { get; set; }

    /// <summary>
    /// Names of the servers that are asked with the database administrator, with wildcards; the others are seen through Azure alone, and zero loss is not proven for them. Default is all: give it where
    /// only some databases can be reached from here.
    /// </summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] DatabaseServer { get; set; } = [];

    /// <summary>
    /// Address of the vault that holds the database administrator's name and password (https://NAME.vault.azure.net), read with the sign-in itself: for Azure Automation and other machines that keep no
    /// secret. Choose one that outlives the region that may be lost.
    /// </summary>
    [Parameter]
    public Uri? DatabaseVault { get; set; }

    /// <summary>Name of the vault's secret with the administrator's name; default is username.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string DatabaseUserSecret { get; set; } = "username";

    /// <summary>Name of the vault's secret with the administrator's password; default is password.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string DatabasePasswordSecret { get; set; } = "password";

    /// <summary>Database to log in to for observation; default is postgres.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Database { get; set; } = "postgres";

    /// <summary>TCP port of every flexible server; default is 5432.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int DatabasePort { get; set; } = 5432;

    /// <summary>TCP port of every application gateway's HTTPS listener; default is 443.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int GatewayPort { get; set; } = 443;

    /// <summary>Name servers to ask instead of the machine's own: an IP address, or address:port ([address]:port for IPv6).</summary>
    [Parameter]
    public string[] Resolver { get; set; } = [];

    private protected override void Process()
    {
        var options = new DrConnectionOptions
        {
            Credential = ParameterSetName switch
            {
                SecretSet => DrCredentialKind.ClientSecret,
                IdentitySet => DrCredentialKind.ManagedIdentity,
                CertificateSet or CertificateFileSet => DrCredentialKind.ClientCertificate,
                WorkloadSet => DrCredentialKind.WorkloadIdentity,
                DeviceSet => DrCredentialKind.DeviceCode,
                BrowserSet => DrCredentialKind.InteractiveBrowser,
                TokenSet => DrCredentialKind.AccessToken,
                _ => DrCredentialKind.Default,
            },
            DefaultChain = DefaultChain,
            Cloud = Environment,
            ArmEndpoint = ArmEndpoint,
            ArmAudience = ArmAudience,
            AuthorityHost = AuthorityHost,
            CaCertificatePath = CaCertificatePath is null ? null : FullPath(CaCertificatePath),
            TenantId = TenantId,
            SubscriptionId = SubscriptionId,
            ClientId = Credential?.UserName ?? ClientId,
            ClientSecret = Credential?.Password,
            Certificate = Certificate,
            CertificatePath = CertificatePath is null ? null : FullPath(CertificatePath),
            CertificatePassword = CertificatePassword,
            TokenFilePath = TokenFilePath is null ? null : FullPath(TokenFilePath),
            AccessToken = AccessToken,
            DatabaseUser = DatabaseCredential?.UserName,
            DatabasePassword = DatabaseCredential?.Password,
            DatabaseServers = DatabaseServer,
            DatabaseVault = DatabaseVault,
            DatabaseUserSecret = DatabaseUserSecret,
            DatabasePasswordSecret = DatabasePasswordSecret,
            Database = Database,
            DatabasePort = DatabasePort,
            GatewayPort = GatewayPort,
            Resolvers = ResolverArgument.Parse(Resolver),
            SandboxPath = Sandbox.Length == 0 ? null : SandboxArgument.File(FullPath(Sandbox)),
        };
        var connection = Await((observer, token) => Engine.ConnectAsync(options, observer, token));
        State.Connect(connection);
        if (options.SandboxPath is { } sandbox) State.SandboxPath = sandbox;
        WriteObject(connection.Context);
    }
}
