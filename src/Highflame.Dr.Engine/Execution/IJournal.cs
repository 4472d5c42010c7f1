using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Execution;

/// <summary>A step whose intent is written and whose outcome is not.</summary>
/// <param name="Line">Number of the journal line that holds the intent.</param>
/// <param name="Name">Name of the step.</param>
/// <param name="Target">What it changes.</param>
/// <param name="Started">When the intent was written.</param>
internal sealed record OpenStep(long Line, string Name, string Target, DateTimeOffset Started);

/// <summary>
/// What was intended and what came of it, in the order it happened (design/safety.md rules 1, 3, 6, 14). Every method returns after its line is on disk.
/// Callers write the intent before they act and never hand over a secret.
/// </summary>
internal interface IJournal
{
    /// <summary>Writes the intent of a step. Act only after it has returned.</summary>
    OpenStep BeginStep(PlanStep step);

    /// <summary>Writes how the step ended; <paramref name="detail"/> says what was seen.</summary>
    StepResult EndStep(OpenStep step, StepOutcome outcome, string? detail = null);

    /// <summary>Writes an operation that Azure has accepted (before the first poll), or its later state.</summary>
    void RecordOperation(DrOperation operation);

    /// <summary>Writes a step made elsewhere; it completes a pending step of the same name and target.</summary>
    void RecordStep(StepResult step);

    /// <summary>
    /// Writes that what a process began that died is found as it is wanted: the step's intent gets an outcome, NoChange. Writes nothing when no such step lacks one.
    /// </summary>
    void RecordFound(string name, string target, string detail);

    /// <summary>Writes what a later process needs to know, under a name; the last one of a name counts.</summary>
    void RecordFact(string name, object fact);
}

/// <summary>The journal of a call that belongs to no run: nothing is kept, the results are made all the same.</summary>
internal sealed class NoJournal(TimeProvider time) : IJournal
{
    public OpenStep BeginStep(PlanStep step) => new(0, step.Name, step.Target, time.GetUtcNow());

    public StepResult EndStep(OpenStep step, StepOutcome outcome, string? detail = null) => new()
    {
        Name = step.Name,
        Target = step.Target,
        Started = step.Started,
        Finished = outcome is StepOutcome.Pending ? null : time.GetUtcNow(),
        Outcome = outcome,
        Detail = detail,
    };

    public void RecordOperation(DrOperation operation) { }

    public void RecordStep(StepResult step) { }

    public void RecordFound(string name, string target, string detail) { }

    public void RecordFact(string name, object fact) { }
}
