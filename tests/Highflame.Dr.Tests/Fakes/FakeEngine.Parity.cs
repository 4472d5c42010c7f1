using Highflame.Dr.Parity;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Fakes;

/// <summary>Parity, secrets and tags of the fake.</summary>
internal sealed partial class FakeEngine
{
    public ParityReport Parity { get; set; } = ParitySamples.Report;

    public async Task<ParityReport> TestParityAsync(DrConnection? connection, ParityRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("TestParity", request, observer, cancellationToken);
        if (connection is null && !(request.Reference?.EndsWith(".json", StringComparison.Ordinal) == true && request.Difference?.EndsWith(".json", StringComparison.Ordinal) == true))
            throw new DrException("HfNotConnected", DrErrorKind.ConnectionFailed, "This session is not connected.", nextStep: "Run Connect-HfAzure first.");
        return Parity;
    }

    public async Task<RegionSnapshot> TakeSnapshotAsync(DrConnection connection, RegionPair pair, string location, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("TakeSnapshot", (pair, location), observer, cancellationToken);
        return new() { Pair = pair.Name, Location = location, SubscriptionId = pair.SubscriptionId, ResourceGroup = pair.FindRegion(location)!.ResourceGroup, NamePrefix = "highflame-prod", TakenAt = Samples.Noon };
    }

    public async Task<RegionSnapshotFile> ExportSnapshotAsync(DrConnection connection, RegionPair pair, string location, string path, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExportSnapshot", (pair, location, path), observer, cancellationToken);
        return ParitySamples.File with { Location = location, Path = path };
    }

    public async Task<SecretSyncPlan> PlanSecretSyncAsync(DrConnection connection, SecretSyncRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanSecretSync", request, observer, cancellationToken);
        return new() { Title = "Copy 1 secret value", Request = request, Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt };
    }

    public async Task<IReadOnlyList<SecretSync>> ExecuteAsync(DrConnection connection, SecretSyncPlan plan, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteSecretSync", plan, observer, cancellationToken);
        return [ParitySamples.Copied];
    }

    public async Task<TagPlan> PlanTagsAsync(DrConnection connection, TagRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("PlanTags", request, observer, cancellationToken);
        return new() { Title = "Tag 1 resource", Steps = Steps, Refusals = Refusals, Warnings = Warnings, ObservedAt = ObservedAt, Unchanged = [ParitySamples.Tagged with { Outcome = Execution.StepOutcome.NoChange }] };
    }

    public async Task<IReadOnlyList<TagChange>> ExecuteAsync(DrConnection connection, TagPlan plan, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExecuteTags", plan, observer, cancellationToken);
        return [ParitySamples.Tagged];
    }
}
