using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>What was done last for the Terraform of one region.</summary>
internal sealed record TerraformNote
{
    public required string ServerId { get; init; }

    public required DbRole Role { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Folder { get; init; }

    /// <summary>True when a state was shown that agrees.</summary>
    public required bool Settled { get; init; }
}

/// <summary>Which regions' Terraform a failover has left wrong. A region is settled once its state, read after the promotion, was shown to agree.</summary>
internal static class TerraformDebt
{
    private const string Document = "terraform.json";

    public static void Note(RunStore store, string location, TerraformNote note) => store.ChangeDocument<Dictionary<string, TerraformNote>, bool>(Document, notes =>
    {
        notes = notes is null ? [] : new(notes);
        notes[AzureLocation.Normalize(location)] = note;
        return (notes, true);
    });

    /// <summary>One line for each region that owes something after this run; none when the run has promoted nothing.</summary>
    public static string[] Of(RunStore store, RegionPair pair, JournalState state)
    {
        var promoted = state.Steps.FirstOrDefault(s => s.Name == StepNames.Promote && s.Outcome is StepOutcome.Succeeded or StepOutcome.Pending);
        if (promoted is null) return [];
        var notes = store.ReadDocument<Dictionary<string, TerraformNote>>(Document) ?? [];
        return [.. pair.Regions.Select(r => AzureLocation.Normalize(r.Location)).Select(l => Owed(l, notes.GetValueOrDefault(l), promoted.Started)).OfType<string>()];
    }

    private static string? Owed(string location, TerraformNote? note, DateTimeOffset since) =>
        note is null || note.At < since ? $"{location}: Export-HfTerraformImport {location}, then terraform plan and apply"
        : note.Settled ? null
        : $"{location}: terraform plan and apply in {note.Folder}, then Export-HfTerraformImport {location} -StatePath with its new state";
}
