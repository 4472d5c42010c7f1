using System.Threading.Channels;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Notifications;

/// <summary>
/// Tells of one run as its journal grows: begun, each phase, refused, ended. A queue that is emptied beside the run, so that no receiver ever holds it up; what did not go well is one
/// warning at the end.
/// </summary>
internal sealed class RunNotices : IDrObserver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private readonly Channel<DrNotice> _queue = Channel.CreateUnbounded<DrNotice>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RegionPair _pair;
    private readonly DrRun _run;
    private readonly TimeProvider _time;
    private readonly Task _sending;
    private string? _problem;

    private RunNotices(RegionPair pair, DrRun run, Notifier notifier, TimeProvider time)
    {
        _pair = pair;
        _run = run;
        _time = time;
        _sending = Task.Run(async () =>
        {
            await foreach (var notice in _queue.Reader.ReadAllAsync().ConfigureAwait(false)) await notifier.SendAsync(pair, notice, this, CancellationToken.None).ConfigureAwait(false);
        });
    }

    /// <summary>Follows a run from now on and tells that it has begun.</summary>
    public static RunNotices Begin(RegionPair pair, RunHandle handle, Notifier notifier, TimeProvider time)
    {
        var run = handle.Run;
        var notices = new RunNotices(pair, run, notifier, time);
        notices.Tell(notices.Make(run.Resumed ? "RunResumed" : "RunStarted", NoticeSeverity.Warning, $"{run.Mode} failover from {run.From ?? "?"} to {run.To} {(run.Resumed ? "goes on" : "begins")}", null, time.GetUtcNow()));
        handle.Journal.Written = notices.Written;
        return notices;
    }

    public void Tell(DrNotice notice) => _queue.Writer.TryWrite(notice);

    public void Close() => _queue.Writer.TryComplete();

    /// <summary>Waits a few seconds for what is under way.</summary>
    public async Task FinishAsync(IDrObserver observer, CancellationToken cancellationToken)
    {
        Close();
        try
        {
            await _sending.WaitAsync(Patience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _problem ??= "a receiver takes too long; the rest is left to itself";
        }

        if (_problem is { } problem) observer.Warning(problem);
    }

    void IDrObserver.Progress(DrProgress progress)
    {
    }

    void IDrObserver.Verbose(string message)
    {
    }

    void IDrObserver.Warning(string message) => _problem ??= message;

    void IDrObserver.Information(string message)
    {
    }

    private void Written(JournalLine line)
    {
        if (NoticeOf(line) is { } notice) Tell(notice);
    }

    /// <summary>Null for a line that is nothing to be told.</summary>
    private DrNotice? NoticeOf(JournalLine line)
    {
        string? Text(string name) => line.Body.TryGetPropertyValue(name, out var value) && value is System.Text.Json.Nodes.JsonValue text && text.TryGetValue<string>(out var found) ? found : null;
        var outcome = Text("outcome");
        switch (line.Type)
        {
            case "step-outcome" or "step" when outcome is not nameof(StepOutcome.NoChange):
                var failed = outcome is nameof(StepOutcome.Failed) or nameof(StepOutcome.Unknown);
                return Make(failed && Text("name") == "Preflight" ? "RunRefused" : "RunStep", failed ? NoticeSeverity.Critical : NoticeSeverity.Information, $"{Text("name")}: {outcome}", Text("detail"), line.At,
                    new("Step", Text("name") ?? ""), new("Target", (Text("target") ?? "").Split('/')[^1]));
            case "run-ended" or "run-paused":
                return Make(
                    "RunEnded", outcome is nameof(StepOutcome.Failed) ? NoticeSeverity.Critical : outcome is nameof(StepOutcome.Pending) ? NoticeSeverity.Warning : NoticeSeverity.Information,
                    $"{_run.Mode} failover to {_run.To}: {outcome}", outcome is nameof(StepOutcome.Pending) ? "Something is owed: run the same command again when the region that was left answers." : null, line.At);
            default:
                return null;
        }
    }

    private DrNotice Make(string what, NoticeSeverity severity, string title, string? text, DateTimeOffset at, params KeyValuePair<string, string>[] facts) => new()
    {
        Event = what,
        Severity = severity,
        Pair = _pair.Name,
        Title = title,
        Text = text,
        At = at,
        Facts = [new("Run", _run.Id), new("From", _run.From ?? "?"), new("To", _run.To), .. facts],
    };
}
