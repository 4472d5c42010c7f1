using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using Highflame.Dr.Watching;

namespace Highflame.Dr.Commands;

/// <summary>
/// Watches region pairs: hears every witness, judges, tells what waiting costs, and says, by the rules of the pair file, when to alert and when to fail over. It changes nothing
/// itself: whoever takes its output acts on it, as the runbook Watch-HfRegionPair.ps1 does.
/// </summary>
[Cmdlet(VerbsCommon.Watch, "HfRegionPair", DefaultParameterSetName = ForeverSet)]
[OutputType(typeof(WatchEvent), typeof(string))]
public sealed class WatchHfRegionPairCommand : DrConnectedCmdlet
{
    private const string ForeverSet = "Forever";
    private const string OnceSet = "Once";
    private const string CountSet = "Count";
    private const string DurationSet = "Duration";

    private readonly List<RegionPair> _pairs = [];
    private BoardScreen? _screen;

    /// <summary>Region pairs: the pair, its status, its name or the path of its file. Default is the only imported pair.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>One round, then end.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OnceSet)]
    public SwitchParameter Once { get; set; }

    /// <summary>This many rounds, then end.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CountSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>End after this many seconds.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DurationSet)]
    [ValidateRange(0.001d, 31536000d)]
    public double DurationSeconds { get; set; }

    /// <summary>Seconds from the beginning of one round to the next; default is what the pair file says, else 10.</summary>
    [Parameter]
    [ValidateRange(0.001d, 3600d)]
    public double? IntervalSeconds { get; set; }

    /// <summary>Show a board that refreshes in place; where the output is no terminal, a line whenever something changes. Objects go on to the next command only.</summary>
    [Parameter]
    public SwitchParameter Board { get; set; }

    /// <summary>Give each round as one line of JSON.</summary>
    [Parameter]
    public SwitchParameter AsJson { get; set; }

    private protected override void Process()
    {
        // Without a connection nothing further can work: said before the first round.
        _ = Connection;
        _pairs.Add(RequirePair(Pair));
    }

    private protected override void End()
    {
        if (_pairs.Count == 0) return;
        var interval = TimeSpan.FromSeconds(IntervalSeconds ?? _pairs.Min(p => p.Watch.IntervalSeconds));
        long rounds = ParameterSetName switch { OnceSet => 1, CountSet => Count, _ => long.MaxValue };
        var clock = State.Clock;
        var began = clock.GetTimestamp();
        bool Over() => ParameterSetName == DurationSet && clock.GetElapsedTime(began).TotalSeconds >= DurationSeconds;
        if (Board) _screen = new BoardScreen(Host.UI, State.IsTerminal);
        try
        {
            for (long round = 1; ; round++)
            {
                var start = clock.GetTimestamp();
                Look(round);
                if (round >= rounds || Over()) return;
                // What acted on the last round may have taken long: then the next is due at once.
                var wait = interval - clock.GetElapsedTime(start);
                if (ParameterSetName == DurationSet && TimeSpan.FromSeconds(DurationSeconds) - clock.GetElapsedTime(began) is var left && left < wait) wait = left;
                if (wait > TimeSpan.Zero) Await((_, token) => Task.Delay(wait, clock, token));
                if (Over()) return;
            }
        }
        finally
        {
            _screen?.End();
        }
    }

    private void Look(long round)
    {
        var connection = Connection;
        var found = Await((observer, token) => Task.WhenAll(_pairs.Select(p => Engine.WatchAsync(connection, p, observer, token))));
        _screen?.Show(found, round);
        if (_screen is not null && MyInvocation.PipelinePosition == MyInvocation.PipelineLength) return;
        // What acts on it may write to the screen: the next board begins below.
        if (Array.Exists(found, f => f.Action == WatchAction.Failover)) _screen?.End();
        foreach (var one in found)
        {
            if (AsJson) WriteObject(WatchJson.Line(one));
            else WriteObject(one);
        }
    }
}
