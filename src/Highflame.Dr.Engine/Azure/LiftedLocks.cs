using System.Collections.Concurrent;
using Highflame.Dr.Engine.Locks;

namespace Highflame.Dr.Engine.Azure;

/// <summary>What Azure Resource Manager is told of locks that were taken away: they take minutes to be gone everywhere.</summary>
internal interface IArmLocks
{
    /// <summary>The lock of this scope was taken away: a write that is refused for a lock there is tried again for a while.</summary>
    void Lifted(string scope, DateTimeOffset since);

    /// <summary>The scope is locked again, and refuses for good.</summary>
    void Locked(string scope);
}

/// <summary>Scopes whose lock was taken away a short while ago.</summary>
internal sealed class LiftedLocks(TimeProvider time) : IArmLocks
{
    /// <summary>After this time a refusal is another lock's.</summary>
    public static readonly TimeSpan Lingers = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _scopes = new(StringComparer.OrdinalIgnoreCase);

    public void Lifted(string scope, DateTimeOffset since) => _scopes[scope] = since;

    public void Locked(string scope) => _scopes.TryRemove(scope, out _);

    /// <summary>True while a refusal of the path for a lock may be the last of one that is away.</summary>
    public bool MayLinger(string path) => _scopes.Any(s => LockScope.Covers(s.Key, path) && time.GetUtcNow() - s.Value < Lingers);
}
