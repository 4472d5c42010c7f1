using System.Diagnostics.Tracing;

namespace Highflame.Dr.Soak.Child;

/// <summary>Listens to the engine's journal and acts at the moments it was told. Called on the thread that journals: what it does happens before anything else.</summary>
internal sealed class JournalWatch : EventListener
{
    private readonly Orders _orders;
    private readonly HashSet<string> _spared;
    private readonly List<Act> _acts;
    private readonly Dictionary<(string? Words, bool Before), int> _counts = [];
    private readonly JumpingClock _clock;
    private readonly Action<string> _say;
    private readonly Action _awaitWord;

    public JournalWatch(Orders orders, JumpingClock clock, Action<string> say, Action awaitWord)
    {
        (_orders, _clock, _say, _awaitWord) = (orders, clock, say, awaitWord);
        _spared = [.. orders.Spared];
        _acts = [.. orders.Acts];
        // The source may have been there before this listener had its fields.
        foreach (var source in EventSource.GetSources()) OnEventSourceCreated(source);
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (_orders is not null && eventSource.Name == "Highflame.Dr.Journal") EnableEvents(eventSource, EventLevel.Informational);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.Payload is not [string journal, long number, string what]) return;
        var before = eventData.EventName == "Appending";
        var moment = $"{(before ? "before" : "after")} {what}";
        foreach (var act in Due(what, before)) Carry(act, journal, number, moment);
        if (_orders.KillAt.HasFlag(before ? Moments.Before : Moments.After) && !_spared.Contains(moment)) Kill(number, moment);
    }

    private List<Act> Due(string what, bool before)
    {
        lock (_counts)
        {
            var due = new List<Act>();
            foreach (var words in _acts.Where(a => a.Before == before).Select(a => a.Words).Distinct().ToList())
            {
                if (words is not null && !what.Contains(words, StringComparison.Ordinal)) continue;
                var count = _counts[(words, before)] = _counts.GetValueOrDefault((words, before)) + 1;
                due.AddRange(_acts.Where(a => a.Before == before && a.Words == words && a.Record == count));
            }

            return due;
        }
    }

    private void Carry(Act act, string journal, long number, string moment)
    {
        switch (act.Kind)
        {
            case ActKind.Kill when act.Value > 0:
                _say($"KILL {act.Value:0} ms later than {number} {moment}");
                // Its own thread, so that a busy pool does not put it off.
                new Thread(() =>
                {
                    Thread.Sleep(TimeSpan.FromMilliseconds(act.Value));
                    OwnProcess.Kill();
                }).Start();
                break;
            case ActKind.Kill:
                Kill(number, moment);
                break;
            case ActKind.Hold:
                _say($"HOLD {number} {moment}");
                _awaitWord();
                break;
            case ActKind.DiskFull:
                _say($"DISKFULL {number} {moment}");
                OwnProcess.LimitFiles(act.Value > 0 ? (ulong)act.Value : (ulong)new FileInfo(journal).Length + 10);
                break;
            case ActKind.ClockJump:
                _say($"CLOCK {act.Value:0} s at {number} {moment}");
                _clock.Jump(TimeSpan.FromSeconds(act.Value));
                break;
        }
    }

    private void Kill(long number, string moment)
    {
        _say($"KILL {number} {moment}");
        OwnProcess.Kill();
    }
}
