using Highflame.Dr.Documentation;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>
    /// Reads both regions and writes the document of the pair: endpoints, picture, Traffic Manager, checks, and the paper runbook. Nothing is changed in Azure. What cannot be read is said in its place;
    /// when Azure Resource Manager or the sign-in fails as a whole nothing is written, so that an earlier document stays. Errors: HfDocumentNotWritten, HfArmUnreachable, HfSignInFailed.
    /// </summary>
    Task<RegionDocument> ExportRegionDocumentAsync(DrConnection connection, RegionDocumentRequest request, IDrObserver observer, CancellationToken cancellationToken);
}
