using Highflame.Dr.Engine.Http;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Health;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Http;

public sealed class HealthJudgeTests
{
    private const string Serving = """{"status":"healthy","region":"West US","server":"r","role":"Primary"}""";
    private static readonly HealthExpectation Expected = new(200, "westus", DbRole.Primary);

    [Theory]
    [InlineData(200, Serving, null)]
    [InlineData(200, """{"region":"westus","server":"r","role":"primary"}""", null)]
    [InlineData(200, "OK", null)]
    [InlineData(200, "[]", null)]
    [InlineData(200, """{"region":1,"role":"Leader"}""", null)]
    [InlineData(503, """{"reason":"no database"}""", "status 503 instead of 200: no database")]
    [InlineData(500, "<html>", "status 500 instead of 200")]
    [InlineData(200, """{"region":"eastus","server":"p","role":"Primary"}""", "served by eastus instead of westus")]
    [InlineData(200, """{"region":"westus","server":"r","role":"Replica"}""", "served by database r, which is Replica instead of Primary")]
    public void Probe_Answer_FailsForStatusThenRegionThenRole(int status, string body, string? failure) =>
        Assert.Equal(failure, Probe(status, body).Failure);

    [Fact]
    public void Probe_NothingExpectedOfRegionAndRole_IsJudgedByStatusAlone() =>
        Assert.Null(HealthJudge.Probe(new(204, """{"region":"eastus","role":"Replica"}""", null, 1, null), "u", Seen.At, new(204, null, null)).Failure);

    [Fact]
    public void Probe_NoAnswer_CarriesTheReasonAndClaimsNothing()
    {
        var probe = HealthJudge.Probe(new(null, Serving, "20.1.1.1", 5000, "no answer within 5 s"), "u", Seen.At, Expected);

        Assert.Equal(("no answer within 5 s", null, DbRole.Unknown), (probe.Failure, probe.Region, probe.Role));
    }

    [Theory]
    [InlineData("", 3, null)]
    [InlineData("++", 3, null)]
    [InlineData("+++", 3, true)]
    [InlineData("---+++", 3, true)]
    [InlineData("+++-", 3, null)]
    [InlineData("+---", 3, false)]
    [InlineData("+-+-+", 2, null)]
    [InlineData("-", 1, false)]
    public void Agreement_OnlyTheLastProbesInARowCount(string probes, int consecutive, bool? agreed) =>
        Assert.Equal(agreed, HealthJudge.Agreement([.. probes.Select(p => Probe(p == '+' ? 200 : 503, Serving))], consecutive));

    private static HealthProbe Probe(int status, string body) => HealthJudge.Probe(new(status, body, "20.2.2.2", 1, null), "u", Seen.At, Expected);
}
