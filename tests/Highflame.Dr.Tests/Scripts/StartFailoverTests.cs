using System.Management.Automation;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>Start-HfFailover.ps1, what Azure Automation starts: one pair in its own session, several side by side in sessions of theirs; how each ends and what the job says of it.</summary>
public sealed class StartFailoverTests : IDisposable
{
    private const string Blob = "https://hfdrstate.blob.core.windows.net/pairs";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly FakeEngine _engine = new();
    private readonly UnderstudyModule _module;
    private readonly HostedShell _shell;

    public StartFailoverTests()
    {
        _module = new UnderstudyModule(_engine);
        _shell = new HostedShell(import: false, streamCommands: true);
        _shell.Invoke("Import-Module $manifest", new { manifest = _module.Manifest }).EnsureNoErrors();
        // No plan grows old, however slow the machine is.
        _engine.ObservedAt = TimeProvider.System.GetUtcNow().AddDays(1);
    }

    public void Dispose()
    {
        _shell.Dispose();
        _module.Dispose();
    }

    [Fact]
    public void OnePair_Done_TellsHowItEndedAndWhereItsEvidenceIs()
    {
        var ended = Assert.Single(Run("-PairPath /pairs/a.json -To westus").EnsureNoErrors().Output);

        Assert.Equal("a westus 0 Succeeded", Line(ended));
        Assert.Equal("/runs/a/evidence.json", ended.Properties["Evidence"].Value);
        Assert.Equal(DrCredentialKind.ManagedIdentity, _engine.Last<DrConnectionOptions>("Connect").Credential);
    }

    [Fact]
    public void SeveralPairs_OneTakesLong_RunBesideEachOtherAndEachIsShownWhenItHasEnded()
    {
        var others = new TaskCompletionSource();
        _engine.On = (method, request, _, token) => method == "StartRun" && PairOf(request) == "slow" ? others.Task.WaitAsync(s_patience, token) : Task.CompletedTask;
        var seen = new List<string>();

        var result = Run("-PairPath /pairs/slow.json, /pairs/b.json, /pairs/c.json -To westus", " | ForEach-Object { $see.Invoke($_.Pair); $_ }", new { see = (Action<string>)See });

        void See(string pair)
        {
            seen.Add(pair);
            if (seen.Count == 2) others.SetResult();
        }

        result.EnsureNoErrors();
        Assert.Equal("slow", seen[^1]);
        Assert.Equal(["b westus 0 Succeeded", "c westus 0 Succeeded", "slow westus 0 Succeeded"], result.Output.Select(Line).Order(StringComparer.Ordinal));
        // Each in a session of its own: connected by itself, its run its own.
        Assert.Equal(3, _engine.Methods.Count(m => m == "Connect"));
        Assert.Equal(["b", "c", "slow"], Runs.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void SeveralPairs_WithALimit_AreWorkedOnThatManyAtOnce()
    {
        var (running, most) = (0, 0);
        var full = new TaskCompletionSource();
        _engine.On = async (method, _, _, _) =>
        {
            if (method == "StartRun")
            {
                var now = Interlocked.Increment(ref running);
                lock (full) most = Math.Max(most, now);
                // The first ones wait for each other: together they are as many as may.
                if (now == 2) full.TrySetResult();
                await full.Task.WaitAsync(s_patience, CancellationToken.None);
            }
            else if (method == "CompleteRun")
            {
                Interlocked.Decrement(ref running);
            }
        };

        var result = Run("-PairPath /pairs/a.json, /pairs/b.json, /pairs/c.json, /pairs/d.json -To westus -ThrottleLimit 2").EnsureNoErrors();

        Assert.Equal((2, 4), (most, result.Output.Count));
    }

    [Fact]
    public void SeveralPairs_OneCannotBeRead_HoldsUpNobodyAndFailsTheJobInTheEnd()
    {
        var result = Run("-PairPath /pairs/bad.json, /pairs/b.json, /pairs/c.json -To westus -ThrottleLimit 1");

        Assert.Equal(["/pairs/bad.json westus 1 Failed", "b westus 0 Succeeded", "c westus 0 Succeeded"], result.Output.Select(Line));
        Assert.StartsWith("HfPairFileMalformed,", (string)result.Output[0].Properties["Reason"].Value, StringComparison.Ordinal);
        Assert.Equal("1 of 3 pairs did not fail over: /pairs/bad.json Failed.", result.Failure!.Message);
        Assert.Contains(result.Errors, e => e.FullyQualifiedErrorId.StartsWith("HfPairFileMalformed,", StringComparison.Ordinal));
    }

    [Fact]
    public void SeveralPairs_EachEndsInItsOwnWay_TheJobNamesThoseThatFailed()
    {
        var broken = 0;
        _engine.On = (method, request, _, _) => (method, PairOf(request)) switch
        {
            // Half way once, and done the second time.
            ("ExecuteReplica", "half") when Interlocked.Increment(ref broken) == 1 => throw Wrong("HfReplicaFailed"),
            ("ExecuteReplica", "stuck") => throw Wrong("HfReplicaFailed"),
            ("ExecuteFailover", "back") => throw Wrong("HfCatchUpTimedOut"),
            ("StartRun", "held") => throw Wrong("HfRunHeld"),
            _ => Task.CompletedTask,
        };

        var result = Run("-PairPath /pairs/half.json, /pairs/stuck.json, /pairs/back.json, /pairs/held.json, /pairs/well.json -To westus -Attempts 2");

        Assert.Equal(
            ["back westus 2 RolledBack", "half westus 0 Succeeded", "held westus 1 Failed", "stuck westus 5 Incomplete", "well westus 0 Succeeded"], result.Output.Select(Line).Order(StringComparer.Ordinal));
        Assert.StartsWith("3 of 5 pairs did not fail over: ", result.Failure!.Message, StringComparison.Ordinal);
        foreach (var named in (string[])["back RolledBack", "held Failed", "stuck Incomplete"]) Assert.Contains(named, result.Failure.Message, StringComparison.Ordinal);
        Assert.Equal((2, 2, 1, 1), (Runs.Count(p => p == "half"), Runs.Count(p => p == "stuck"), Runs.Count(p => p == "back"), Runs.Count(p => p == "well")));
    }

    [Fact]
    public void OnePair_StopsHalfWayEachTime_IsBegunAsOftenAsMayBeAndFailsTheJob()
    {
        _engine.On = (method, _, _, _) => method == "ExecuteReplica" ? throw Wrong("HfReplicaFailed") : Task.CompletedTask;

        var result = Run("-PairPath /pairs/a.json -To westus -Attempts 3");

        Assert.Equal("a westus 5 Incomplete", Line(Assert.Single(result.Output)));
        Assert.Equal("1 of 1 pairs did not fail over: a Incomplete.", result.Failure!.Message);
        Assert.Equal(3, Runs.Count());
    }

    [Fact]
    public void OnePair_DoneWithSomethingOwed_SaysSoAndTheJobDoesNotFail()
    {
        _engine.FenceEndsWith = StepOutcome.Pending;

        var result = Run("-PairPath /pairs/a.json -To westus -Mode Forced -AllowDataLoss $true").EnsureNoErrors();

        Assert.Equal("a westus 3 Owing", Line(Assert.Single(result.Output)));
        Assert.Contains(result.Warnings, w => w.StartsWith("a: traffic is served by westus, and something is owed.", StringComparison.Ordinal));
        Assert.True(_engine.Last<FailoverRequest>("PlanFailover").AllowDataLoss);
    }

    [Fact]
    public void OnePair_RefusedByThePreflight_FailsTheJobAndIsNotBegunAgain()
    {
        _engine.Findings.Add(Samples.Finding with { Severity = ReadinessSeverity.Refusal });

        var result = Run("-PairPath /pairs/a.json -To westus");

        Assert.Equal("a westus 4 Refused", Line(Assert.Single(result.Output)));
        Assert.Single(Runs);
    }

    [Theory]
    [InlineData(false, "westus")]
    [InlineData(true, "eastus")]
    public void NoRegionGiven_GoesToThePassiveOneOrWhereAnInterruptedRunWent(bool interrupted, string to)
    {
        if (interrupted) _engine.Runs.Add(Samples.RunStatus with { Hold = RunHold.Free, To = "eastus" });

        Assert.Equal(to, Assert.Single(Run("-PairPath /pairs/a.json").Output).Properties["To"].Value);
    }

    [Fact]
    public void RunHeldByAJobThatWasInterrupted_WaitsForItsLeaseBeforeItLooks()
    {
        _engine.Runs.Add(Samples.RunStatus);
        var looks = 0;
        _engine.On = (method, _, _, _) =>
        {
            // The lease lapses between two looks.
            if (method == "GetRuns" && ++looks == 3) _engine.Runs[0] = Samples.RunStatus with { Hold = RunHold.Free };
            Assert.False(method == "GetPairStatus" && looks < 3, "It has looked at the pair while the run was held.");
            return Task.CompletedTask;
        };

        var result = Run("-PairPath /pairs/a.json -To westus").EnsureNoErrors();

        Assert.Contains(result.Warnings, w => w.StartsWith("Run run-1 is held by process 4711 on here (root) since 2026-", StringComparison.Ordinal));
        Assert.Equal("a westus 0 Succeeded", Line(Assert.Single(result.Output)));
    }

    [Fact]
    public void RunHeldForLongerThanALease_EndsWithWhoHoldsIt()
    {
        _engine.Runs.Add(Samples.RunStatus);
        _engine.On = (method, _, _, _) => method == "StartRun" ? throw Wrong("HfRunHeld") : Task.CompletedTask;

        var result = Run("-PairPath /pairs/a.json -To westus -LeaseWaitSeconds 0.1");

        Assert.StartsWith("HfRunHeld,", (string)Assert.Single(result.Output).Properties["Reason"].Value, StringComparison.Ordinal);
        Assert.NotNull(result.Failure);
        Assert.DoesNotContain(_engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("-Unlock $true", true)]
    public void Unlock_IsForThoseWhoSaySo(string consent, bool unlocks)
    {
        var ended = Assert.Single(Run($"-PairPath /pairs/a.json -To westus {consent}").EnsureNoErrors().Output);

        Assert.Equal("a westus 0 Succeeded", Line(ended));
        Assert.Equal(unlocks, _engine.Methods.Contains("PlanUnlock"));
    }

    [Theory]
    [InlineData($"{Blob}/prod.json")]
    [InlineData($"{Blob}/prod.json', '/pairs/b.json")]
    public void PairFileKeptAsABlob_IsFetchedWithTheIdentity(string paths)
    {
        var result = Run($"-PairPath '{paths}' -To westus").EnsureNoErrors();

        Assert.Contains("prod westus 0 Succeeded", result.Output.Select(Line));
        Assert.Equal($"{Blob}/prod.json", _engine.Last<Uri>("FetchPair").ToString());
        Assert.Equal("Connect", _engine.Methods.First(m => m is "Connect" or "FetchPair"));
    }

    [Fact]
    public void PairFileKeptAsABlob_ThatMayNotBeRead_IsItsOwnTrouble()
    {
        _engine.On = (method, _, _, _) => method == "FetchPair" ? throw new DrException("HfPairFileNotFound", DrErrorKind.PermissionDenied, "HTTP 403", Blob, "Give the role.") : Task.CompletedTask;

        var result = Run($"-PairPath '{Blob}/prod.json', '/pairs/b.json' -To westus -ThrottleLimit 1");

        Assert.Equal([$"{Blob}/prod.json westus 1 Failed", "b westus 0 Succeeded"], result.Output.Select(Line));
        Assert.StartsWith("HfPairFileNotFound,", (string)result.Output[0].Properties["Reason"].Value, StringComparison.Ordinal);
    }

    private IEnumerable<string> Runs => _engine.Calls.Where(c => c.Method == "StartRun").Select(c => PairOf(c.Request)!);

    private static string? PairOf(object? request) => request switch
    {
        RunRequest run => run.Pair.Name,
        ExecutionOptions options => options.Run?.Run.Pair,
        _ => null,
    };

    private static DrException Wrong(string id) => new(id, DrErrorKind.OperationFailed, "It went wrong.", "r", "Next.");

    private static string Line(PSObject ended) => $"{ended.Properties["Pair"].Value} {ended.Properties["To"].Value} {ended.Properties["ExitCode"].Value} {ended.Properties["Outcome"].Value}";

    private ShellResult Run(string arguments, string more = "", object? variables = null)
    {
        var all = new Dictionary<string, object?> { ["runbook"] = _module.Runbook("Start-HfFailover.ps1") };
        foreach (var property in variables?.GetType().GetProperties() ?? []) all[property.Name] = property.GetValue(variables);
        return _shell.Invoke($"& $runbook {arguments}{more}", all);
    }
}
