using Highflame.Dr.Engine.Documentation;
using Highflame.Dr.Parity;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine.Tests.Documentation;

public class CheckTableTests
{
    [Fact]
    public void Parity_DriftsOfEachSeverity_AreCountedAndShownWorstFirst()
    {
        var table = ParityTable.Of("Parity", new()
        {
            Pair = "acme",
            ReferenceLocation = "eastus",
            DifferenceLocation = "westus",
            ReferenceTakenAt = default,
            DifferenceTakenAt = default,
            Drifts = [Drift(DriftSeverity.Cosmetic, "tags"), Drift(DriftSeverity.BlocksFailover, "version")],
            Declared = [Drift(DriftSeverity.BreaksApplication, "count") with { Declared = "Warm standby." }],
            Resources = 12,
            Properties = 345,
        });

        Assert.Equal(["Blocks failover", "Cosmetic", "Declared"], table.Rows.Select(r => r.Severity));
        Assert.Equal("eastus: `17`; westus: none", table.Rows[0].Seen);
        Assert.Equal("Warm standby.", table.Rows[^1].Remedy);
        Assert.Equal("**Drifts: 2**. Blocking a failover: 1, breaking the application: 0, cosmetic: 1. 12 pairs of resources and 345 properties were compared; declared in the pair file: 1.", table.Verdict);
    }

    [Theory]
    [InlineData(ReadinessSeverity.Refusal, "**Not ready**: 1 refusal, no warning.")]
    [InlineData(ReadinessSeverity.Warning, "Ready, with 1 warning.")]
    [InlineData(ReadinessSeverity.Information, "**Ready**: no refusal, no warning.")]
    public void Readiness_WorstFinding_IsTheVerdict(ReadinessSeverity severity, string verdict)
    {
        var table = ReadinessTable.Of("Readiness", [new() { Code = "HfX", Severity = severity, Resource = "/subscriptions/s/x/pg", Observed = "seen", Required = "wanted", Remedy = "Nothing." }]);

        Assert.Equal(verdict, table.Verdict);
        Assert.Equal(("pg", "", "wanted"), (table.Rows[0].Resource, table.Rows[0].Remedy, table.Rows[0].Wanted));
    }

    private static ParityDrift Drift(DriftSeverity severity, string property) => new()
    {
        Pair = "acme",
        Severity = severity,
        Kind = DriftKind.Different,
        Type = "Microsoft.DBforPostgreSQL/flexibleServers",
        Reference = "acme-pg",
        Difference = "acme-dr-pg",
        ReferenceLocation = "eastus",
        DifferenceLocation = "westus",
        Property = property,
        ReferenceValue = "17",
        Why = "Because.",
        Remedy = "Do it.",
    };
}
