using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Postgres;
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

    /// <summary>Ends what <see cref="CreateAsync"/> started, in the right order.</summary>
    public Func<ValueTask>? Stop { get; init; }

    /// <summary>Builds the parts and starts DNS and the links. Certificates lie in the layout's directory already; no server and no region runs yet.</summary>
    public static Task<RealParts> CreateAsync(SandboxLayout layout, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken) =>
        throw new NotSupportedException("This build has no real parts.");

    public ValueTask DisposeAsync() => Stop?.Invoke() ?? ValueTask.CompletedTask;
}
