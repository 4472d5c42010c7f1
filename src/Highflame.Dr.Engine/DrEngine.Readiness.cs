using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Readiness;
using Highflame.Dr.Execution;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that belongs to the preflight.</summary>
public sealed partial class DrEngine
{
    public async Task<IReadOnlyList<ReadinessFinding>> TestReadinessAsync(DrConnection connection, ReadinessRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        // What Azure does not answer is a finding; the inventory's own warnings would say it twice.
        var survey = new ReadinessSurvey(AzureConnection.From(connection), AzureInventoryOf(connection), _time, observer);
        return ReadinessRules.Judge(await survey.TakeAsync(request, run as RunHandle, cancellationToken).ConfigureAwait(false));
    }

    private static Inventory.AzureInventory AzureInventoryOf(DrConnection connection) => Inventory.AzureInventory.Of(AzureConnection.From(connection));
}
