using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Packaging;
using Highflame.Dr.Tests.Parity;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Highflame.Dr.Tests.Hosting.LongestFirst", "Highflame.Dr.Tests")]

namespace Highflame.Dr.Tests.Hosting;

/// <summary>
/// Classes run beside each other, as many as there are processors. Those with the longest drills begin first: one that began last would run alone at the end, with the
/// other processors idle.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] s_first =
        [.. new[] { typeof(ReturnTests), typeof(DrillTests), typeof(AutomaticDrillTests), typeof(FailoverRunTests), typeof(OperatorTests), typeof(PackTests), typeof(RefusalTests), typeof(PermissionTests), typeof(ParityRehearsalTests) }.Select(t => t.FullName!)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => Array.FindIndex(s_first, name => c.DisplayName.EndsWith(name, StringComparison.Ordinal)) is var at and >= 0 ? at : s_first.Length);
}
