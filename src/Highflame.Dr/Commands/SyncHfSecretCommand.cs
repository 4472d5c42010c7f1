using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Copies secret values that one region's vaults have and the other's lack or have empty. Values are never shown. One that names its own region (a host, a resource id, the database's address) is
/// written with the other region's names.
/// </summary>
[Cmdlet(VerbsData.Sync, "HfSecret", DefaultParameterSetName = ParameterSets.Pair, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SecretSync))]
public sealed class SyncHfSecretCommand : DrChangeCmdlet
{
    private const string Vaults = "Microsoft.KeyVault/vaults";
    private readonly List<ParityDrift> _drifts = [];

    /// <summary>Names of secrets; wildcards allowed. Default is every secret that is missing or empty.</summary>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Pair)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Region pair: the pair, its status, its name or the path of its file. Default is the open run's, else the only imported one.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.InputObject)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Location whose values are copied. Default is the region that traffic goes to now.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? From { get; set; }

    /// <summary>Vault of the region that lacks them; wildcards allowed. Default is all of its vaults.</summary>
    [Parameter(ParameterSetName = ParameterSets.Pair)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    /// <summary>Drifts, as Test-HfParity shows them. Those of secrets that are missing or empty are mended; others are left alone.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.InputObject, ValueFromPipeline = true)]
    public ParityDrift? InputObject { get; set; }

    private protected override void Process()
    {
        if (ParameterSetName == ParameterSets.InputObject) _drifts.Add(InputObject!);
        else Sync(new SecretSyncRequest { Pair = RequirePair(Pair), From = From, Names = Name, Vault = Vault });
    }

    private protected override void End()
    {
        foreach (var drift in _drifts.Where(d => SecretOf(d) is null)) WriteVerbose($"{drift.Resource} {drift.Property} is no secret that is missing or empty: left alone.");
        foreach (var group in _drifts.Where(d => SecretOf(d) is not null).GroupBy(d => (d.Pair, d.ReferenceLocation, Vault: d.Difference!)))
        {
            Guard(() =>
            {
                var pair = FindPair(Pair) is { } found && string.Equals(found.Name, group.Key.Pair, StringComparison.OrdinalIgnoreCase) ? found : State.FindPair(group.Key.Pair) ?? RequirePair(Pair);
                Sync(new SecretSyncRequest { Pair = pair, From = group.Key.ReferenceLocation, Names = [.. group.Select(d => SecretOf(d)!).Distinct()], Vault = group.Key.Vault });
            });
        }
    }

    private void Sync(SecretSyncRequest request)
    {
        var connection = Connection;
        Change(
            request.Pair.Name,
            (observer, token) => Engine.PlanSecretSyncAsync(connection, request, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, observer, token),
            Show);
    }

    private void Show(SecretSyncPlan plan, IReadOnlyList<SecretSync> secrets)
    {
        if (plan.NoChange) WriteVerbose("No secret is missing or empty.");
        foreach (var secret in secrets)
        {
            WriteObject(secret);
            if (secret.Outcome is StepOutcome.Failed or StepOutcome.Unknown)
                Report(new DrException("HfSecretNotCopied", DrErrorKind.OperationFailed, $"The secret {secret.Name} was not written into {secret.ToVault}: {secret.Error ?? "it does not read as it was written"}", secret.Name, "Mend what the message names and run the command again: it copies what is still missing."));
        }
    }

    /// <summary>The secret that a drift is about, when it is one that a copy can mend.</summary>
    private static string? SecretOf(ParityDrift drift) =>
        string.Equals(drift.Type, Vaults, StringComparison.OrdinalIgnoreCase) && drift.Difference is not null && drift.Property.StartsWith("secrets[", StringComparison.Ordinal)
            && (drift.DifferenceValue is null || drift.DifferenceValue == "EMPTY") && drift.Property.LastIndexOf(']') is > 0 and var end ? drift.Property["secrets[".Length..end] : null;
}
