using System.Text.RegularExpressions;
using System.Xml.Linq;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests;

/// <summary>What a person sees of each output.</summary>
public class FormatTests
{
    private static readonly XElement[] Views =
        [.. XDocument.Load(Path.Combine(BuiltModule.Directory, "Highflame.Dr.Format.ps1xml")).Descendants("View")];

    private static readonly RegionPair Pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json");

    private static readonly object[] Objects =
    [
        Samples.Document,
        Samples.Context, Pair, Samples.Status(Pair), Samples.Primary, Samples.Replication, Samples.Profile, Samples.Endpoint, Samples.Verdict,
        Samples.Verdict.Probes[0], Samples.Route, Samples.Step, Samples.Run, Samples.Evidence, Samples.Sandbox, Samples.Load, Samples.Load.Shares[0], Samples.Drill,
        Samples.Operation("op-1"),
        new SandboxFaultResult { Fault = "Link", Target = "eastus", At = Samples.Noon },
        new DbFailover { Name = "r", ResourceId = Samples.ReplicaId, Location = "westus", Mode = FailoverMode.Forced, Outcome = StepOutcome.Pending, Operation = Samples.Operation("op-1") },
        new DbReplica { Name = "n", ResourceId = Samples.ReplicaId, Location = "westus", SourceServerResourceId = Samples.PrimaryId, Outcome = StepOutcome.Succeeded },
        Samples.RunStatus, Samples.Check, Samples.Lost, Samples.Salvage, Samples.Writer, Samples.Finding, Samples.Capacity, Samples.Watched, Samples.Alert, Samples.AlertReceipt, Samples.Witness, Samples.Change, Samples.Deployment, Samples.Support, Samples.Terraform, Samples.Truce,
        ParitySamples.Secret, ParitySamples.File, ParitySamples.Copied, ParitySamples.Tagged,
        Samples.Binding, Samples.Lock, Samples.Setting, Samples.VirtualEndpoint,
        new DbFence { Name = "p", ResourceId = Samples.PrimaryId, Outcome = StepOutcome.Pending, State = "Ready" },
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Objects.Length)];

    [Fact]
    public void Views_EachOutputType_HasOneAndATestObject()
    {
        string[] viewed = [.. Views.Select(v => v.Descendants("TypeName").Single().Value)];
        var outputs = ModuleTests.Cmdlets.SelectMany(BoundaryTests.OutputTypes).Where(t => t != typeof(bool) && t != typeof(string)).Select(t => t.FullName!).Distinct().ToArray();

        Assert.Empty(outputs.Except(viewed));
        Assert.Equal(viewed.Length, viewed.Distinct().Count());
        Assert.Equal(viewed.Order(StringComparer.Ordinal), Objects.Select(o => o.GetType().FullName!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Views_Properties_Exist()
    {
        var model = typeof(IDrEngine).Assembly;
        foreach (var view in Views)
        {
            var type = model.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            Assert.All(view.Descendants("PropertyName"), p => Assert.True(type.GetProperty(p.Value) is not null, $"{type.Name}.{p.Value}"));
            // Inside braces $_ may be something else; outside it is the object.
            var outside = view.Descendants("ScriptBlock").SelectMany(s => Regex.Matches(s.Value, @"(?<!\{[^}]*)\$_\.(\w+)").Select(m => m.Groups[1].Value));
            Assert.All(outside, n => Assert.True(type.GetProperty(n) is not null, $"{type.Name}.{n}"));
        }
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Render_EachObject_ShowsItsViewWithoutError(int index)
    {
        using var shell = new HostedShell(new FakeEngine());

        var result = shell.Invoke("$it", new { it = Objects[index] }, throughHost: true).EnsureNoErrors();

        var view = Views.Single(v => v.Descendants("TypeName").Single().Value == Objects[index].GetType().FullName);
        string shown = string.Join('\n', result.Lines);
        Assert.All(view.Descendants("Label").Where(l => l.Parent!.Name.LocalName == "TableColumnHeader"), l => Assert.Contains(l.Value, shown, StringComparison.Ordinal));
        Assert.DoesNotContain("#ERR", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("System.Object[]", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Highflame.Dr.", shown, StringComparison.Ordinal);
        Assert.All(result.Lines, l => Assert.True(l.Length <= 160, l));
    }

    [Fact]
    public void Render_DrillReportOfAWatcher_TellsItsTimesApart()
    {
        using var shell = new HostedShell(new FakeEngine());
        var watch = new DrillWatch
        {
            LostAt = Samples.Noon, DetectionSeconds = 1.14, DecisionSeconds = 9.76, HoldOffSeconds = 9, RecoverySeconds = 16.2, Failovers = 1, Runs = 1, Troubles = [new() { Name = "a" }, new() { Name = "b" }],
        };

        var lines = shell.Invoke("$it", new { it = Samples.Drill with { Watch = watch } }, throughHost: true).EnsureNoErrors().Lines;

        Assert.Contains("  troubles     2 left alone, 0 failovers asked for in them", lines);
        Assert.Contains("  watcher      lost, seen after 1.1 s, decided 9.8 s later (hold-off 9 s), served 16.2 s later; 1 failover, 1 run", lines);
    }

    [Fact]
    public void Render_DrillReport_IsAReadablePictureInText()
    {
        using var shell = new HostedShell(new FakeEngine());

        var lines = shell.Invoke("$it", new { it = Samples.Drill }, throughHost: true).EnsureNoErrors().Lines.Where(l => l.Length > 0);

        Assert.Equal(
            [
                "Drill planned: FAILED",
                "  way          eastus -> westus, planned; active now: westus",
                "  writes       12,345 acknowledged, 0 lost (told by the product: not known), none for 0.310 s",
                "  old primary  took 0 writes after the switch",
                "  RTO          1.25 s (objective 900 s)",
                "  RPO          not known (objective 60 s)",
                "  servers      highflame-prod-dr-postgres (westus, Primary)",
                "  12:00:00.000  fence    |==|",
                "  12:00:00.200  promote     |====|",
                "  NOT REACHED: The new replica is not streaming.",
                "  report       /out/planned.json",
            ],
            lines);
    }

    [Fact]
    public void Render_Findings_SayTheSeverityFirstAndWhatToDo()
    {
        using var shell = new HostedShell(new FakeEngine());

        var lines = shell.Invoke("$it", new { it = Samples.Finding }, throughHost: true).EnsureNoErrors().Lines.Where(l => l.Length > 0).Select(l => l.TrimEnd());

        Assert.Equal(
            [
                "REFUSAL      HfReplicaLocked  highflame-prod-dr-postgres",
                "  seen    Lock 'freeze' at /subscriptions/s is ReadOnly and forbids the promotion.",
                "  needed  No ReadOnly lock.",
                "  do      Remove the lock 'freeze', then run this again.",
            ],
            lines);
    }

    [Fact]
    public void Render_ManyTypesInOneStream_ListsKeepTheirViewAndTheRestStaysShort()
    {
        using var shell = new HostedShell(new FakeEngine());

        var lines = shell.Invoke(
            "$context; $server; $endpoint; $drill", new { context = Samples.Context, server = Samples.Primary, endpoint = Samples.Endpoint, drill = Samples.Drill }, throughHost: true).EnsureNoErrors().Lines;

        Assert.Contains(lines, l => l.StartsWith("Name servers", StringComparison.Ordinal));
        Assert.Contains("Drill planned: FAILED", lines);
        Assert.Contains(lines, l => l.StartsWith("AlwaysServe", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("/subscriptions/", StringComparison.Ordinal));
    }

    [Fact]
    public void Types_Properties_ExistForEveryTableView()
    {
        var types = XDocument.Load(Path.Combine(BuiltModule.Directory, "Highflame.Dr.Types.ps1xml")).Descendants("Type").ToArray();

        Assert.Equal(
            Views.Where(v => v.Descendants("TableControl").Any()).Select(v => v.Descendants("TypeName").Single().Value).Order(StringComparer.Ordinal),
            types.Select(t => t.Element("Name")!.Value).Order(StringComparer.Ordinal));
        foreach (var type in types)
        {
            var model = typeof(IDrEngine).Assembly.GetType(type.Element("Name")!.Value, throwOnError: true)!;
            Assert.All(type.Descendants("ReferencedProperties").Elements("Name"), p => Assert.True(model.GetProperty(p.Value) is not null, $"{model.Name}.{p.Value}"));
        }
    }
}
