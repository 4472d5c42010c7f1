using Highflame.Dr.Documentation;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Documentation;

namespace Highflame.Dr.Engine;

/// <summary>The part of the composition root that documents a pair.</summary>
public sealed partial class DrEngine
{
    public async Task<RegionDocument> ExportRegionDocumentAsync(DrConnection connection, RegionDocumentRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        var survey = new DocumentSurvey(
            AzureConnection.From(connection),
            (pair, token) => GetPairStatusAsync(connection, pair, observer, token),
            (replica, token) => GetReplicationAsync(connection, new DbServerQuery(ResourceId: replica), observer, token),
            _time);
        var facts = await survey.ReadAsync(request.Pair, cancellationToken).ConfigureAwait(false);
        var checks = new DocumentChecks((asked, token) => TestParityAsync(connection, asked, observer, token), (asked, token) => TestReadinessAsync(connection, asked, null, observer, token));
        facts = facts with { Checks = await checks.RunAsync(facts, request.Skip, cancellationToken).ConfigureAwait(false) };
        foreach (var gap in facts.Unread) observer.Warning($"The document leaves out what could not be read: {gap}");
        return await Task.Run(() => DocumentExport.Write(facts, request), cancellationToken).ConfigureAwait(false);
    }
}
