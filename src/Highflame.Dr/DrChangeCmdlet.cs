using System.Management.Automation;
using Highflame.Dr.Errors;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr;

/// <summary>A cmdlet that changes something: observe, plan, show every reason not to act, ask once, execute.</summary>
public abstract class DrChangeCmdlet : DrConnectedCmdlet
{
    // design: an irreversible step rests on an observation no older than this.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private protected DrChangeCmdlet()
    {
    }

    /// <summary>
    /// How many inputs are worked on at once; default is 1, one after the other. With more, one is planned and asked about while others are carried out; what belongs to one region pair is never worked on
    /// beside other work of that pair. Each result is written as soon as it is there. However many run, one subscription's request limits are shared by all.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; } = 1;

    /// <summary>Plans, asks on the pipeline's thread, executes the very plan that was shown, and shows what came of it.</summary>
    /// <param name="turn">Name of the pair, else of what is changed: two of one name are never worked on at once.</param>
    /// <param name="make">Makes the plan.</param>
    /// <param name="execute">Carries it out.</param>
    /// <param name="show">Writes the result, on the pipeline's thread.</param>
    private protected void Change<TPlan, T>(string turn, Func<IDrObserver, CancellationToken, Task<TPlan>> make, Func<TPlan, IDrObserver, CancellationToken, Task<T>> execute, Action<TPlan, T> show)
        where TPlan : Plan => AwaitBeside(ThrottleLimit, make, plan => Approved(plan, make), execute, show, turn);

    /// <summary>As the other, for a result that is written as it is; a list's items one by one.</summary>
    private protected void Change<TPlan, T>(string turn, Func<IDrObserver, CancellationToken, Task<TPlan>> make, Func<TPlan, IDrObserver, CancellationToken, Task<T>> execute)
        where TPlan : Plan => Change(turn, make, execute, (_, result) => WriteObject(result, enumerateCollection: true));

    /// <summary>Executes a plan that the cmdlet has approved in a way of its own.</summary>
    private protected void Execute<TPlan, T>(string turn, Func<TPlan?> approved, Func<TPlan, IDrObserver, CancellationToken, Task<T>> execute, Action<TPlan, T> show)
        where TPlan : Plan
    {
        AwaitTurn(turn);
        if (approved() is { } plan) AwaitBeside(ThrottleLimit, (observer, token) => execute(plan, observer, token), result => show(plan, result), turn);
    }

    /// <summary>
    /// Plans and asks. Null when there are refusals, under -WhatIf, or when the answer was no. A plan that grew old while somebody thought about the prompt is
    /// made again, and shown again if it then reads differently.
    /// </summary>
    private protected TPlan? Approved<TPlan>(Func<IDrObserver, CancellationToken, Task<TPlan>> make)
        where TPlan : Plan
        => Approved(Await(make), make);

    private TPlan? Approved<TPlan>(TPlan plan, Func<IDrObserver, CancellationToken, Task<TPlan>> make)
        where TPlan : Plan
    {
        while (Approve(plan))
        {
            if (State.Clock.GetUtcNow() - plan.ObservedAt <= FreshFor) return plan;
            var again = Await(make);
            if (again.Refusals.Length == 0 && again.Steps.SequenceEqual(plan.Steps)) return again;
            WriteWarning("The plan has changed since it was shown. This is what would be done now.");
            plan = again;
        }

        return null;
    }

    /// <summary>Warnings, then all refusals, then one prompt; under -WhatIf one line for each step.</summary>
    private protected bool Approve(Plan plan)
    {
        foreach (string warning in plan.Warnings) WriteWarning(warning);
        if (plan.Refusals.Length > 0)
        {
            Refuse(plan.Refusals);
            return false;
        }

        if (WhatIf)
        {
            foreach (var step in plan.Steps) ShouldProcess(step.Target, Describe(step));
            if (plan.NoChange) WriteVerbose($"{plan.Title}: nothing to change.");
            return false;
        }

        if (plan.NoChange) return true;
        string steps = string.Concat(plan.Steps.Select(s => $"\n  {s.Name}: {Describe(s)} [{s.Target}]"));
        return ShouldProcess(plan.Title, plan.Title + steps, "Are you sure you want to perform this action?", out _);
    }

    /// <summary>The run that this runspace holds, unless it belongs to another pair.</summary>
    private protected DrRunHandle? RunFor(RegionPair? pair) =>
        State.Run is { } run && (pair is null || string.Equals(State.RunPair?.Name, pair.Name, StringComparison.OrdinalIgnoreCase)) ? run : null;

    private protected static string Describe(PlanStep step) => step.PointOfNoReturn ? $"{step.Action} POINT OF NO RETURN: what fails before it is rolled back." : step.Action;

    private void Refuse(Refusal[] refusals)
    {
        // With -ErrorAction Stop the first error is the last thing seen: the others are said before it.
        if (StopsOnError) foreach (var refusal in refusals.Skip(1)) WriteWarning($"{refusal.Code}: {refusal} {refusal.Remedy}");
        foreach (var refusal in refusals) WriteError(DrErrors.ToRecord(refusal));
        if (State.Run is not { } run) return;
        run.Tell(new DrNotice
        {
            Event = "RunRefused",
            Severity = NoticeSeverity.Warning,
            Pair = run.Run.Pair,
            Title = $"{MyInvocation.MyCommand.Name} is refused: {string.Join(", ", refusals.Select(r => r.Code).Distinct())}",
            Text = string.Join(" ", refusals.Select(r => r.ToString())),
            At = State.Clock.GetUtcNow(),
            Facts = [new("Run", run.Run.Id), new("To", run.Run.To)],
        });
    }

    private bool StopsOnError
    {
        get
        {
            object? preference = MyInvocation.BoundParameters.TryGetValue("ErrorAction", out object? given)
                ? given
                : SessionState.PSVariable.GetValue("ErrorActionPreference");
            return LanguagePrimitives.TryConvertTo(preference, out ActionPreference action) && action == ActionPreference.Stop;
        }
    }
}
