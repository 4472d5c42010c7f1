using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Engine.Tests.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Evidence;

/// <summary>What the operator is told of lost writes, from the databases alone.</summary>
public sealed class EvidenceExportTests : FailoverFixture
{
    private async Task<RunEvidence> ExportAsync() => await new EvidenceExport(null, Store, Time, Observer).WriteAsync(Run.Run, Pair, null, CancellationToken.None);

    [Fact]
    public async Task WriteAsync_PlannedAndProven_ReportsZeroLost()
    {
        await FailOverAsync(Seen.Planned);

        var evidence = await ExportAsync();

        Assert.Equal((true, 0, 0), (evidence.ZeroLossProven, evidence.ReportedLost, evidence.Rpo.AchievedSeconds));
        Assert.Empty(evidence.Owed);
    }

    [Fact]
    public async Task WriteAsync_PlannedButTheOldPrimaryWroteAfterTheFence_ReportsNothingRatherThanZero()
    {
        Regions.After = line => Regions.Primary.NextTransaction += line == "r: promote Planned" ? 1 : 0;
        await FailOverAsync(Seen.Planned);

        var evidence = await ExportAsync();

        Assert.Null(evidence.ZeroLossProven);
        Assert.Null(evidence.ReportedLost);
        Assert.Contains(Observer.Warnings, w => w.StartsWith("WRITES AFTER THE FENCE?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WriteAsync_Forced_ReportsNoNumberAndTheLagAsABound()
    {
        Regions.Primary.DatabaseAnswers = false;
        Regions.Primary.AzureAnswers = false;
        await FailOverAsync(Seen.Forced);

        var evidence = await ExportAsync();

        Assert.Null(evidence.ReportedLost);
        Assert.Equal(1.5, evidence.Rpo.AchievedSeconds);
        Assert.Equal(["Fence p"], evidence.Owed);
    }

    [Fact]
    public async Task WriteAsync_Unfinished_IsPendingAndSealedByTheJournalsLastLine()
    {
        await FailOverAsync(Seen.Planned);

        var evidence = await ExportAsync();

        Assert.Equal((StepOutcome.Pending, null), (evidence.Outcome, evidence.Finished));
        Assert.Equal(State.LastHash, evidence.JournalHash);
        Assert.True(EvidenceVerification.Check(evidence.Path!).Intact);
    }

    [Fact]
    public async Task WriteAsync_Ended_CarriesTheRunsOutcome()
    {
        await FailOverAsync(Seen.Planned);
        var id = Run.Run.Id;
        var ended = Store.Complete(Run, StepOutcome.Failed);

        var evidence = await new EvidenceExport(null, Store, Time, Observer).WriteAsync(ended, Pair, null, CancellationToken.None);

        Assert.Equal((id, StepOutcome.Failed), (evidence.RunId, evidence.Outcome));
        Assert.NotNull(evidence.Finished);
    }

    [Fact]
    public async Task WriteAsync_TerraformNotInStep_IsOwedUntilAStateWasShownToAgree()
    {
        await FailOverAsync(Seen.Planned);
        var (left, taken) = (AzureLocation.Normalize(Pair.Regions[0].Location), AzureLocation.Normalize(Pair.Regions[1].Location));
        TerraformNote note = new() { ServerId = "r", Role = DbRole.Primary, At = Time.GetUtcNow(), Folder = "/infra", Settled = false };

        Assert.Equal([left, taken], (await ExportAsync()).TerraformOwed.Select(o => o[..o.IndexOf(':', StringComparison.Ordinal)]));
        TerraformDebt.Note(Store, taken, note);
        Assert.Contains((await ExportAsync()).TerraformOwed, o => o.StartsWith($"{taken}: terraform plan and apply in /infra", StringComparison.Ordinal));
        TerraformDebt.Note(Store, taken, note with { Settled = true });
        Assert.StartsWith(left, Assert.Single((await ExportAsync()).TerraformOwed), StringComparison.Ordinal);
        // What was settled before the promotion says nothing of it.
        TerraformDebt.Note(Store, left, note with { Settled = true, At = Time.GetUtcNow().AddDays(-1) });
        Assert.Single((await ExportAsync()).TerraformOwed);
    }
}
