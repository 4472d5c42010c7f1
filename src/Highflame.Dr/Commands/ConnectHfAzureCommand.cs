using System.Management.Automation;
using Highflame.Dr.Binding;

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

    /// <summary>Path of a sandbox.json, a directory that holds one, or the output of Start-HfSandbox. Fills every option that is not given.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SandboxSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SandboxPath", "Path")]
    [SandboxPathTransformation(SandboxFile.Sandbox)]
    [ValidateNotNullOrEmpty]
    public string Sandbox { get; set; } = "";

    /// <summary>Application (client) id as user name and client secret as password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SecretSet)]
    public PSCredential? Credential { get; set; }

    /// <summary>Sign in as the managed identity of this machine, Automation account or pod.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IdentitySet)]
    public SwitchParameter Identity { get; set; }

    /// <summary>Client id of a user-assigned managed identity; without it the system-assigned one is used.</summary>
    [Parameter(ParameterSetName = IdentitySet)]
    public string? ClientId { get; set; }

    /// <summary>Tenant to sign in to.</summary>
    [Parameter]
    public string? TenantId { get; set; }

    /// <summary>Subscription to work in.</summary>
    [Parameter]
    public string? SubscriptionId { get; set; }

    /// <summary>Endpoint of Azure Resource Manager; default is Azure's public cloud.</summary>
    [Parameter]
    public Uri? ArmEndpoint { get; set; }

    /// <summary>Audience of the token; default is Azure's public cloud.</summary>
    [Parameter]
    public string? ArmAudience { get; set; }

    /// <summary>Sign-in authority; default is Azure's public cloud.</summary>
    [Parameter]
    public Uri? AuthorityHost { get; set; }

    /// <summary>PEM file whose certificates are the only roots that this connection trusts; default is the machine's own trust.</summary>
    [Parameter]
    public string? CaCertificatePath { get; set; }

    /// <summary>Database administrator that observes and fences the servers. Without it the databases are seen through Azure alone.</summary>
    [Parameter]
    public PSCredential? DatabaseCredential { get; set; }

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
                _ => DrCredentialKind.Default,
            },
            ArmEndpoint = ArmEndpoint,
            ArmAudience = ArmAudience,
            AuthorityHost = AuthorityHost,
            CaCertificatePath = CaCertificatePath is null ? null : FullPath(CaCertificatePath),
            TenantId = TenantId,
            SubscriptionId = SubscriptionId,
            ClientId = Credential?.UserName ?? ClientId,
            ClientSecret = Credential?.Password,
            DatabaseUser = DatabaseCredential?.UserName,
            DatabasePassword = DatabaseCredential?.Password,
            Database = Database,
            DatabasePort = DatabasePort,
            GatewayPort = GatewayPort,
            Resolvers = ResolverArgument.Parse(Resolver),
            SandboxPath = ParameterSetName == SandboxSet ? SandboxArgument.File(FullPath(Sandbox)) : null,
        };
        var connection = Await((observer, token) => Engine.ConnectAsync(options, observer, token));
        State.Connect(connection);
        if (options.SandboxPath is { } sandbox) State.SandboxPath = sandbox;
        WriteObject(connection.Context);
    }
}
