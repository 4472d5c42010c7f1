using System.Management.Automation;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Commands;

/// <summary>
/// Starts two "Azure regions" on this computer: ARM over HTTPS, sign-in, Traffic Manager's DNS, gateways, applications and real PostgreSQL replication. It ends
/// with Stop-HfSandbox, or when this process ends.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "HfSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Sandbox))]
public sealed class StartHfSandboxCommand : DrCmdlet
{
    /// <summary>Directory that the sandbox keeps everything in; default is a new one under the temporary directory.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Root { get; set; }

    /// <summary>Path of the sandbox program (Highflame.Dr.Sandbox.dll); default is to look beside the module and in artifacts/sandbox.</summary>
    [Parameter]
    [Alias("ProgramPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Azure's modelled durations are divided by this; 0 takes them away. Default is 20.</summary>
    [Parameter]
    [ValidateRange(0d, 1_000_000d)]
    public double TimeScale { get; set; } = 20;

    /// <summary>Seed of everything that is random, for a rehearsal that repeats.</summary>
    [Parameter]
    public int? Seed { get; set; }

    /// <summary>
    /// What the principals of sandbox.json may do: Owner (everything), or the module's Operator or Reader role on the two resource groups and nothing more.
    /// </summary>
    [Parameter]
    [ValidateSet("Owner", "Operator", "Reader")]
    public string Role { get; set; } = "Owner";

    /// <summary>Begin with an empty subscription: no resource group, no resource; New-HfRegion builds the regions.</summary>
    [Parameter]
    public SwitchParameter Empty { get; set; }

    /// <summary>
    /// How many region pairs it has, for rehearsals of many at once; default is 1. The first is real. The others have all that Azure Resource Manager, Traffic Manager and the vaults know of a pair, and an
    /// application that answers behind a gateway; their databases are documents: they are created, promoted, stopped and changed as Azure does it, and nothing can be asked of them but through Azure.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int Pairs { get; set; } = 1;

    /// <summary>How many of the pairs, the first ones, have real databases; default is 1, at most as many as there are pairs. Each costs two PostgreSQL servers.</summary>
    [Parameter]
    [ValidateRange(1, 10)]
    public int RealPairs { get; set; } = 1;

    /// <summary>Refuse requests beyond Azure Resource Manager's documented limits, as Azure does: 250 reads and 25 more each second, 200 writes and 10 more.</summary>
    [Parameter]
    public SwitchParameter Throttling { get; set; }

    /// <summary>Longest time to wait until it is ready, in seconds; default is 120.</summary>
    [Parameter]
    [ValidateRange(1d, 3600d)]
    public double TimeoutSeconds { get; set; } = 120;

    private protected override void Process()
    {
        var options = new SandboxOptions
        {
            Root = Root is null ? null : FullPath(Root),
            ProgramPath = Path is null ? null : FullPath(Path),
            TimeScale = TimeScale,
            Seed = Seed,
            Role = Role,
            Empty = Empty,
            Pairs = Pairs,
            RealPairs = RealPairs,
            Throttling = Throttling,
            TimeoutSeconds = TimeoutSeconds,
        };
        if (!ShouldProcess(options.Root ?? "a new temporary directory", "Start a sandbox")) return;
        var sandbox = Await((observer, token) => Engine.StartSandboxAsync(options, observer, token));
        State.SandboxPath = sandbox.Path;
        WriteObject(sandbox);
    }
}
