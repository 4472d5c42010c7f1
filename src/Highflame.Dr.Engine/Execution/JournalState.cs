using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>A run as its journal tells it. A pure function of the lines.</summary>
internal sealed class JournalState
{
    private readonly Dictionary<string, JsonNode> _facts = new(StringComparer.Ordinal);

    public string RunId { get; private set; } = "";

    public string Pair { get; private set; } = "";

    /// <summary>The pair as it was when the run first began.</summary>
    public RunBefore Before { get; private set; } = new();

    public string To { get; private set; } = "";

    public FailoverMode Mode { get; private set; }

    public DateTimeOffset Started { get; private set; }

    public DateTimeOffset? Finished { get; private set; }

    public StepOutcome Outcome { get; private set; } = StepOutcome.Pending;

    public long FencingNumber { get; private set; }

    /// <summary>True for a run that one cmdlet opened for its own time.</summary>
    public bool Implicit { get; private set; }

    public string LastHash { get; private set; } = JournalFormat.Genesis;

    public IReadOnlyList<StepResult> Steps { get; private set; } = [];

    /// <summary>Operations in the order Azure accepted them, each in its last known state.</summary>
    public IReadOnlyList<DrOperation> Operations { get; private set; } = [];

    public static JournalState Fold(IEnumerable<JournalLine> lines)
    {
        var state = new JournalState();
        var steps = new List<StepResult>();
        var byLine = new Dictionary<long, int>();
        var operations = new List<DrOperation>();
        foreach (var line in lines)
        {
            state.LastHash = line.Hash;
            switch (line.Type)
            {
                case "run-started":
                    state.Begin(line);
                    break;
                case "run-resumed":
                    state.FencingNumber = line.Body["fencingNumber"]!.GetValue<long>();
                    state.Mode = Enum.Parse<FailoverMode>(line.Body["mode"]!.GetValue<string>());
                    break;
                case "run-ended":
                    state.Finished = line.At;
                    state.Outcome = Enum.Parse<StepOutcome>(line.Body["outcome"]!.GetValue<string>());
                    break;
                case "step-intent":
                    byLine[line.Number] = steps.Count;
                    steps.Add(new StepResult
                    {
                        Name = line.Body["name"]!.GetValue<string>(),
                        Target = line.Body["target"]!.GetValue<string>(),
                        Started = line.At,
                        Outcome = StepOutcome.Unknown,
                        Detail = "begun; its outcome was not written",
                    });
                    break;
                case "step-outcome" when byLine.TryGetValue(line.Body["step"]!.GetValue<long>(), out var index):
                    var outcome = Enum.Parse<StepOutcome>(line.Body["outcome"]!.GetValue<string>());
                    steps[index] = steps[index] with
                    {
                        Outcome = outcome,
                        Finished = outcome is StepOutcome.Pending ? null : line.At,
                        Detail = line.Body["detail"]?.GetValue<string>(),
                    };
                    break;
                case "step":
                    Merge(steps, line.Body.Deserialize<StepResult>(JournalJson.Line)!);
                    break;
                case "operation":
                    var operation = line.Body.Deserialize<DrOperation>(JournalJson.Line)!;
                    var known = operations.FindIndex(o => o.Id == operation.Id);
                    if (known < 0) operations.Add(operation);
                    else operations[known] = operation;
                    break;
                case "fact":
                    state._facts[line.Body["name"]!.GetValue<string>()] = line.Body["fact"]!;
                    break;
            }
        }

        state.Steps = steps;
        state.Operations = operations;
        return state;
    }

    public T? Fact<T>(string name)
        where T : class
        => _facts.TryGetValue(name, out var node) ? node.Deserialize<T>(JournalJson.Line) : null;

    private static void Merge(List<StepResult> steps, StepResult step)
    {
        var open = steps.FindLastIndex(s => s.Name == step.Name
            && string.Equals(s.Target, step.Target, StringComparison.OrdinalIgnoreCase)
            && s.Outcome is StepOutcome.Pending or StepOutcome.Unknown);
        if (open < 0) steps.Add(step);
        else steps[open] = step with { Started = steps[open].Started };
    }

    private void Begin(JournalLine line)
    {
        RunId = line.Body["runId"]!.GetValue<string>();
        Pair = line.Body["pair"]!.GetValue<string>();
        Before = line.Body["before"]?.Deserialize<RunBefore>(JournalJson.Line) ?? new RunBefore();
        To = line.Body["to"]!.GetValue<string>();
        Mode = Enum.Parse<FailoverMode>(line.Body["mode"]!.GetValue<string>());
        FencingNumber = line.Body["fencingNumber"]!.GetValue<long>();
        Implicit = line.Body["implicit"]?.GetValue<bool>() ?? false;
        Started = line.At;
    }
}
