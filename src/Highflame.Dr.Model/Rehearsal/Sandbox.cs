using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Rehearsal;

/// <summary>What Start-HfSandbox asks for.</summary>
public sealed record SandboxOptions
{
    /// <summary>Directory that the sandbox keeps everything in; null makes a new one under the temporary directory.</summary>
    public string? Root { get; init; }

    /// <summary>Path of the sandbox program (Highflame.Dr.Sandbox.dll); null looks beside the module and in artifacts/sandbox.</summary>
    public string? ProgramPath { get; init; }

    /// <summary>Modelled Azure durations are divided by this; 0 takes them away.</summary>
    public double TimeScale { get; init; } = 20;

    public int? Seed { get; init; }

    /// <summary>Owner, Operator or Reader: what the principals of sandbox.json may do.</summary>
    public string Role { get; init; } = "Owner";

    /// <summary>True begins with an empty subscription: no group, no resource.</summary>
    public bool Empty { get; init; }

    /// <summary>How many region pairs it has.</summary>
    public int Pairs { get; init; } = 1;

    /// <summary>How many of them, the first ones, have real databases; those of the others are documents of Azure alone.</summary>
    public int RealPairs { get; init; } = 1;

    /// <summary>Whether requests beyond Azure Resource Manager's documented limits are refused.</summary>
    public bool Throttling { get; init; }

    /// <summary>Longest time in seconds to wait until it is ready.</summary>
    public double TimeoutSeconds { get; init; } = 120;
}

/// <summary>A running sandbox. Output of Start-HfSandbox. No secret.</summary>
public sealed record Sandbox
{
    /// <summary>Path of sandbox.json; Connect-HfAzure -Sandbox takes it.</summary>
    public required string Path { get; init; }

    public required string Root { get; init; }

    public required int ProcessId { get; init; }

    public required string ArmEndpoint { get; init; }

    /// <summary>Path of the ready region-pair file; Import-HfRegionPair takes it.</summary>
    public required string PairPath { get; init; }

    /// <summary>Paths of all its region-pair files, the real pair's first.</summary>
    public string[] PairPaths { get; init; } = [];

    public required string TrafficManagerFqdn { get; init; }

    public required string SubscriptionId { get; init; }

    public required string[] Locations { get; init; }
}

/// <summary>What Invoke-HfSandboxFault asks for.</summary>
public sealed record SandboxFault
{
    /// <summary>RegionLost, RegionRestored, DatabaseCrash, DatabaseStart, Link, GatewayDown, GatewayUp, HealthFailing, HealthPassing, DnsDown, DnsUp, NetworkDown, NetworkUp, SecretsEmpty, SecretsRestored, ApplicationRestart, ReplayPaused, ReplayResumed, ReplicationBroken, ReplicationRepaired, CertificateExpired, CertificateRenewed, ArmThrottle, ArmError, ResponseLost, OperationStuck, OperationFails or Clear.</summary>
    public required string Fault { get; init; }

    public string? Region { get; init; }

    public string? Server { get; init; }

    /// <summary>GatewayDown, GatewayUp, HealthFailing, HealthPassing: name of the one pair that it happens to; null means every pair of the region.</summary>
    public string? Pair { get; init; }

    /// <summary>Put the fault in this many seconds from now and answer at once; null means now.</summary>
    public double? DelaySeconds { get; init; }

    /// <summary>Link: one-way delay added, in milliseconds.</summary>
    public double? LatencyMilliseconds { get; init; }

    /// <summary>Link: bytes per second; null means unlimited.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Link: nothing gets through.</summary>
    public bool? Cut { get; init; }

    /// <summary>ARM faults: how many of the next matching calls are hit.</summary>
    public int? Count { get; init; }

    /// <summary>ArmError: HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>ArmThrottle: seconds of Retry-After.</summary>
    public double? RetryAfterSeconds { get; init; }

    /// <summary>ARM faults: HTTP method that is hit; null means all.</summary>
    public string? Method { get; init; }

    /// <summary>ARM faults: part of the path that is hit; null means all.</summary>
    public string? PathContains { get; init; }
}

/// <summary>What the sandbox says after a fault was put in. Output of Invoke-HfSandboxFault.</summary>
public sealed record SandboxFaultResult
{
    public required string Fault { get; init; }

    public string? Target { get; init; }

    public required DateTimeOffset At { get; init; }

    public string? Detail { get; init; }
}

/// <summary>Options of the sandbox's client load.</summary>
public sealed record LoadOptions
{
    public int Writers { get; init; } = 4;

    /// <summary>Pause of each writer between two writes, in milliseconds. Also the longest between two attempts at a write that is refused, but never less than 20.</summary>
    public double IntervalMilliseconds { get; init; } = 5;
}

/// <summary>Writes that one server acknowledged.</summary>
public sealed record LoadShare(string Region, string Server, long Acknowledged, DateTimeOffset First, DateTimeOffset Last);

/// <summary>What the clients saw. Output of Start-HfSandboxLoad (so far) and Stop-HfSandboxLoad (in the end).</summary>
public sealed record LoadReport
{
    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    public required bool Running { get; init; }

    public long Acknowledged { get; init; }

    public long Failed { get; init; }

    /// <summary>Acknowledged writes that the surviving database does not hold; null while the load runs.</summary>
    public long? Lost { get; init; }

    /// <summary>Longest time between two acknowledged writes of any writer, in seconds.</summary>
    public double OutageSeconds { get; init; }

    public DateTimeOffset? OutageStarted { get; init; }

    public DateTimeOffset? OutageEnded { get; init; }

    /// <summary>Server that holds the surviving data, that the loss was counted in.</summary>
    public string? CountedIn { get; init; }

    /// <summary>Writes that another server acknowledged after the surviving one had acknowledged its first: two writers. Must be 0.</summary>
    public long AcceptedByOldPrimary { get; init; }

    public LoadShare[] Shares { get; init; } = [];
}

/// <summary>The clients' writes in a drill's report.</summary>
public sealed record DrillWrites
{
    public required long Acknowledged { get; init; }

    /// <summary>Counted by comparing the clients' record with the surviving database.</summary>
    public required long? Lost { get; init; }

    /// <summary>What the product told from the databases alone; null while it cannot know.</summary>
    public required long? ReportedLost { get; init; }

    public required double OutageSeconds { get; init; }

    public required long AcceptedByOldPrimary { get; init; }
}

/// <summary>Report of one drill. Output of Export-HfDrillReport; written as JSON with camel-case names.</summary>
public sealed record DrillReport
{
    public required string Scenario { get; init; }

    public string? From { get; init; }

    public required string To { get; init; }

    public required string Mode { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Finished { get; init; }

    public required ObjectiveResult Rto { get; init; }

    public required ObjectiveResult Rpo { get; init; }

    public required DrillWrites Writes { get; init; }

    public StepResult[] Steps { get; init; } = [];

    public required EvidenceTopology Topology { get; init; }

    /// <summary>True when the drill reached what it had to reach.</summary>
    public required bool Passed { get; init; }

    /// <summary>What was not reached.</summary>
    public string[] Failures { get; init; } = [];

    /// <summary>The watcher's part; null where no watcher took part.</summary>
    public DrillWatch? Watch { get; init; }

    /// <summary>Picture in text: what happened when.</summary>
    public string[] Timeline { get; init; } = [];

    public string? EvidencePath { get; init; }

    public string? Path { get; init; }
}
