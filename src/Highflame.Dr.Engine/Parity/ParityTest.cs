using System.Globalization;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Reads the two sides of a comparison, live or from files, and compares them.</summary>
internal sealed class ParityTest(AzureConnection? connection, Func<RegionPair, CancellationToken, Task<PairRegion?>> active, TimeProvider time, IDrObserver observer)
{
    private readonly Catalogue _catalogue = Catalogue.Shipped;

    /// <summary>A region, read live; else a path, of a snapshot or of a template.</summary>
    private sealed record Side(PairRegion? Region, string? Path)
    {
        public bool Live => Region is not null;

        public bool Template { get; } = Path is not null && TemplateEvaluation.IsTemplate(Path);
    }

    public async Task<ParityReport> RunAsync(ParityRequest request, CancellationToken cancellationToken)
    {
        var (reference, difference) = await SidesAsync(request, cancellationToken).ConfigureAwait(false);
        var live = new[] { reference, difference }.Where(s => s.Live).Select(s => s.Region!).ToArray();
        using var digest = new SecretDigest();
        observer.Progress(new("Comparing regions", "Reading", 10));
        var template = reference.Template || difference.Template;
        RegionDocuments[] read = [];
        SnapshotResource? profile = null;
        if (live.Length > 0)
        {
            using var reader = new RegionReader(connection!, _catalogue, observer);
            var secrets = !request.Skip.Contains(ParityPart.Secrets);
            var profiles = template || request.Skip.Contains(ParityPart.Fitness) ? Task.FromResult<SnapshotResource?>(null) : reader.ReadProfileAsync(request.Pair!, new RegionNames("", "", ""), cancellationToken);
            // Digests are of use only against digests of the same run.
            read = await reader.ReadAsync(request.Pair!, live, live.Length == 2 ? digest : null, secrets, null, cancellationToken).ConfigureAwait(false);
            profile = await profiles.ConfigureAwait(false);
        }

        observer.Progress(new("Comparing regions", "Comparing", 80));
        var snapshots = read.Select(r => SnapshotBuilder.Build(r, _catalogue)).ToList();
        RegionSnapshot SnapshotOf(Side side) => side.Live ? snapshots[Array.IndexOf(live, side.Region)] : SnapshotFile.Read(side.Path!);
        RegionSnapshot one, other;
        if (template)
        {
            var counterpart = SnapshotOf(reference.Template ? difference : reference);
            var made = await TemplateAsync(request, reference.Template ? reference.Path! : difference.Path!, counterpart, cancellationToken).ConfigureAwait(false);
            (one, other) = reference.Template ? (made, counterpart) : (counterpart, made);
        }
        else
        {
            (one, other) = (SnapshotOf(reference), SnapshotOf(difference));
        }

        var report = ParityComparison.Compare(one, other, _catalogue, request.Skip, profile is null ? [] : [profile]);
        report = report with { Pair = request.Pair?.Name ?? report.Pair, ValuesNotCompared = live.Length == 2 || template ? 0 : NotCompared(one, other) };
        // What is declared is between the regions: a region against its own past has none of it.
        if (!AzureLocation.Same(one.Location, other.Location)) report = Declarations.Apply(report, request.Pair?.Differences ?? [], request.Skip);
        observer.Verbose(string.Create(CultureInfo.InvariantCulture, $"Compared {report.Resources} pairs of resources and {report.Properties} properties: {report.Drifts.Length} drifts, {report.Declared.Length} declared."));
        if (report.ValuesNotCompared > 0) observer.Warning($"{report.ValuesNotCompared} secret values were not compared: a snapshot file holds none.");
        observer.Progress(new("Comparing regions", "Done", 100, true));
        return report;
    }

    /// <summary>What the template would make of the region that it is compared with.</summary>
    private async Task<RegionSnapshot> TemplateAsync(ParityRequest request, string path, RegionSnapshot counterpart, CancellationToken cancellationToken)
    {
        var pair = request.Pair ?? throw new DrException("HfPairRequired", DrErrorKind.InvalidArgument, "A template is filled in from a region pair, and there is none.", path, "Give -Pair.");
        var region = pair.FindRegion(counterpart.Location) ?? throw new DrException("HfLocationNotInPair", DrErrorKind.InvalidArgument, $"The region pair '{pair.Name}' has no region '{counterpart.Location}', which the template is compared with.", counterpart.Location, "Give the pair of that region.");
        observer.Progress(new("Comparing regions", "Evaluating the template", 60));
        var resources = await TemplateEvaluation.EvaluateAsync(path, pair, region, region.Location, cancellationToken).ConfigureAwait(false);
        var names = new RegionNames(region.Location, region.ResourceGroup, counterpart.NamePrefix);
        var documents = new RegionDocuments(pair.Name, pair.SubscriptionId, names, time.GetUtcNow()) { IsTemplate = true };
        documents.Resources.AddRange(TemplateDocuments.Of(resources, _catalogue));
        return SnapshotBuilder.Build(documents, _catalogue);
    }

    /// <summary>Secrets that both sides have.</summary>
    private static int NotCompared(RegionSnapshot one, RegionSnapshot other) =>
        Math.Min(SetSecrets(one), SetSecrets(other));

    private static int SetSecrets(RegionSnapshot side) =>
        side.Resources.Where(r => r.Type == VaultReading.Type).Sum(r => r.Properties.Count(p => p.Name.StartsWith("secrets[", StringComparison.Ordinal) && p.Name.EndsWith(".state", StringComparison.Ordinal) && p.Value == VaultReading.Set));

    private async Task<(Side Reference, Side Difference)> SidesAsync(ParityRequest request, CancellationToken cancellationToken)
    {
        var (reference, difference) = (SideOf(request.Pair, request.Reference), SideOf(request.Pair, request.Difference));
        if (reference is { Template: true } && difference is { Template: true })
            throw new DrException("HfSameSide", DrErrorKind.InvalidArgument, "Both sides are templates.", request.Reference, "Give a region or a snapshot file for one of them.");
        if (reference is null || difference is null)
        {
            var pair = request.Pair ?? throw new DrException("HfPairRequired", DrErrorKind.InvalidArgument, "A side was left open, and there is no pair that could fill it.", null, "Give -Pair, or both -Reference and -Difference.");
            if (reference is null)
            {
                // The region that traffic goes to is right, unless it is the one to be judged.
                if (connection is null) throw NotConnected();
                var region = difference?.Region is { } judged ? pair.OtherThan(judged) : await active(pair, cancellationToken).ConfigureAwait(false);
                if (region is null)
                {
                    region = pair.Regions[0];
                    observer.Warning($"Traffic goes to neither region: {region.Location} is taken as the reference. Choose with -Reference.");
                }

                reference = new(region, null);
            }

            if (difference is null && reference.Template)
            {
                // What a template says is asked of the region that has to be able to take over.
                if (connection is null) throw NotConnected();
                difference = new(pair.OtherThan(await active(pair, cancellationToken).ConfigureAwait(false) ?? pair.Regions[0]), null);
            }

            difference ??= new(reference.Region is { } chosen ? pair.OtherThan(chosen) : OtherThan(pair, SnapshotFile.Read(reference.Path!).Location), null);
        }

        if (reference.Live && difference.Live && AzureLocation.Same(reference.Region!.Location, difference.Region!.Location))
            throw new DrException("HfSameSide", DrErrorKind.InvalidArgument, $"Both sides are {reference.Region.Location}.", reference.Region.Location, "Give two different regions, or a snapshot file for one of them.");
        if ((reference.Live || difference.Live) && connection is null)
            throw NotConnected();
        return (reference, difference);
    }

    private static DrException NotConnected() =>
        new("HfNotConnected", DrErrorKind.ConnectionFailed, "This session is not connected, and a region is to be read.", null, "Run Connect-HfAzure first, or give two snapshot files.");

    /// <summary>A snapshot is compared with the region it was taken of; a foreign one with the pair's first.</summary>
    private static PairRegion OtherThan(RegionPair pair, string location) => pair.FindRegion(location) ?? pair.Regions[0];

    private static Side? SideOf(RegionPair? pair, string? text) => text is null ? null : pair?.FindRegion(text) is { } region ? new(region, null) : new(null, text);
}
