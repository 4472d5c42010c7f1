using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Sandbox.Processes;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox;

/// <summary>The real parts of one sandbox: databases, links, application and gateway processes, DNS and probes, client load. Disposing ends every process.</summary>
internal sealed class RealParts : IAsyncDisposable
{
    public required IDatabaseFleet Databases { get; init; }

    public required IRegionRuntime Regions { get; init; }

    public required IInterRegionLinks Links { get; init; }

    public required IClientLoad Load { get; init; }

    public required ITrafficPlane Traffic { get; init; }

    /// <summary>The databases that are documents, and the gateways of their pairs; null where there are none.</summary>
    public DocumentDatabases? Documents { get; init; }

    public PairGateways? PairGateways { get; init; }

    /// <summary>How the gateway and the application that a resource belongs to do.</summary>
    public RegionState? StateOf(StoredResource resource) =>
        PairGateways?.StateOf(resource.Group) ?? Regions.GetStates().FirstOrDefault(r => SandboxLayout.Normalize(r.Location) == resource.Location);

    /// <summary>Password of <see cref="ClusterHome.Superuser"/> in every database; null when the databases are not real.</summary>
    public string? SuperuserPassword { get; init; }

    /// <summary>Whether the name servers keep silent.</summary>
    public Action<bool> SilenceNames { get; init; } = _ => { };

    /// <summary>Ends what <see cref="CreateAsync"/> started, in the right order.</summary>
    public Func<ValueTask>? Stop { get; init; }

    private int _disposed;

    /// <summary>
    /// Builds the parts, starts DNS and the reaper, and begins with the slow part of the first database. Certificates lie in the layout's directory already;
    /// no server and no region runs yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no PostgreSQL on this machine; the message says how to install it.</exception>
    public static async Task<RealParts> CreateAsync(SandboxLayout layout, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var home = ClusterHome.Open(layout);
        var reaper = ChildProcess.StartAsync(
            ChildPrograms.Reaper, ChildPrograms.Reaper, new ReaperSettings(ProcessRegister.Under(layout.Root), home.IsTemporary ? home.Directory : null),
            ChildJson.Default.ReaperSettings, layout, time, cancellationToken);
        home.Prepare();
        var traffic = new TrafficPlane(time, Random.Shared);
        var dns = new DnsListener(traffic.Zone, layout.DnsAddress, layout.DnsPort);
        var links = new InterRegionLinks(layout, time);
        var databases = new DatabaseFleet(layout, home, links, time, logs.CreateLogger<DatabaseFleet>());
        var regions = new RegionRuntime(layout, time);
        var documents = layout.FurtherPairs.Count == 0 ? null : new DocumentDatabases(layout.Network, layout.DatabasePort, links.IsCut, time);
        var gateways = documents is null ? null : await PairGateways.StartAsync(layout, documents, databases, cancellationToken).ConfigureAwait(false);
        var load = new ClientLoad(layout, databases, time);
        var parts = new RealParts
        {
            Databases = documents is null ? databases : new MixedFleet(databases, documents),
            Documents = documents,
            PairGateways = gateways,
            Regions = regions,
            Links = links,
            Load = load,
            Traffic = traffic,
            SuperuserPassword = home.SuperuserPassword,
            SilenceNames = silent => dns.Silent = silent,
            Stop = async () =>
            {
                await load.DisposeAsync().ConfigureAwait(false);
                await Task.WhenAll(regions.DisposeAsync().AsTask(), databases.DisposeAsync().AsTask()).ConfigureAwait(false);
                if (gateways is not null) await gateways.DisposeAsync().ConfigureAwait(false);
                await links.DisposeAsync().ConfigureAwait(false);
                dns.Dispose();
                await traffic.DisposeAsync().ConfigureAwait(false);
                await home.CloseAsync().ConfigureAwait(false);
                // Last: until here it stands by.
                if (reaper.IsCompletedSuccessfully) await (await reaper.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            },
        };
        try
        {
            dns.Start();
            await reaper.ConfigureAwait(false);
            return parts;
        }
        catch
        {
            await ((Task)reaper).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await parts.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 && Stop is { } stop ? stop() : ValueTask.CompletedTask;
}
