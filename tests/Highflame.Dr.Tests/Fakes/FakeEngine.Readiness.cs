using Highflame.Dr.Execution;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Tests.Fakes;

internal sealed partial class FakeEngine
{
    public List<ReadinessFinding> Findings { get; } = [Samples.Finding with { Severity = ReadinessSeverity.Warning }];

    public async Task<IReadOnlyList<ReadinessFinding>> TestReadinessAsync(DrConnection connection, ReadinessRequest request, DrRunHandle? run, IDrObserver observer, CancellationToken cancellationToken)
    {
        await Note("TestReadiness", request, observer, cancellationToken);
        return Findings;
    }
}
