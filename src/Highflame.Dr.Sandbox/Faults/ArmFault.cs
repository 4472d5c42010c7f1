namespace Highflame.Dr.Sandbox.Faults;

internal enum ArmFaultKind
{
    /// <summary>429 with Retry-After.</summary>
    Throttle,

    /// <summary>An HTTP error instead of the answer; the call is not carried out.</summary>
    Error,

    /// <summary>The call is carried out and its answer never arrives: the connection is dropped.</summary>
    ResponseLost,

    /// <summary>The operation that the call starts stays InProgress until the fault is cleared.</summary>
    OperationStuck,

    /// <summary>The operation that the call starts fails.</summary>
    OperationFails,
}

/// <summary>A fault for the next <see cref="Remaining"/> matching calls.</summary>
internal sealed class ArmFault(ArmFaultKind kind, int count, string? method, string? pathContains, int status, double? retryAfterSeconds)
{
    private int _remaining = count;

    public ArmFaultKind Kind { get; } = kind;

    public int Status { get; } = status;

    public double? RetryAfterSeconds { get; } = retryAfterSeconds;

    public int Remaining => Volatile.Read(ref _remaining);

    /// <summary>True, and one fewer left, when the call is hit.</summary>
    public bool TryHit(string method1, string path)
    {
        if (method is not null && !string.Equals(method, method1, StringComparison.OrdinalIgnoreCase)) return false;
        if (pathContains is not null && !path.Contains(pathContains, StringComparison.OrdinalIgnoreCase)) return false;
        while (true)
        {
            var left = Volatile.Read(ref _remaining);
            if (left <= 0) return false;
            if (Interlocked.CompareExchange(ref _remaining, left - 1, left) == left) return true;
        }
    }
}

/// <summary>The ARM faults in force and the regions that are down. Written by the control endpoint, read by the ARM server.</summary>
internal sealed class FaultBoard
{
    private readonly List<ArmFault> _faults = [];
    private readonly Dictionary<string, DateTimeOffset> _lost = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _broken = new(StringComparer.OrdinalIgnoreCase);
    private bool _networkDown;

    public void Add(ArmFault fault)
    {
        lock (_faults) _faults.Add(fault);
    }

    public void Clear()
    {
        lock (_faults) _faults.Clear();
    }

    public bool IsCleared(ArmFault fault)
    {
        lock (_faults) return !_faults.Contains(fault);
    }

    public ArmFault? Hit(ArmFaultKind kind, string method, string path)
    {
        lock (_faults) return _faults.Find(f => f.Kind == kind && f.TryHit(method, path));
    }

    public IReadOnlyList<ArmFault> Snapshot()
    {
        lock (_faults) return [.. _faults];
    }

    /// <param name="at">When it went down; the beginning of time when nobody says.</param>
    public void SetLost(string location, bool lost, DateTimeOffset at = default)
    {
        lock (_lost)
        {
            if (lost) _lost.TryAdd(location, at);
            else _lost.Remove(location);
        }
    }

    /// <summary>True while whoever looks from this computer reaches neither Azure nor any other place: connections are dropped.</summary>
    public bool NetworkDown
    {
        get => Volatile.Read(ref _networkDown);
        set => Volatile.Write(ref _networkDown, value);
    }

    /// <summary>Replicas whose replication Azure calls Broken.</summary>
    public IReadOnlyList<string> Broken
    {
        get
        {
            lock (_broken) return [.. _broken];
        }
    }

    public void SetBroken(string server, bool broken)
    {
        lock (_broken)
        {
            if (broken) _broken.Add(server);
            else _broken.Remove(server);
        }
    }

    /// <summary>True while the region at a (normalised) location is down.</summary>
    public bool IsLost(string location)
    {
        lock (_lost) return _lost.ContainsKey(location);
    }

    /// <summary>Since when the region at a (normalised) location is down; null while it is up.</summary>
    public DateTimeOffset? LostSince(string location)
    {
        lock (_lost) return _lost.TryGetValue(location, out var at) ? at : null;
    }
}
