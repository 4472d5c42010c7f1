using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Execution;

public sealed class JournalTests : IDisposable
{
    private static readonly PlanStep Promote = new("PromoteReplica", "/subscriptions/s/server", "promote it", StepClass.Irreversible);
    private readonly string _directory = Directory.CreateTempSubdirectory("hfdr-journal-").FullName;
    private readonly FakeTimeProvider _time = new();

    private string FilePath => Path.Combine(_directory, "journal.jsonl");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void BeginStep_Returns_OnlyAfterTheIntentCanBeReadFromDisk()
    {
        using var journal = Journal.Create(new DiskJournalFile(FilePath, create: true), _time);

        journal.BeginStep(Promote);

        var line = Assert.Single(JournalReader.Read(FilePath).Lines);
        Assert.Equal("step-intent", line.Type);
        Assert.Equal("PromoteReplica", line.Body["name"]!.GetValue<string>());
    }

    [Fact]
    public void RecordFound_WhatADeadProcessBegan_HasAnOutcomeFromThenOn()
    {
        using (var first = Journal.Create(new DiskJournalFile(FilePath, create: true), _time)) first.BeginStep(Promote);
        using var journal = Journal.Open(new DiskJournalFile(FilePath, create: false), _time);
        Assert.Equal(StepOutcome.Unknown, Assert.Single(journal.State.Steps).Outcome);

        journal.RecordFound(Promote.Name, Promote.Target.ToUpperInvariant(), "it is there");
        journal.RecordFound(Promote.Name, Promote.Target, "it is there");

        var step = Assert.Single(JournalState.Fold(JournalReader.Read(FilePath).Lines).Steps);
        Assert.Equal((StepOutcome.NoChange, "found after an interruption: it is there"), (step.Outcome, step.Detail));
        Assert.NotNull(step.Finished);
        Assert.Equal(2, JournalReader.Read(FilePath).Lines.Count);
    }

    [Fact]
    public void RecordFound_NothingLacksAnOutcome_WritesNothing()
    {
        using var journal = Journal.Create(new DiskJournalFile(FilePath, create: true), _time);
        journal.EndStep(journal.BeginStep(Promote), StepOutcome.Unknown, "Azure does not say");
        var lines = JournalReader.Read(FilePath).Lines.Count;

        journal.RecordFound(Promote.Name, Promote.Target, "it is there");
        journal.RecordFound("MoveTraffic", Promote.Target, "it is there");

        Assert.Equal(lines, JournalReader.Read(FilePath).Lines.Count);
    }

    [Fact]
    public void Read_ChainOfLines_IsIntact()
    {
        Write();

        var content = JournalReader.Read(FilePath);

        Assert.Null(content.Problem);
        Assert.Equal(3, content.Lines.Count);
        Assert.Equal(content.Lines[0].Hash, content.Lines[1].Body["prev"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Read_LineChanged_NamesTheLine(int row)
    {
        Write();
        var lines = File.ReadAllLines(FilePath);
        lines[row] = lines[row].Replace("PromoteReplica", "PromoteNothing", StringComparison.Ordinal);
        File.WriteAllLines(FilePath, lines);

        Assert.Contains($"line {row + 1}", JournalReader.Read(FilePath).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LineRemoved_IsABrokenChain()
    {
        Write();
        var lines = File.ReadAllLines(FilePath);
        File.WriteAllLines(FilePath, [lines[0], lines[2]]);

        Assert.NotNull(JournalReader.Read(FilePath).Problem);
    }

    [Fact]
    public void Open_BrokenChain_IsHfJournalBroken()
    {
        Write();
        var lines = File.ReadAllLines(FilePath);
        File.WriteAllLines(FilePath, [lines[1], lines[2]]);

        Assert.Equal("HfJournalBroken", Assert.Throws<DrException>(() => Journal.Open(new DiskJournalFile(FilePath, create: false), _time)).ErrorId);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public void Open_TornLastLine_GoesOnAndKeepsWhatWasWritten(int cut)
    {
        Write();
        var bytes = File.ReadAllBytes(FilePath);
        File.WriteAllBytes(FilePath, bytes[..^cut]);
        var torn = File.ReadAllBytes(FilePath);

        using (var journal = Journal.Open(new DiskJournalFile(FilePath, create: false), _time)) journal.BeginStep(Promote);

        var content = JournalReader.Read(FilePath);
        Assert.Null(content.Problem);
        Assert.Equal("step-intent", content.Lines[^1].Type);
        Assert.Equal(torn, File.ReadAllBytes(FilePath)[..torn.Length]);
        Assert.Equal(cut > 1, content.Lines.Any(l => l.Type == JournalFormat.Recovered));
    }

    [Fact]
    public void Open_TruncatedAtEveryByteOfItsLastLine_GoesOnWithoutLosingALine()
    {
        Write();
        var bytes = File.ReadAllBytes(FilePath);
        var last = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) + 1;
        var whole = JournalReader.Read(bytes).Lines.Count;
        for (var length = last; length < bytes.Length; length++)
        {
            File.WriteAllBytes(FilePath, bytes[..length]);
            Assert.True(EvidenceVerification.Check(bytes[..length], FilePath).Intact, $"Cut at byte {length}, it is called changed.");

            using (var journal = Journal.Open(new DiskJournalFile(FilePath, create: false), _time)) journal.BeginStep(Promote);

            var content = JournalReader.Read(FilePath);
            Assert.Null(content.Problem);
            Assert.Equal("step-intent", content.Lines[^1].Type);
            var kept = length == bytes.Length - 1 ? whole : whole - 1;
            Assert.Equal(kept + 1, content.Lines.Count(l => l.Type != JournalFormat.Recovered));
            Assert.True(EvidenceVerification.Check(FilePath).Intact);
        }
    }

    [Fact]
    public void Check_AnyByteChanged_IsFoundAndItsLineNamed()
    {
        Write();
        var bytes = File.ReadAllBytes(FilePath);
        // A journal that was torn and recovered: its torn part is vouched for as well.
        File.WriteAllBytes(FilePath, bytes[..^40]);
        using (var journal = Journal.Open(new DiskJournalFile(FilePath, create: false), _time)) journal.BeginStep(Promote);
        bytes = File.ReadAllBytes(FilePath);
        Assert.True(EvidenceVerification.Check(bytes, FilePath).Intact);

        var line = 1;
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            var check = EvidenceVerification.Check(changed, FilePath);
            Assert.False(check.Intact, $"Byte {at} ('{(char)bytes[at]}') was changed and not found.");
            Assert.InRange(check.FirstBadLine!.Value, line - 1, line + 1);
            if (bytes[at] == (byte)'\n') line++;
        }
    }

    [Fact]
    public void Fold_IntentWithoutOutcome_IsUnknownAndNotFailed()
    {
        using var journal = Journal.Create(new DiskJournalFile(FilePath, create: true), _time);
        journal.BeginStep(Promote);

        Assert.Equal(StepOutcome.Unknown, Assert.Single(journal.State.Steps).Outcome);
    }

    [Fact]
    public void Fold_PendingStepRecordedAgain_IsCompletedAndKeepsItsStart()
    {
        using var journal = Journal.Create(new DiskJournalFile(FilePath, create: true), _time);
        var step = journal.BeginStep(Promote);
        journal.EndStep(step, StepOutcome.Pending, "accepted");
        _time.Advance(TimeSpan.FromSeconds(7));
        journal.RecordStep(new StepResult { Name = Promote.Name, Target = Promote.Target.ToUpperInvariant(), Started = _time.GetUtcNow(), Finished = _time.GetUtcNow(), Outcome = StepOutcome.Succeeded });

        var result = Assert.Single(journal.State.Steps);
        Assert.Equal(StepOutcome.Succeeded, result.Outcome);
        Assert.Equal(7, result.Seconds);
    }

    [Fact]
    public void RecordOperation_UrlIsKeptToTheLetter()
    {
        const string url = "https://arm/subscriptions/x/locations/Canada%20Central/azureAsyncOperation/1?api-version=2025-08-01&t=6&c=A+B/=&s=é";
        using (var journal = Journal.Create(new DiskJournalFile(FilePath, create: true), _time))
        {
            journal.RecordOperation(new DrOperation { Id = "1", Name = "Promote", Target = "t", OperationUrl = url, Outcome = StepOutcome.Pending, Status = "InProgress", Started = _time.GetUtcNow() });
        }

        Assert.Equal(url, Assert.Single(JournalState.Fold(JournalReader.Read(FilePath).Lines).Operations).OperationUrl);
    }

    private void Write()
    {
        using var journal = Journal.Create(new DiskJournalFile(FilePath, create: true), _time);
        var step = journal.BeginStep(Promote);
        journal.EndStep(step, StepOutcome.Succeeded, "PromoteReplica done: \"quoted\" é");
        journal.RecordFact("note", new { Words = "last" });
    }
}
