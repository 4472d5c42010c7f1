using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Vaults;

namespace Highflame.Dr.Engine.Azure;

/// <summary>A signed-in connection and the ports it opens: ARM, databases, names. Everything that differs between Azure and the sandbox is in here and nowhere else.</summary>
internal sealed class AzureConnection : DrConnection
{
    private readonly IDisposable? _owned;
    private readonly object _telling = new();
    private HashSet<string>? _told;
    private readonly IVaults? _vaults;

    public AzureConnection(DrContext context, DrConnectionOptions options, IArm arm, IDatabases databases, INameResolver names, X509Certificate2Collection? trustedRoots, TimeProvider time, IDisposable? owned = null)
    {
        Context = context;
        Options = options;
        Arm = arm;
        Databases = databases;
        Names = names;
        TrustedRoots = trustedRoots;
        Time = time;
        _owned = owned;
    }

    public override DrContext Context { get; }

    public DrConnectionOptions Options { get; }

    public IArm Arm { get; }

    public IDatabases Databases { get; }

    public INameResolver Names { get; }

    /// <summary>The only roots this connection trusts; null means the machine's own trust.</summary>
    public X509Certificate2Collection? TrustedRoots { get; }

    public TimeProvider Time { get; }

    /// <summary>The signed-in credential, for services beside ARM; null where a test opened no such thing.</summary>
    public TokenCredential? Token { get; init; }

    /// <summary>The transport with this connection's trust.</summary>
    public HttpPipelineTransport? Transport { get; init; }

    /// <summary>The data plane of Key Vault; one that refuses where a test opened none.</summary>
    public IVaults Vaults { get => _vaults ?? throw new InvalidOperationException("No vaults were opened for this connection."); init => _vaults = value; }

    /// <summary>Loopback addresses count as public ones in the sandbox.</summary>
    public bool IsSandbox => Context.Environment == "Sandbox";

    /// <summary>A run has begun on this connection: what Azure does not answer for is told once for each resource group until it ends.</summary>
    public void BeginTellingOnce()
    {
        lock (_telling) _told = new(StringComparer.OrdinalIgnoreCase);
    }

    public void EndTellingOnce()
    {
        lock (_telling) _told = null;
    }

    /// <summary>False when this was told in the open run already.</summary>
    public bool IsNews(string group)
    {
        lock (_telling) return _told?.Add(group) != false;
    }

    public static AzureConnection From(DrConnection connection) => (AzureConnection)connection;

    /// <summary>A blob container, by the signed-in credential (RBAC, no account key).</summary>
    public BlobContainerClient OpenContainer(Uri container)
    {
        var options = new BlobClientOptions();
        if (Transport is not null) options.Transport = Transport;
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(300);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(3);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        ArmPipeline.Quiet(options);
        return new BlobContainerClient(container, Token, options);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _owned?.Dispose();
    }
}
