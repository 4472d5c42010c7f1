using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Evidence;

/// <summary>Writes what an auditor gets of a run: its journal, sealed by the hash of the last line, and the topology as it is now.</summary>
internal sealed class EvidenceExport
{
    private const string FileName = "evidence.json";
    private readonly IInventory? _inventory;
    private readonly RunStore _store;
    private readonly TimeProvider _time;
    private readonly IDrObserver _observer;
    private readonly INameResolver? _names;
    private readonly BlobFiles? _blobs;

    /// <param name="inventory">Null when there is no connection: then the topology is left out.</param>
    /// <param name="store">Where the pair's journals are.</param>
    /// <param name="time">Clock.</param>
    /// <param name="observer">Told what could not be read.</param>
    /// <param name="names">Finds the active region by address too; null when there is no connection.</param>
    /// <param name="blobs">Writes to an https URL; null when there is no connection.</param>
    public EvidenceExport(IInventory? inventory, RunStore store, TimeProvider time, IDrObserver observer, INameResolver? names = null, BlobFiles? blobs = null)
    {
        _names = names;
        _blobs = blobs;
        _inventory = inventory;
        _store = store;
        _time = time;
        _observer = observer;
    }

    /// <summary>Writes it to a path, to the https URL of a blob, or (null) beside the journal. Errors: HfJournalNotFound, HfJournalBroken, HfEvidenceNotWritten, HfNotConnected for a blob without a connection.</summary>
    public async Task<RunEvidence> WriteAsync(DrRun run, RegionPair pair, string? path, CancellationToken cancellationToken)
    {
        var content = _store.ReadJournal(run.Id);
        var state = JournalState.Fold(content.Lines);
        var proof = state.Fact<HandoverProof>(HandoverProof.FactName);
        var blob = RunStores.IsBlob(path) ? new Uri(path!) : null;
        var target = path is null ? _store.LocationOf(run.Id, FileName) : blob is null ? Path.GetFullPath(path) : BlobFiles.Shown(blob);
        var evidence = new RunEvidence
        {
            RunId = state.RunId,
            Pair = state.Pair,
            From = state.Before.Active,
            To = state.To,
            Mode = state.Mode.ToString(),
            Promotion = state.Fact<PromotionRecord>(PromotionRecord.FactName)?.Promotion.ToString(),
            Compared = PromotionComparison.Of(_store.ReadRuns().Select(r => r.State)),
            Outcome = run.Finished is null && state.Finished is null ? run.Outcome : state.Outcome,
            Started = state.Started,
            Finished = state.Finished,
            Rto = new ObjectiveResult(pair.Objectives.RtoSeconds, EvidenceRules.RtoSeconds(state)),
            Rpo = new ObjectiveResult(pair.Objectives.RpoSeconds, EvidenceRules.RpoSeconds(state)),
            ZeroLossProven = proof?.ZeroLossProven,
            ZeroLossDetail = proof?.Detail,
            Token = state.Fact<PromotionRecord>(PromotionRecord.FactName)?.Token,
            ReportedLost = EvidenceRules.ReportedLost(state),
            Steps = [.. state.Steps],
            Topology = await TopologyAsync(pair, cancellationToken).ConfigureAwait(false),
            Owed = _store.Owed(),
            TerraformOwed = TerraformDebt.Of(_store, pair, state),
            JournalPath = run.JournalPath,
            Journal = [.. content.Texts],
            JournalHash = content.LastHash,
            Path = target,
        };
        var (complete, text) = EvidenceSeal.Apply(evidence);
        if (path is null) _store.WriteBeside(run.Id, FileName, text);
        else if (blob is null) EvidenceFile.WriteText(target, text);
        else await EvidenceFile.WriteTextAsync(_blobs ?? throw new DrException("HfNotConnected", DrErrorKind.AuthenticationFailed, $"{target} needs a sign-in.", target, "Run Connect-HfAzure first."), blob, text, cancellationToken).ConfigureAwait(false);
        return complete;
    }

    private async Task<EvidenceTopology> TopologyAsync(RegionPair pair, CancellationToken cancellationToken)
    {
        if (_inventory is null) return new EvidenceTopology(null, [], null);
        var reading = Glimpse.OfAsync<IReadOnlyList<DbServer>>(async token => await _inventory.GetServersAsync(new DbServerQuery(Pair: pair), token).ConfigureAwait(false), null, _time, cancellationToken);
        var profile = await Glimpse.OfAsync<TrafficProfile>(async token => await _inventory.GetProfileAsync(pair.Traffic.ProfileId, token).ConfigureAwait(false), null, _time, cancellationToken).ConfigureAwait(false);
        var servers = await reading.ConfigureAwait(false);
        if ((servers.Problem ?? profile.Problem) is { } problem) _observer.Warning($"The evidence leaves out what could not be read: {problem}");
        var endpoint = pair.EndpointIn(profile.Value);
        var active = _names is null ? pair.RegionAt(endpoint?.Target) : await pair.FindRegionAtAsync(endpoint?.Target, _names, null, cancellationToken).ConfigureAwait(false);
        return new EvidenceTopology(
            active?.Location,
            [.. (servers.Value ?? []).Select(s => new EvidenceServer(s.Name, s.Location, s.State == "Ready" || s.Role == DbRole.Unknown ? s.Role.ToString() : s.State))],
            endpoint is null ? null : new EvidenceEndpoint(endpoint.Name, endpoint.Target));
    }
}
