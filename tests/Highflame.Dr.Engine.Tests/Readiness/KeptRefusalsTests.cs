using Highflame.Dr.Engine.Readiness;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine.Tests.Readiness;

/// <summary>Each refusal is told when it comes, and when it comes again.</summary>
public sealed class KeptRefusalsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ReadinessRequest _request = new() { Pair = Pairs.Create(), To = "westus" };
    private KeptRefusals _kept = new();

    [Fact]
    public void Keep_Refusals_AreNewOnceAndAgainAfterTheyHadGone()
    {
        Assert.Equal("A r1", Look(Finding("A", "r1"), Finding("W", "r1", ReadinessSeverity.Warning)));
        Assert.Equal("", Look(Finding("A", "r1")));
        Assert.Equal("A r2, B r1", Look(Finding("A", "r1"), Finding("A", "r2"), Finding("B", "r1")));
        Assert.Equal("", Look(Finding("A", "r1")));
        Assert.Equal("B r1", Look(Finding("A", "r1"), Finding("B", "r1")));
    }

    [Fact]
    public void Keep_AnotherRegion_IsKeptApart()
    {
        Look(Finding("A", "r1"));
        var (kept, result) = _kept.Keep(_request with { To = "East US" }, [Finding("A", "r1")]);

        Assert.Single(result.New);
        Assert.Empty(kept.Keep(_request with { To = "eastus" }, [Finding("A", "r1")]).Result.New);
        Assert.Empty(kept.Keep(_request, [Finding("A", "r1")]).Result.New);
    }

    [Fact]
    public void Notice_OnlyNews_IsTold()
    {
        ReadinessFinding[] refused = [Finding("A", "r1"), Finding("B", "r2")];

        Assert.Null(KeptRefusals.Notice(_request, [], [], false, s_now));
        Assert.Null(KeptRefusals.Notice(_request, refused, [], true, s_now));
        var told = KeptRefusals.Notice(_request, refused, [refused[1]], true, s_now)!;
        Assert.Equal(("ReadinessRefused", "a Planned failover to westus would be refused: B", "saw B. do B."), (told.Event, told.Title, told.Text));
        Assert.Equal("ReadinessRestored", KeptRefusals.Notice(_request, [], [], true, s_now)!.Event);
    }

    private string Look(params ReadinessFinding[] findings)
    {
        (_kept, var result) = _kept.Keep(_request, findings);
        return string.Join(", ", result.New.Select(f => $"{f.Code} {f.Resource}"));
    }

    private static ReadinessFinding Finding(string code, string resource, ReadinessSeverity severity = ReadinessSeverity.Refusal) =>
        new() { Code = code, Severity = severity, Resource = resource, Observed = $"saw {code}.", Required = "no", Remedy = $"do {code}." };
}
