using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Binding;

/// <summary>Carries a binding out: the private endpoint with its DNS first, since the secrets tell its address; then the secrets, each compared once more. The journal gets names, no values.</summary>
internal sealed class BindingExecution
{
    private static readonly TimeSpan LongestEndpoint = TimeSpan.FromMinutes(15);
    private readonly IArm _arm;
    private readonly RegionVaults _vaults;
    private readonly INameResolver _names;
    private readonly OperationWatch _watch;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;

    public BindingExecution(IArm arm, RegionVaults vaults, INameResolver names, OperationWatch watch, IJournal journal, TimeProvider time, IDrObserver observer)
    {
        _arm = arm;
        _vaults = vaults;
        _names = names;
        _watch = watch;
        _journal = journal;
        _time = time;
        _observer = observer;
    }

    public async Task<DbBinding> ExecuteAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        var results = new List<StepResult>();
        string[] written = [];
        foreach (var step in plan.Steps)
        {
            var open = _journal.BeginStep(step);
            try
            {
                if (step.Name == BindingPlanner.CreateEndpoint)
                {
                    results.Add(_journal.EndStep(open, StepOutcome.Succeeded, await CreateEndpointAsync(plan, cancellationToken).ConfigureAwait(false)));
                    continue;
                }

                written = await WriteSecretsAsync(plan, cancellationToken).ConfigureAwait(false);
                results.Add(_journal.EndStep(open, written.Length == 0 ? StepOutcome.NoChange : StepOutcome.Succeeded, $"written: {(written.Length == 0 ? "none" : string.Join(", ", written))}"));
            }
            catch (DrException failure)
            {
                _journal.EndStep(open, failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{failure.ErrorId}: {failure.Message}");
                throw;
            }
        }

        return new()
        {
            Name = plan.Server!.Name,
            ResourceId = plan.Server.ResourceId,
            Location = AzureLocation.Normalize(plan.Request.Location),
            Outcome = results.Exists(r => r.Outcome == StepOutcome.Succeeded) ? StepOutcome.Succeeded : StepOutcome.NoChange,
            Vault = plan.VaultId is null ? null : AzureId.NameOf(plan.VaultId),
            Written = written,
            PrivateEndpointId = plan.EndpointId,
            Steps = [.. results],
        };
    }

    private async Task<string> CreateEndpointAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        var id = plan.EndpointId!;
        var model = await _arm.GetAsync(plan.EndpointModelId!, ApiVersions.Network, cancellationToken).ConfigureAwait(false);
        if (await _arm.TryGetAsync(id, ApiVersions.Network, cancellationToken).ConfigureAwait(false) is null)
            await PutAsync(BindingPlanner.CreateEndpoint, id, BindingDocuments.EndpointBody(model, AzureId.NameOf(id), plan.Server!.ResourceId), cancellationToken).ConfigureAwait(false);
        var zones = await _arm.ListAsync($"{plan.EndpointModelId}/privateDnsZoneGroups", ApiVersions.Network, cancellationToken).ConfigureAwait(false);
        foreach (var group in zones)
            await PutAsync("CreateDnsZoneGroup", $"{id}/privateDnsZoneGroups/{BindingDocuments.Text(group, "name")}", BindingDocuments.ZoneGroupBody(group), cancellationToken).ConfigureAwait(false);
        EndpointSeen? seen = null;
        var ready = await Pace.UntilAsync(
            async token =>
            {
                seen = await _arm.TryGetAsync(id, ApiVersions.Network, token).ConfigureAwait(false) is { } document ? BindingDocuments.Endpoint(document) : null;
                _observer.Progress(new($"Private endpoint {AzureId.NameOf(id)}", seen?.State ?? "not there yet"));
                return seen?.State is null or "Succeeded" or "Failed" && seen is not null;
            },
            Pace.Milliseconds(100), Pace.Seconds(10), LongestEndpoint, _time, cancellationToken).ConfigureAwait(false);
        _observer.Progress(new($"Private endpoint {AzureId.NameOf(id)}", "Done", Completed: true));
        if (!ready || seen!.State == "Failed" || !AzureId.Same(seen.ServerId, plan.Server!.ResourceId))
            throw new DrException("HfEndpointFailed", DrErrorKind.OperationFailed, $"Private endpoint {AzureId.NameOf(id)} does not lead to {plan.Server!.Name}: {(seen is null ? "Azure does not show it" : $"it is {seen.State} and leads to {AzureId.NameOf(seen.ServerId)}")}.", id,
                "Look at the private endpoint in Azure, delete it if it failed, and run this again.");
        if (seen.Status != "Approved") _observer.Warning($"The connection of private endpoint {AzureId.NameOf(id)} is {seen.Status}: somebody must approve it.");
        return $"leads to {plan.Server!.Name}, {seen.Status}{(zones.Count == 0 ? "" : $", in the DNS zones of {AzureId.NameOf(plan.EndpointModelId!)}")}";
    }

    private async Task PutAsync(string name, string id, object body, CancellationToken cancellationToken)
    {
        var accepted = await _arm.WriteAsync(HttpMethod.Put, id, ApiVersions.Network, body, cancellationToken).ConfigureAwait(false);
        if (accepted.OperationUrl is null) return;
        var operation = OperationIdentity.Accepted(name, id, accepted.OperationUrl, _time.GetUtcNow());
        _journal.RecordOperation(operation);
        await foreach (var ended in _watch.WaitAsync([operation], null, _journal, cancellationToken).ConfigureAwait(false)) operation = ended;
        if (operation.Outcome == StepOutcome.Failed)
            throw new DrException("HfEndpointFailed", DrErrorKind.OperationFailed, $"Azure did not make {AzureId.NameOf(id)}: {operation.Error ?? operation.Status}.", id, "Put Azure's reason right and run this again.");
    }

    private async Task<string[]> WriteSecretsAsync(BindingPlan plan, CancellationToken cancellationToken)
    {
        var (pair, region) = (plan.Request.Pair, plan.Request.Pair.FindRegion(plan.Request.Location)!);
        var vault = await _vaults.FindAsync(pair, region, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfBindingAmbiguous", DrErrorKind.InvalidState, $"No vault of {region.ResourceGroup} keeps database secrets any more.", region.ResourceGroup, "Look at the region's vaults, then run this again.");
        var own = await _vaults.ReadAsync(vault, cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<string, string?> other = new Dictionary<string, string?>();
        if (plan.OtherVaultId is not null && await _vaults.FindAsync(pair, pair.OtherThan(region), cancellationToken).ConfigureAwait(false) is { } theirs)
            other = await _vaults.ReadAsync(theirs, cancellationToken).ConfigureAwait(false);
        string? address = null;
        if (plan.EndpointId is { } id && await _arm.TryGetAsync(id, ApiVersions.Network, cancellationToken).ConfigureAwait(false) is { } document && BindingDocuments.Endpoint(document) is { } endpoint)
            address = await BindingSurvey.AddressAsync(_arm, endpoint, cancellationToken).ConfigureAwait(false);
        var write = DatabaseBinding.ToWrite(own, other, plan.Server!, address, plan.Request.CopyCredential);
        // The host last: whoever reads in between finds the old server with the old values, or the new one.
        foreach (var (name, value) in write.OrderBy(w => w.Key == DatabaseBinding.Host)) await _vaults.WriteAsync(vault, name, value, cancellationToken).ConfigureAwait(false);
        var after = await _vaults.ReadAsync(vault, cancellationToken).ConfigureAwait(false);
        await CheckNameAsync(after.GetValueOrDefault(DatabaseBinding.Host), address, cancellationToken).ConfigureAwait(false);
        return [.. DatabaseBinding.All.Where(write.ContainsKey)];
    }

    /// <summary>Whether the host's name leads to the endpoint, as far as it can be told from here: inside the region's network it may read otherwise.</summary>
    private async Task CheckNameAsync(string? host, string? address, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(host)) return;
        try
        {
            var found = await _names.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
            if (address is not null && !found.Any(a => a.ToString() == address)) _observer.Warning($"{host} leads to {string.Join(", ", found.Select(a => a.ToString()))} from here, and the private endpoint has {address}. Inside the region's network it must lead to the endpoint.");
        }
        catch (DrException failure) when (!failure.EndsPipeline)
        {
            _observer.Warning($"{host} does not resolve from here: {failure.Message} Inside the region's network it must.");
        }
    }
}
