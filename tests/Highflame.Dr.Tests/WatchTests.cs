using System.Text.Json;
using Highflame.Dr.Planning;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using Highflame.Dr.Watching;

namespace Highflame.Dr.Tests;

/// <summary>Watch-HfRegionPair as objects, as JSON lines and as a board.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly FakeSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Watch-HfRegionPair -Once", 1)]
    [InlineData("Watch-HfRegionPair highflame-prod -Count 3 -IntervalSeconds 0.001", 3)]
    [InlineData("$pair | Watch-HfRegionPair -Count 2 -IntervalSeconds 0.001", 2)]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Watch-HfRegionPair -Once", 1)]
    public void Watch_EachWay_GivesOneObjectARound(string script, int rounds)
    {
        var found = _session.Invoke(script, new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") }).EnsureNoErrors().As<WatchEvent>();

        Assert.Equal(rounds, found.Length);
        Assert.All(found, f => Assert.Equal("highflame-prod", f.Name));
    }

    [Fact]
    public void Watch_TwoPairs_AreHeardInEachRound()
    {
        var found = _session.Invoke("'/pairs/a.json', '/pairs/b.json' | Import-HfRegionPair | Watch-HfRegionPair -Count 2 -IntervalSeconds 0.001").EnsureNoErrors().As<WatchEvent>();

        Assert.Equal(["a", "b", "a", "b"], found.Select(f => f.Name));
    }

    [Fact]
    public void Watch_Duration_EndsByItself() =>
        Assert.InRange(_session.Invoke("$null = Watch-HfRegionPair -Count 1; Watch-HfRegionPair -DurationSeconds 1 -IntervalSeconds 0.1").EnsureNoErrors().As<WatchEvent>().Length, 2, 11);

    [Fact]
    public async Task Watch_CtrlC_EndsWithinASecond()
    {
        var looked = new TaskCompletionSource();
        _session.Engine.On = (method, _, _, _) =>
        {
            if (method == "Watch") looked.TrySetResult();
            return Task.CompletedTask;
        };

        var result = await _session.Shell.InvokeAndStopAsync("Watch-HfRegionPair -Board -IntervalSeconds 600", looked.Task);

        Assert.True(result.Stopped);
        Assert.True(result.StoppedAfter < TimeSpan.FromSeconds(1), $"{result.StoppedAfter}");
    }

    [Fact]
    public void Watch_Failover_ReachesTheNextCommandBeforeTheNextRound()
    {
        _session.Engine.Rounds.Clear();
        _session.Engine.Rounds.AddRange([Samples.Watched, Samples.WatchedLoss, Samples.Watched with { Active = "westus" }]);

        var result = _session.Invoke("Watch-HfRegionPair -Count 3 -IntervalSeconds 0.001 | Where-Object Action -EQ Failover | ForEach-Object { $null = Get-HfContext; $null = Get-HfTrafficEndpoint; $_.Passive }").EnsureNoErrors();

        Assert.Equal("westus", result.One<string>());
        Assert.Equal(["Watch", "Watch", "GetEndpoints", "Watch"], _session.Engine.Methods.Where(m => m is "Watch" or "GetEndpoints"));
    }

    [Fact]
    public void Refusal_InAnOpenRun_IsToldToThoseThePairFileNames()
    {
        Refusal Of(string code) => new() { Code = code, Kind = DrErrorKind.InvalidState, Resource = "r", Observed = "no", Required = "yes", Remedy = "do" };
        _session.Engine.Refusals = [Of("HfOne"), Of("HfTwo")];

        _session.Invoke("$null = Start-HfRun westus; Invoke-HfDbFailover r -Confirm:$false");

        var told = Assert.Single(_session.Engine.LastRun!.Told);
        Assert.Equal(("RunRefused", "Invoke-HfDbFailover is refused: HfOne, HfTwo"), (told.Event, told.Title));
    }

    [Fact]
    public void Watch_AsJson_IsOneLineARoundThatSaysItAll()
    {
        _session.Engine.Rounds.Add(Samples.WatchedLoss);

        var lines = _session.Invoke("Watch-HfRegionPair -Count 2 -IntervalSeconds 0.001 -AsJson").EnsureNoErrors().As<string>();

        Assert.Equal(2, lines.Length);
        Assert.All(lines, l => Assert.DoesNotContain('\n', l));
        using var line = JsonDocument.Parse(lines[1]);
        var root = line.RootElement;
        Assert.Equal(("highflame-prod", "Region", "Failover"), (root.GetProperty("pair").GetString(), root.GetProperty("verdict").GetString(), root.GetProperty("action").GetString()));
        Assert.Equal(180, root.GetProperty("price").GetProperty("failingSeconds").GetDouble());
        Assert.Equal("Down", root.GetProperty("witnesses")[0].GetProperty("word").GetString());
    }

    [Fact]
    public void Board_NoTerminal_SaysALineWhenSomethingChangesAndNoControlCodes()
    {
        _session.Engine.Rounds.Clear();
        _session.Engine.Rounds.AddRange([Samples.Watched, Samples.Watched, Samples.WatchedLoss, Samples.WatchedLoss]);

        var result = _session.Invoke("Watch-HfRegionPair -Board -Count 4 -IntervalSeconds 0.001").EnsureNoErrors();

        Assert.Empty(result.Output);
        Assert.Equal(2, result.Lines.Count);
        Assert.Equal("2026-03-01 12:00:00Z highflame-prod eastus: HEALTHY, watching eastus serves.", result.Lines[0]);
        Assert.Contains("REGION IS GONE, failing over, Failover: eastus is lost", result.Lines[1], StringComparison.Ordinal);
        Assert.All(result.Lines, l => Assert.DoesNotContain('\e', l));
    }

    [Fact]
    public void Board_WithANextCommand_HandsTheObjectsOn() =>
        Assert.Equal(2, _session.Invoke("Watch-HfRegionPair -Board -Count 2 -IntervalSeconds 0.001 | ForEach-Object { $_ }").EnsureNoErrors().As<WatchEvent>().Length);

    [Fact]
    public void Screen_Terminal_IsDrawnOverTheLastBoardAndNeverWiderOrHigher()
    {
        var terminal = new FakeTerminal(60, 8);
        var screen = new BoardScreen(terminal, () => true);

        screen.Show([Samples.Watched], 1);
        screen.Show([Samples.WatchedLoss with { Reasons = [.. Enumerable.Repeat("a reason that is much too long for a terminal of this width, and goes on", 9)] }], 2);
        screen.Show([Samples.Watched], 3);

        Assert.All(terminal.Screen, line => Assert.True(line.Length < 60, line));
        Assert.True(terminal.Scrolled == 0, "The board was higher than the terminal.");
        Assert.Equal("highflame-prod   active eastus, standby westus", terminal.Screen[0]);
        Assert.Contains("HEALTHY", terminal.Screen[1], StringComparison.Ordinal);
        Assert.StartsWith("round 3, 12:00:00 UTC", terminal.Screen.Last(l => l.Length > 0), StringComparison.Ordinal);
        Assert.DoesNotContain(terminal.Screen, l => l.Contains("a reason", StringComparison.Ordinal));
    }

    [Fact]
    public void Board_OfALoss_IsAReadablePictureInText()
    {
        var lines = WatchBoard.Lines([Samples.WatchedLoss], 7, 120).Select(l => l.Text);

        Assert.Equal(
            [
                "highflame-prod   active eastus, standby westus",
                "  REGION IS GONE (3 in a row)  Nothing of eastus answers.",
                "  failing over; automatic failover off",
                "  waiting costs: users fail since 180 s; a failover now would lose up to 0.2 s of writes, 4,096 bytes",
                "  Failover: eastus is lost (Region): failing over to westus.",
                "    down     gateway of eastus                         3 ms  Connection refused",
                "round 7, 12:00:00 UTC; Ctrl-C ends the watch",
            ],
            lines);
    }
}
