using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Access;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Arm.Deployments;
using Highflame.Dr.Sandbox.Arm.Documents;
using Highflame.Dr.Sandbox.Arm.FlexibleServers;
using Highflame.Dr.Sandbox.Arm.Health;
using Highflame.Dr.Sandbox.Arm.Insights;
using Highflame.Dr.Sandbox.Arm.TrafficManager;
using Highflame.Dr.Sandbox.Elsewhere;
using Highflame.Dr.Sandbox.Faults;
using Highflame.Dr.Sandbox.Hosting;
using Highflame.Dr.Sandbox.Identity;
using Highflame.Dr.Sandbox.Seed;
using Highflame.Dr.Sandbox.Vaults;

namespace Highflame.Dr.Sandbox;

/// <summary>The composition root: ARM, authority, managed identity and control over given real parts. Tests give it fakes.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Listener> _listeners = [];
    private readonly ExchangeLog? _exchanges = ExchangeLog.FromEnvironment();
    private readonly TokenIssuer _tokens;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly ServerTable _servers;
    private readonly ServerAddresses _addresses;
    private readonly ProfileDocuments _profiles;
    private readonly MetricSamples _samples;
    private readonly ServiceValues _values;
    private DeploymentProvider _deployments = null!;
    private ServerCreation? _creation;
    private ElsewhereEndpoints? _elsewhere;
    private Task _sampling = Task.CompletedTask;

    private Composition(SandboxLayout layout, SandboxIdentity identity, RealParts parts, TimeProvider time, ILoggerFactory logs)
    {
        (Layout, Identity, Parts, _time, _logs) = (layout, identity, parts, time, logs);
        Settings = new Settings(layout.Root, layout.TimeScale);
        Requests = new RequestLog(layout.RequestLogPath);
        _tokens = new TokenIssuer(identity.TenantId, () => $"{Authority?.OriginalString}/{identity.TenantId}/", () => TimeSpan.FromSeconds(Settings.Behaviour.TokenLifetimeSeconds), time);
        Operations = new Operations(Faults, Settings, time, logs.CreateLogger<Operations>(), _stopping.Token);
        Store = new ResourceStore(time);
        _servers = new ServerTable(Store, parts.Databases, Faults);
        _addresses = new ServerAddresses(parts.Databases, parts.Traffic);
        _profiles = new ProfileDocuments(Store, parts.Traffic);
        _samples = new MetricSamples(_servers, time);
        Secrets = new SecretStore(time);
        Keys = new KeyStore(time);
        Vaults = new VaultDirectory(Store, parts.Traffic);
        _values = new ServiceValues(layout, identity, Store, parts.Traffic, parts.Databases);
        Groups = new ResourceGroups(identity.SubscriptionId, Store, Locks, Operations, time);
    }

    public SandboxLayout Layout { get; }

    public SandboxIdentity Identity { get; }

    public RealParts Parts { get; }

    public Settings Settings { get; }

    public FaultBoard Faults { get; } = new();

    public ResourceStore Store { get; }

    public LockStore Locks { get; } = new();

    public ResourceGroups Groups { get; }

    public Operations Operations { get; }

    public RequestLog Requests { get; }

    /// <summary>Who may do what where.</summary>
    public RoleBoard Roles { get; } = new();

    public SecretStore Secrets { get; }

    public KeyStore Keys { get; }

    /// <summary>Certificate and federated token of the application registration.</summary>
    public ApplicationCredentials Credentials { get; private set; } = null!;

    public VaultDirectory Vaults { get; }

    public string ControlKey { get; } = LayoutPlan.Secret();

    public Uri Arm { get; private set; } = null!;

    public Uri Authority { get; private set; } = null!;

    public Uri Control { get; private set; } = null!;

    /// <summary>Plain HTTP: the managed identity in both forms.</summary>
    public Uri ManagedIdentity { get; private set; } = null!;

    /// <summary>A place outside both regions: a vantage point, a webhook and Application Insights.</summary>
    public Uri Elsewhere { get; private set; } = null!;

    /// <summary>Ends when the control endpoint was asked to stop.</summary>
    public TaskCompletionSource StopAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Builds everything and listens. ARM holds no resource yet: see <see cref="Seed.UsersEnvironment"/>.</summary>
    public static async Task<Composition> StartAsync(
        SandboxLayout layout, SandboxIdentity identity, SandboxCertificates certificates, RealParts parts, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var made = new Composition(layout, identity, parts, time, logs);
        try
        {
            await made.ListenAsync(certificates, cancellationToken);
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    private async Task ListenAsync(SandboxCertificates certificates, CancellationToken cancellationToken)
    {
        Credentials = new ApplicationCredentials(Identity, () => Authority.OriginalString, _time);
        var authority = new AuthorityEndpoints(Identity, _tokens, Credentials, () => Authority.OriginalString, _time);
        Authority = await AddAsync(certificates, Outside(authority.Map), cancellationToken);
        var managed = new ManagedIdentityEndpoints(Identity, _tokens, _time);
        ManagedIdentity = await AddAsync(null, managed.Map, cancellationToken);

        var router = new ArmRouter(Identity.SubscriptionId, new SubscriptionEndpoints(Identity, Groups, new ResourceLists(Store), Settings), Providers(), Store, Locks, Operations, Faults, new AccessGate(Roles));
        _deployments.Send = router.RouteAsync;
        var pipeline = new ArmPipeline(router, _tokens, Faults, Requests, _exchanges, new RateLimits(Settings, _time), _time, _logs.CreateLogger<ArmPipeline>());
        var cloud = new CloudMetadata(Identity, () => Authority.OriginalString, () => Arm.OriginalString);
        Arm = await AddAsync(
            certificates,
            Outside(application =>
            {
                application.Map(CloudMetadata.Path, branch => branch.Run(cloud.AnswerAsync));
                application.Run(pipeline.HandleAsync);
            }),
            cancellationToken);

        var vaults = new VaultEndpoints(Vaults, Secrets, Keys, Roles, _tokens, () => $"{Authority.OriginalString}/{Identity.TenantId}", Faults, _logs.CreateLogger<VaultEndpoints>());
        Vaults.Port = (await AddAsync(certificates, application => application.Run(vaults.HandleAsync), cancellationToken)).Port;
        Parts.Regions.UseVaults(new VaultAccess(
            location => Vaults.UriOf(DatabaseVault(Layout.Region(location))),
            ManagedIdentity,
            location => Identity.ApplicationOf(Layout.Region(location)).ClientId));

        if (Parts.PairGateways is { } gateways) gateways.SecretOf = (region, name) => Secrets.Find(DatabaseVault(region), name)?.Latest.Value;

        _elsewhere = new ElsewhereEndpoints(Layout, _time);
        Elsewhere = await AddAsync(certificates, Outside(_elsewhere.Map), cancellationToken);

        var desk = new FaultDesk(Layout, Parts, Faults, _time, _logs.CreateLogger<FaultDesk>(), _stopping.Token)
        {
            ServersAt = location => [.. _servers.All().Where(s => s.Location == location && s.State != "Provisioning").Select(s => s.Name)],
            SetSecrets = (location, empty) => SeededAccess.SetSecrets(this, Layout.Region(location), empty),
            ServerExists = name => _servers.FindByName(name) is not null,
            IsStopped = name => _servers.FindByName(name)?.State is "Stopped" or "Stopping",
        };
        Control = await AddAsync(certificates, new ControlApi(this, desk).Map, cancellationToken);
        _sampling = _samples.RunAsync(_stopping.Token);
    }

    private IReadOnlyList<IResourceProvider> Providers()
    {
        var endpoints = new VirtualEndpoints(_servers, Parts.Traffic, Operations);
        var names = new ServerNames(_servers, Store);
        var view = new ServerView(_servers, Settings);
        var update = new ServerUpdate(_servers, view, new Promotion(_servers, view, endpoints, Operations, Settings), Operations, Settings);
        var power = new ServerPower(_servers, _addresses, Operations, Settings);
        var compute = new ComputeCatalog(Store, Settings);
        _creation = new ServerCreation(Layout, _servers, view, names, update, _addresses, Operations, Settings, _time);
        Groups.RemoveReal = (resource, token) => ArmPath.Same(resource.Type, ServerTable.Type) ? power.RemoveAsync(resource.Name, token) : Task.CompletedTask;
        _deployments = new DeploymentProvider(Identity.TenantId, Identity.SubscriptionId, Groups, Store, Operations, new BicepEngine(), _time, _logs.CreateLogger<DeploymentProvider>(), _stopping.Token);
        return
        [
            _deployments,
            Locks,
            new AccessProvider(Roles, Identity.SubscriptionId, id => Identity.IsPrincipal(id) || _values.IsPrincipal(id), _time),
            new TagsProvider(Store, Groups),
            new MetricsProvider(_servers, _samples, _time),
            new ResourceHealthProvider(Store, _servers, Parts.StateOf, Faults, Settings, _time),
            new FlexibleServerProvider(
                _servers,
                view,
                _creation,
                update,
                power,
                new ServerConfigurations(_servers, Operations, Settings),
                new ServerDatabases(_servers, Operations),
                new FirewallRules(_servers, Operations),
                new ServerAdministrators(_servers, Operations, Settings),
                endpoints,
                names,
                Settings),
            new TrafficManagerProvider(Store, new ProfileRules(Store, Settings), _profiles, new ProfilePublisher(Parts.Traffic, Settings, _time, _stopping.Token)),
            compute,
            new KubernetesVersions(Settings),
            new VaultChildren(Store, Secrets, Keys, Vaults),
            new DocumentProvider(Store, Locks, Operations, Settings, new GatewayHealth(Parts.StateOf), compute) { Written = Complete, Made = StartRegionAsync, Removed = Removed },
        ];
    }

    private void Complete(ArmPath path, JsonObject document)
    {
        Vaults.Complete(path, document);
        _values.Fill(path, document);
        // In an empty subscription nobody has issued certificates yet: a region gets its own when it has the vault for it.
        var home = Layout.Empty && ArmPath.Same(path.FullType, VaultDirectory.Type) && !Store.Contains(path.Text)
            ? Layout.Regions.FirstOrDefault(r => ArmPath.Same(path.Names[^1], RegionTemplate.SslVault(r, Identity)))
            : null;
        if (home is not null) SeededAccess.PutCertificate(this, home);
    }

    /// <summary>
    /// With a region's gateway come the processes that serve there: its gateway and its application, which waits for its secrets and its database. With its cluster comes the ingress
    /// controller, which tells the gateway where the application is.
    /// </summary>
    private Task StartRegionAsync(StoredResource made, CancellationToken cancellationToken)
    {
        SandboxRegion? Region(string type, string name) => ArmPath.Same(made.Type, type) ? Layout.Regions.FirstOrDefault(r => r.Location == made.Location && ArmPath.Same(made.Name, $"{r.NamePrefix}-{name}")) : null;
        if (Region("Microsoft.ContainerService/managedClusters", "aks") is { } clustered) new IngressController(Store).Sync(made, clustered.ApplicationAddress);
        return Region("Microsoft.Network/applicationGateways", "aks-appgw") is { } region ? Parts.Regions.StartAsync(region.Location, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Name of the vault that holds a region's database secrets.</summary>
    public static string DatabaseVault(SandboxRegion region) => $"{region.NamePrefix}-db-kv";

    /// <summary>The server that a region has now: the youngest that is not stopped, else the one it began with.</summary>
    public string CurrentServer(SandboxRegion region) =>
        _servers.All().Where(s => s.Location == region.Location && ArmPath.Same(s.Resource.Group, region.ResourceGroup) && s.State is not ("Stopped" or "Stopping" or "Provisioning")).Select(s => s.Name).LastOrDefault() ?? region.DatabaseServer;

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Version of the real PostgreSQL, for new servers.</summary>
    public void SetDatabaseVersion(string version) => _creation!.RealVersion = version;

    /// <summary>Puts a server's names into DNS.</summary>
    public void AddAddress(string server) => _addresses.Add(server);

    /// <summary>Puts a profile into DNS without the modelled propagation: for the seed.</summary>
    public void PublishNow(StoredResource profile) => Parts.Traffic.Publish(_profiles.View(profile));

    private void Removed(StoredResource resource)
    {
        Vaults.Remove(resource, Secrets);
        if (ArmPath.Same(resource.Type, VaultDirectory.Type)) Keys.Forget(resource.Name);
    }

    /// <summary>What lies beyond this computer's own network: while that is dead, connections are dropped without an answer.</summary>
    private Action<WebApplication> Outside(Action<WebApplication> map) => application =>
    {
        application.Use((context, next) =>
        {
            if (!Faults.NetworkDown) return next(context);
            context.Abort();
            return Task.CompletedTask;
        });
        map(application);
    };

    private async Task<Uri> AddAsync(SandboxCertificates? certificates, Action<WebApplication> map, CancellationToken cancellationToken)
    {
        var listener = await Listener.StartAsync(certificates?.Server, _logs, map, cancellationToken);
        _listeners.Add(listener);
        return listener.Address;
    }

    /// <summary>Ends the operations and the listeners; the real parts belong to the caller.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var listener in _listeners) await listener.DisposeAsync();
        await _sampling;
        _elsewhere?.Dispose();
        Requests.Dispose();
        _exchanges?.Dispose();
        _tokens.Dispose();
        Credentials?.Dispose();
        _stopping.Dispose();
    }
}
