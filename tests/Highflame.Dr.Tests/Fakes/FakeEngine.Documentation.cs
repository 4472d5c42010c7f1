using Highflame.Dr.Documentation;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    public async Task<RegionDocument> ExportRegionDocumentAsync(DrConnection connection, RegionDocumentRequest request, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("ExportRegionDocument", request, observer, cancellationToken);
        return Samples.Document;
    }
}
