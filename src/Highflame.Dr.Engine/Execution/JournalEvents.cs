using System.Diagnostics.Tracing;

namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// Tells whoever listens (an EventListener of this process, dotnet-trace) that a line is about to be journaled, and that it is safe. A listener is called on the
/// thread that journals, before the act that the line announces. Costs nothing when nobody listens. No secret: the words are those of the line itself.
/// </summary>
[EventSource(Name = SourceName)]
internal sealed class JournalEvents : EventSource
{
    public const string SourceName = "Highflame.Dr.Journal";

    public static readonly JournalEvents Log = new();

    private JournalEvents()
    {
    }

    /// <param name="journal">Path or URL of the journal.</param>
    /// <param name="number">Number of the line, from 1.</param>
    /// <param name="what">Type of the line, and its name, outcome and target where it has them.</param>
    [Event(1, Level = EventLevel.Informational)]
    public void Appending(string journal, long number, string what) => WriteEvent(1, journal, number, what);

    [Event(2, Level = EventLevel.Informational)]
    public void Appended(string journal, long number, string what) => WriteEvent(2, journal, number, what);
}
