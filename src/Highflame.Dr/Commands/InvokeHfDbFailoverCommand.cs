using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Promotes a read replica to a server of its own. Planned: the old primary is fenced first and the replica shown to have caught up, so that no
/// acknowledged write is lost. Forced: the primary is lost, and what it had not sent is lost with it; that needs -AllowDataLoss.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "HfDbFailover", DefaultParameterSetName = ParameterSets.Name, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DbFailover))]
public sealed class InvokeHfDbFailoverCommand : DrChangeCmdlet
{
    /// <summary>Name of the replica to promote.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Resource group of the replica; default is to look in all.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ResourceGroupCompleter))]
    public string? ResourceGroup { get; set; }

    /// <summary>Resource id of the replica to promote.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    /// <summary>The replica to promote, as Get-HfDbServer shows it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public DbServer? InputObject { get; set; }

    /// <summary>Planned: the primary is healthy. Forced: the primary is lost.</summary>
    [Parameter]
    public FailoverMode Mode { get; set; } = FailoverMode.Planned;

    /// <summary>Standalone: the replica becomes a server of its own. Switchover: the two servers exchange their roles, through a virtual endpoint; planned only.</summary>
    [Parameter]
    public DbPromotion Promotion { get; set; } = DbPromotion.Standalone;

    /// <summary>Consent to the loss that a forced failover states beforehand.</summary>
    [Parameter]
    public SwitchParameter AllowDataLoss { get; set; }

    /// <summary>With -WhatIf, plan as if Unlock-HfResource had taken the ReadOnly locks away, as a run does that may.</summary>
    [Parameter]
    public SwitchParameter AssumeUnlocked { get; set; }

    /// <summary>Return as soon as Azure has accepted the promotion; Wait-HfOperation waits for its end.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Longest time in seconds that writes may stay fenced while the replica catches up, before the fence is lifted again; default is 120.</summary>
    [Parameter]
    [ValidateRange(1d, 86400d)]
    public double CatchUpTimeoutSeconds { get; set; } = 120;

    /// <summary>Region pair whose run store keeps lease, journal and fence debt. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Somebody may be asked: a forced failover without consent, not under -WhatIf, and not told to ask nothing (-Confirm:$false).</summary>
    private bool MayAskForConsent =>
        Mode == FailoverMode.Forced && !AllowDataLoss && !WhatIf
        && !(MyInvocation.BoundParameters.TryGetValue("Confirm", out object? confirm) && !LanguagePrimitives.IsTrue(confirm))
        && !string.Equals(SessionState.PSVariable.GetValue("ConfirmPreference")?.ToString(), nameof(ConfirmImpact.None), StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// States the loss and asks. Yes stands for -AllowDataLoss and for the confirmation. Where nobody can be asked, or something else stands in the way, it is the
    /// refusal with the numbers.
    /// </summary>
    private FailoverPlan? WithConsent(Func<IDrObserver, CancellationToken, Task<FailoverPlan>> without, Func<IDrObserver, CancellationToken, Task<FailoverPlan>> with)
    {
        var refused = Await(without);
        if (refused.Refusals is not [{ Code: "HfDataLossConsentRequired" } loss]) return Approve(refused) ? refused : null;
        var plan = Await(with);
        if (plan.Refusals.Length > 0) return Approve(plan) ? plan : null;
        switch (Continue(plan, loss))
        {
            case null:
                Approve(refused);
                return null;
            case false:
                return null;
            default:
                return plan;
        }
    }

    /// <summary>Null when nobody can be asked.</summary>
    private bool? Continue(FailoverPlan plan, Refusal loss)
    {
        // A console whose input is a file or a pipe has nobody behind it.
        if (Host.Name == "ConsoleHost" && Console.IsInputRedirected) return null;
        string steps = string.Concat(plan.Steps.Select(s => $"\n  {s.Name}: {Describe(s)} [{s.Target}]"));
        try
        {
            return ShouldContinue($"{loss.Observed}\n{plan.Title}{steps}\nPromote all the same, and lose that?", "Accept the loss of data?");
        }
        catch (Exception e) when (e is System.Management.Automation.Host.HostException or InvalidOperationException or NotImplementedException)
        {
            WriteVerbose($"Nobody can be asked here: {e.Message}");
            return null;
        }
    }

    private protected override void Process()
    {
        var connection = Connection;
        var request = new FailoverRequest
        {
            Server = ParameterSetName switch
            {
                ParameterSets.ResourceId => ResourceId,
                ParameterSets.InputObject => InputObject!.ResourceId,
                _ => Name,
            },
            ResourceGroup = ResourceGroup,
            Mode = Mode,
            Promotion = Promotion,
            AllowDataLoss = AllowDataLoss,
            AssumeUnlocked = WhatIf && AssumeUnlocked,
            AssumeGrown = WhatIf,
            CatchUpTimeoutSeconds = CatchUpTimeoutSeconds,
        };
        var pair = FindPair(Pair, request.Server);
        var run = RunFor(pair);
        var asked = request;
        Func<IDrObserver, CancellationToken, Task<FailoverPlan>> Make(FailoverRequest wanted) => (observer, token) => Engine.PlanFailoverAsync(connection, wanted, pair, run, observer, token);
        Task<DbFailover> Promote(FailoverPlan plan, IDrObserver observer, CancellationToken token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, NoWait, pair), observer, token);
        string turn = pair?.Name ?? request.Server;
        if (MayAskForConsent) Execute(turn, () => WithConsent(Make(asked), Make(asked with { AllowDataLoss = true })), Promote, Show);
        else Change(turn, Make(asked), Promote, Show);
    }

    private void Show(FailoverPlan plan, DbFailover result)
    {
        State.Seen.Add(result.Operation);
        WriteObject(result);
    }
}
