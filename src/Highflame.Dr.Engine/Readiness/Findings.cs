using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>
/// Gathers findings and decides how heavy each is. In forced mode the region is lost: only what makes the promotion itself impossible refuses, the rest warns and can be put
/// right afterwards. When the run has promoted already, nothing refuses any more.
/// </summary>
internal sealed class Findings
{
    private readonly List<ReadinessFinding> _found = [];
    private readonly FailoverMode _mode;
    private readonly bool _promoted;
    private readonly bool _unattended;

    /// <param name="mode">Of the failover.</param>
    /// <param name="promoted">The run has promoted already.</param>
    /// <param name="unattended">Nobody is there to put right what only warns in forced mode: it refuses.</param>
    public Findings(FailoverMode mode, bool promoted, bool unattended = false)
    {
        _mode = mode;
        _promoted = promoted;
        _unattended = unattended;
    }

    public bool Forced => _mode == FailoverMode.Forced;

    /// <summary>Refuses in both modes: Azure would not promote.</summary>
    public void RefuseAlways(string code, string resource, string observed, string required, string remedy) =>
        Add(_promoted ? ReadinessSeverity.Warning : ReadinessSeverity.Refusal, code, resource, observed, required, remedy);

    /// <summary>Refuses a planned failover, and one that nobody watches over; in forced mode a warning.</summary>
    public void Refuse(string code, string resource, string observed, string required, string remedy) =>
        Add(_promoted || (Forced && !_unattended) ? ReadinessSeverity.Warning : ReadinessSeverity.Refusal, code, resource, observed, required, remedy);

    public void Warn(string code, string resource, string observed, string required, string remedy) => Add(ReadinessSeverity.Warning, code, resource, observed, required, remedy);

    public void Inform(string code, string resource, string observed, string required, string remedy) => Add(ReadinessSeverity.Information, code, resource, observed, required, remedy);

    /// <summary>A probe that failed: what it would have shown is not known.</summary>
    public void NotObserved(string resource, string what, string? problem) =>
        Warn("HfNotObserved", resource, $"{what} could not be observed: {(problem ?? "no reason was given").TrimEnd('.')}.", $"{what}, observed.", "Put right what the reason names, then run this again; or look yourself.");

    public void Skip(string resource, string what) =>
        Add(ReadinessSeverity.Skipped, "HfSkipped", resource, $"{what}: not looked at, because it needs the region that is left.", "Nothing of that region is called in forced mode.", "Look at it when the region answers again.");

    /// <summary>Worst first, else in the order found; the same thing only once.</summary>
    public ReadinessFinding[] Sorted() => [.. _found.DistinctBy(f => (f.Code, f.Resource, f.Observed)).OrderBy(f => f.Severity)];

    private void Add(ReadinessSeverity severity, string code, string resource, string observed, string required, string remedy) =>
        _found.Add(new ReadinessFinding { Code = code, Severity = severity, Resource = resource, Observed = observed, Required = required, Remedy = remedy });
}
