using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Evidence;

public sealed class EvidenceRulesTests
{
    private readonly FakeTimeProvider _time = new(Seen.At);
    private readonly Journal _journal;

    public EvidenceRulesTests() => _journal = Journal.Create(new MemoryJournal(), _time);

    private void Begin(FailoverMode mode) => _journal.Append("run-started", new { RunId = "run-1", Pair = "prod", To = "westus", Mode = mode, FencingNumber = 1 });

    /// <summary>One second for each step.</summary>
    private void Did(string step, StepOutcome outcome = StepOutcome.Succeeded, string? detail = null, string target = "/x")
    {
        var open = _journal.BeginStep(new(step, target, step, StepClass.Reversible));
        _time.Advance(TimeSpan.FromSeconds(1));
        _journal.EndStep(open, outcome, detail);
    }

    private void Healthy(string detail = "Gateway: healthy; TrafficManager: healthy") => Did(StepNames.ValidateHealth, detail: detail);

    private double? Rto() => EvidenceRules.RtoSeconds(_journal.State);

    [Fact]
    public void RtoSeconds_Planned_RunsFromTheFenceToHealthThroughTrafficManager()
    {
        Begin(FailoverMode.Planned);
        Healthy();
        Did("SetTtl");
        Did(StepNames.Fence);
        Did(StepNames.Promote);
        Healthy("Gateway: healthy");
        Assert.Null(Rto());

        Healthy();
        Healthy();

        Assert.Equal(4, Rto());
    }

    [Fact]
    public void RtoSeconds_Forced_RunsFromTheStartOfTheRun()
    {
        Begin(FailoverMode.Forced);
        _time.Advance(TimeSpan.FromSeconds(10));
        Did(StepNames.Promote);
        Healthy();

        Assert.Equal(12, Rto());
    }

    [Fact]
    public void RtoSeconds_FenceWasLiftedAndRaisedAgain_CountsFromTheOneThatHeld()
    {
        Begin(FailoverMode.Planned);
        Did(StepNames.Fence);
        Did(StepNames.LiftFence);
        _time.Advance(TimeSpan.FromMinutes(30));
        Did(StepNames.Fence);
        Did(StepNames.Promote);
        Healthy();

        Assert.Equal(3, Rto());
    }

    [Fact]
    public void RtoSeconds_KilledUnderTheFenceAndResumed_CountsFromTheFirst()
    {
        Begin(FailoverMode.Planned);
        Did(StepNames.Fence);
        Did(StepNames.LiftFence, StepOutcome.Failed);
        Did(StepNames.Fence, StepOutcome.NoChange);
        Did(StepNames.Promote);
        Healthy();

        Assert.Equal(5, Rto());
    }

    [Theory]
    [InlineData(StepOutcome.Failed, StepOutcome.Succeeded)]
    [InlineData(StepOutcome.Succeeded, StepOutcome.Failed)]
    public void RtoSeconds_NotPromotedOrNotHealthy_IsNotKnown(StepOutcome promotion, StepOutcome health)
    {
        Begin(FailoverMode.Planned);
        Did(StepNames.Fence);
        Did(StepNames.Promote, promotion);
        Did(StepNames.ValidateHealth, health, "TrafficManager: healthy");

        Assert.Null(Rto());
    }

    [Fact]
    public void RpoSeconds_Proven_IsZeroElseTheMeasuredLagElseNotKnown()
    {
        Begin(FailoverMode.Planned);
        Assert.Null(EvidenceRules.RpoSeconds(_journal.State));

        _journal.RecordFact(PromotionRecord.FactName, Seen.Promotion(FailoverMode.Planned) with { LagSeconds = 2.34567 });
        Assert.Equal(2.346, EvidenceRules.RpoSeconds(_journal.State));

        _journal.RecordFact(HandoverProof.FactName, new HandoverProof { ServerId = Pairs.Id("r"), ZeroLossProven = null, Detail = "not proven" });
        Assert.Equal(2.346, EvidenceRules.RpoSeconds(_journal.State));

        _journal.RecordFact(HandoverProof.FactName, new HandoverProof { ServerId = Pairs.Id("r"), ZeroLossProven = true, Detail = "shown" });
        Assert.Equal(0, EvidenceRules.RpoSeconds(_journal.State));
    }

    private sealed class MemoryJournal : IJournalFile
    {
        private readonly MemoryStream _bytes = new();

        public string Location => "memory";

        public byte[] Read() => _bytes.ToArray();

        public void Append(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        public void Dispose() => _bytes.Dispose();
    }
}
