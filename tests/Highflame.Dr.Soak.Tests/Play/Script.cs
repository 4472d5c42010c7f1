using System.Globalization;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Soak.Child;

namespace Highflame.Dr.Soak.Play;

/// <summary>A fault that the player puts in while the runbook holds still at a record; or before it starts.</summary>
/// <param name="Name">For people.</param>
/// <param name="At">Words of the record to hold at; null means before the first process.</param>
/// <param name="Before">Hold before the record is written, else after.</param>
/// <param name="PutIn">Does it.</param>
internal sealed record Mishap(string Name, string? At, bool Before, Func<Playground, Task> PutIn);

/// <summary>Everything random of one run, made of its seed alone.</summary>
internal sealed class Script
{
    private static readonly string[] s_places = ["step-intent FenceOldPrimary", "operation SetParameter", "step-outcome CatchUp", "fact promotion", "step-intent PromoteReplica", "operation Promote", "step-intent MoveTraffic", "step-outcome MoveTraffic", "step ValidateHealth", "step-intent StopOldPrimary", "step-intent CreateReplica", "operation CreateReplica"];
    private readonly Random _random;

    private Script(int seed)
    {
        Seed = seed;
        // With a seed .NET draws the same numbers in every version.
        _random = new Random(seed);
        Scenario = new Scenario(_random.Next(2) == 1);
        TimeScale = Pick(60, 120, 240);
        Mishaps = [.. Enumerable.Range(0, Pick(0, 1, 1, 1, 2, 2)).Select(_ => Draw())];
        ChildActs = [.. Enumerable.Range(0, Pick(0, 1, 1, 2, 2, 3)).Select(_ => Act())];
    }

    public int Seed { get; }

    public Scenario Scenario { get; }

    /// <summary>Azure's modelled durations are divided by it: promotion 120 s, replica 300 s, stop 60 s, parameter 10 s.</summary>
    public double TimeScale { get; }

    public IReadOnlyList<Mishap> Mishaps { get; }

    /// <summary>What the first processes do to themselves, one each.</summary>
    public IReadOnlyList<Act> ChildActs { get; }

    public static Script Of(int seed) => new(seed);

    public override string ToString() =>
        $"{Scenario.Name}, time scale {TimeScale:0}, {string.Join("; ", Mishaps.Select(m => m.At is null ? m.Name : $"{m.Name} {(m.Before ? "before" : "after")} {m.At}").Concat(ChildActs.Select(Words)).DefaultIfEmpty("nothing goes wrong"))}";

    private static string Words(Act act) => string.Create(CultureInfo.InvariantCulture, $"{act.Kind}{(act.Value != 0 ? $" {act.Value:0}" : "")} {(act.Before ? "before" : "after")} record {act.Record}");

    private Act Act()
    {
        var kind = Pick(ActKind.Kill, ActKind.Kill, ActKind.Kill, ActKind.Kill, ActKind.Kill, ActKind.Kill, ActKind.DiskFull, ActKind.ClockJump);
        var (record, before) = (_random.Next(1, 34), _random.Next(2) == 0);
        return new Act(kind, record, before, null, kind switch
        {
            ActKind.Kill => Pick(0, 0, _random.Next(1, 400)),
            ActKind.DiskFull => Pick(0, 1),
            _ => Pick(-7200, -40, 40, 7200),
        });
    }

    private T Pick<T>(params T[] of) => of[_random.Next(of.Length)];

    private Mishap Draw()
    {
        var (at, before) = (_random.Next(5) == 0 ? null : Pick(s_places), _random.Next(2) == 0);
        Mishap Arm(string name, SandboxFault fault) => new(name, at, before, g => g.World.FaultAsync(fault));
        Mishap Delayed(string name, SandboxFault fault, SandboxFault end, double seconds) => new(name, at, before, async g =>
        {
            await g.World.FaultAsync(fault);
            await g.World.FaultAsync(end with { DelaySeconds = seconds });
        });
        var (server, replica) = ($"flexibleServers/{Scenario.Replica}", Scenario.Replica);
        var few = _random.Next(1, 6);
        var seconds = 0.5 + (_random.NextDouble() * 2.5);
        switch (_random.Next(Scenario.Forced ? 14 : 13))
        {
            case 0:
                return Arm($"{few} x 429", new SandboxFault { Fault = "ArmThrottle", Count = few, RetryAfterSeconds = 1 });
            case 1:
                var status = Pick(500, 502, 503);
                return Arm($"{few} x {status}", new SandboxFault { Fault = "ArmError", Count = few, Status = status });
            case 2:
                return Arm("promotion's answer lost", new SandboxFault { Fault = "ResponseLost", Count = 1, Method = "PATCH", PathContains = server });
            case 3:
                return Arm("replica's answer lost", new SandboxFault { Fault = "ResponseLost", Count = 1, Method = "PUT", PathContains = "/flexibleServers/" });
            case 4:
                return Arm("endpoint's answer lost", new SandboxFault { Fault = "ResponseLost", Count = 1, Method = "PATCH", PathContains = "/trafficManagerProfiles/" });
            case 5:
                return Delayed($"operation stuck for {seconds:0.0} s", new SandboxFault { Fault = "OperationStuck", Count = 1, PathContains = "/flexibleServers/" }, new SandboxFault { Fault = "Clear" }, seconds);
            case 6:
                return Arm("promotion fails", new SandboxFault { Fault = "OperationFails", Count = 1, Method = "PATCH", PathContains = server });
            case 7:
                return Arm("creation or stop fails", new SandboxFault { Fault = "OperationFails", Count = 1, Method = Pick("PUT", "POST"), PathContains = "/flexibleServers/" });
            case 8:
                return new Mishap("tokens live 3 s", null, true, g =>
                {
                    g.World.Behave("tokenLifetimeSeconds", System.Text.Json.JsonSerializer.SerializeToElement(3));
                    return Task.CompletedTask;
                });
            case 9 when !Scenario.Forced:
                return Delayed($"link cut for {seconds:0.0} s", new SandboxFault { Fault = "Link", Cut = true }, new SandboxFault { Fault = "Link" }, seconds);
            case 10:
                return new Mishap($"R2's database crashes for {seconds:0.0} s", "operation Promote", false, async g =>
                {
                    await g.World.FaultAsync(new SandboxFault { Fault = "DatabaseCrash", Server = replica });
                    await g.World.FaultAsync(new SandboxFault { Fault = "DatabaseStart", Server = replica, DelaySeconds = seconds });
                });
            case 11:
                return new Mishap($"no DNS for {seconds:0.0} s", at, before, g =>
                {
                    g.Dns.Off = true;
                    _ = Task.Delay(TimeSpan.FromSeconds(seconds)).ContinueWith(_ => g.Dns.Off = false, TaskScheduler.Default);
                    return Task.CompletedTask;
                });
            case 13 or 9:
                return new Mishap("R1 comes back", at ?? "fact promotion", before, g => g.RestoreRegionAsync());
            default:
                return Arm("a server's answer lost", new SandboxFault { Fault = "ResponseLost", Count = 1, PathContains = Pick("/stop", "/configurations/", "/operationStatuses/", "/azureAsyncOperation/") });
        }
    }
}
