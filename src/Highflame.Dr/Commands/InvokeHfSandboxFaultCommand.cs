using System.Management.Automation;
using Highflame.Dr.Completion;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>Puts a fault into a sandbox, or takes it away: a lost region, a crashed database, a slow link, a gateway that is down, an ARM that throttles.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HfSandboxFault", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SandboxFaultResult))]
public sealed class InvokeHfSandboxFaultCommand : SandboxCmdlet
{
    /// <summary>What goes wrong, or is put right again. Clear takes every fault away.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateSet(
        "RegionLost", "RegionRestored", "DatabaseCrash", "DatabaseStart", "Link", "GatewayDown", "GatewayUp", "HealthFailing", "HealthPassing",
        "DnsDown", "DnsUp", "NetworkDown", "NetworkUp",
        "SecretsEmpty", "SecretsRestored", "ApplicationRestart",
        "ReplayPaused", "ReplayResumed", "ReplicationBroken", "ReplicationRepaired", "CertificateExpired", "CertificateRenewed",
        "ArmThrottle", "ArmError", "ResponseLost", "OperationStuck", "OperationFails", "Clear")]
    public string Fault { get; set; } = "";

    /// <summary>Location that it happens in.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    public string? Region { get; set; }

    /// <summary>Database server that it happens to.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public string? Server { get; set; }

    /// <summary>Gateway and health faults: the one region pair that it happens to, by its name; default is every pair of the region.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Pair { get; set; }

    /// <summary>Let it happen this many seconds from now and return at once.</summary>
    [Parameter]
    [ValidateRange(0d, 3600d)]
    public double? DelaySeconds { get; set; }

    /// <summary>Link: one-way delay added, in milliseconds.</summary>
    [Parameter]
    [ValidateRange(0d, 60_000d)]
    public double? LatencyMilliseconds { get; set; }

    /// <summary>Link: bytes per second that get through; default is unlimited.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    public long? BytesPerSecond { get; set; }

    /// <summary>Link: nothing gets through. -Cut:$false mends it.</summary>
    [Parameter]
    public SwitchParameter Cut { get; set; }

    /// <summary>ARM faults: how many of the next matching calls are hit.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>ArmError: HTTP status.</summary>
    [Parameter]
    [ValidateRange(400, 599)]
    public int? Status { get; set; }

    /// <summary>ArmThrottle: seconds of Retry-After.</summary>
    [Parameter]
    [ValidateRange(0d, 86400d)]
    public double? RetryAfterSeconds { get; set; }

    /// <summary>ARM faults: HTTP method that is hit; default is all.</summary>
    [Parameter]
    [ValidateSet("GET", "PUT", "PATCH", "POST", "DELETE", "HEAD")]
    public string? Method { get; set; }

    /// <summary>ARM faults: part of the path that is hit; default is all.</summary>
    [Parameter]
    public string? PathContains { get; set; }

    private protected override void Process()
    {
        string path = SandboxPath;
        var fault = new SandboxFault
        {
            Fault = Fault,
            Region = Region,
            Server = Server,
            Pair = Pair,
            DelaySeconds = DelaySeconds,
            LatencyMilliseconds = LatencyMilliseconds,
            BytesPerSecond = BytesPerSecond,
            Cut = MyInvocation.BoundParameters.ContainsKey(nameof(Cut)) ? Cut.ToBool() : null,
            Count = Count,
            Status = Status,
            RetryAfterSeconds = RetryAfterSeconds,
            Method = Method,
            PathContains = PathContains,
        };
        string target = string.Join(' ', new[] { Region, Pair, Server }.OfType<string>().DefaultIfEmpty(path));
        if (!ShouldProcess(target, $"Sandbox fault {Fault}")) return;
        WriteObject(Await((_, token) => Engine.InvokeFaultAsync(path, fault, token)));
    }
}
