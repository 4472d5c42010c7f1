using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Faults;
using Highflame.Dr.Sandbox.Hosting;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox;

/// <summary>The composition root: ARM, authority, managed identity and control over given real parts. Tests give it fakes.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Listener> _listeners = [];
    private readonly TokenIssuer _tokens;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;

    private Composition(SandboxLayout layout, SandboxIdentity identity, RealParts parts, TimeProvider time, ILoggerFactory logs)
    {
        (Layout, Identity, Parts, _time, _logs) = (layout, identity, parts, time, logs);
        Settings = new Settings(layout.Root, layout.TimeScale);
        Requests = new RequestLog(layout.RequestLogPath);
        _tokens = new TokenIssuer(identity.TenantId, () => $"{Authority?.OriginalString}/{identity.TenantId}/", () => TimeSpan.FromSeconds(Settings.Behaviour.TokenLifetimeSeconds), time);
        Operations = new Operations(Faults, Settings, time, logs.CreateLogger<Operations>(), _stopping.Token);
        Store = new ResourceStore(time);
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

    public string ControlKey { get; } = LayoutPlan.Secret();

    public Uri Arm { get; private set; } = null!;

    public Uri Authority { get; private set; } = null!;

    public Uri Control { get; private set; } = null!;

    /// <summary>Plain HTTP: the managed identity in both forms.</summary>
    public Uri ManagedIdentity { get; private set; } = null!;

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
        var authority = new AuthorityEndpoints(Identity, _tokens, _time);
        Authority = await AddAsync(certificates, authority.Map, cancellationToken);
        var managed = new ManagedIdentityEndpoints(Identity, _tokens, _time);
        ManagedIdentity = await AddAsync(null, managed.Map, cancellationToken);

        var router = new ArmRouter(Identity.SubscriptionId, new SubscriptionEndpoints(Identity, Groups, new ResourceLists(Store)), Providers(), Store, Locks, Operations, Faults);
        var pipeline = new ArmPipeline(router, _tokens, Faults, Requests, _time, _logs.CreateLogger<ArmPipeline>());
        Arm = await AddAsync(certificates, application => application.Run(pipeline.HandleAsync), cancellationToken);

        var control = new ControlApi(this, new FaultDesk(Layout, Parts, Faults, _time, _logs.CreateLogger<FaultDesk>(), _stopping.Token));
        Control = await AddAsync(certificates, control.Map, cancellationToken);
    }

    private IReadOnlyList<IResourceProvider> Providers() => [Locks, new TagsProvider(Store, Groups)];

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
        Requests.Dispose();
        _tokens.Dispose();
        _stopping.Dispose();
    }
}
