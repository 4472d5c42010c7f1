using System.Text.Json;
using Highflame.Dr.Alerts;
using Highflame.Dr.Execution;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests;

/// <summary>Alerts as runbooks are handed them: whole, as text, broken, and not at all.</summary>
public sealed class AlertTests : IDisposable
{
    private readonly FakeSession _session = new();

    public void Dispose() => _session.Dispose();

    /// <summary>Each form of one alert.</summary>
    public static TheoryData<string, bool> Forms => new()
    {
        // Windows PowerShell's runbooks and the test pane get an object, and so does who reads the JSON.
        { "[pscustomobject]@{ WebhookName = 'failover-alerts'; RequestBody = $body; RequestHeader = [pscustomobject]@{ Host = 'x' } }", false },
        { "@{ WebhookName = 'failover-alerts'; RequestBody = $body }", false },
        { "$strict", false },
        { "$mangled", true },
        { "$mangled -replace ',RequestHeader', ', RequestHeader' -replace '{WebhookName', '{ WebhookName'", true },
        { "$stripped", true },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void ConvertFromHfAlert_EachForm_IsTheSameAlert(string form, bool mended)
    {
        var alert = Read(form, Samples.AlertBody()).One<DrAlert>();

        Assert.Equal((Samples.AlertId, "gateway unhealthy, eastus", AlertCondition.Fired, "Sev0", "Metric", "failover-alerts", mended), (alert.AlertId, alert.Rule, alert.Condition, alert.Severity, alert.SignalType, alert.Webhook, alert.Mended));
        Assert.EndsWith("/highflame-prod-aks-appgw", Assert.Single(alert.TargetIds), StringComparison.Ordinal);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 11, 58, 30, TimeSpan.Zero).AddTicks(1234567), alert.FiredAt);
        Assert.Equal("UnhealthyHostCount: {more than} 0, for 5 min", alert.Description);
    }

    [Theory]
    [InlineData("$body")]
    [InlineData("$body | ForEach-Object { $_ }")]
    [InlineData("'{\"RequestBody\":' + $body + '}'")]
    public void ConvertFromHfAlert_TheAlertItself_IsReadToo(string form) =>
        Assert.Equal((Samples.AlertId, null, false), Read(form, Samples.AlertBody()).One<DrAlert>() is var a ? (a.AlertId, a.Webhook, a.Mended) : default);

    [Fact]
    public void ConvertFromHfAlert_Resolved_SaysWhen()
    {
        var alert = Read("$mangled", Samples.AlertBody("Resolved")).One<DrAlert>();

        Assert.Equal((AlertCondition.Resolved, new DateTimeOffset(2026, 3, 1, 12, 3, 0, TimeSpan.Zero)), (alert.Condition, alert.ResolvedAt));
    }

    [Theory]
    [InlineData("'no JSON at all'", "it is not JSON")]
    [InlineData("'{WebhookName:x,RequestBody:hello,RequestHeader:{Host:y}}'", "its RequestBody is not JSON")]
    [InlineData("$mangled.Substring(0, 400)", "it is not JSON")]
    [InlineData("'{\"schemaId\":\"AzureMonitorMetricAlert\",\"data\":{\"context\":{}}}'", "its schema is AzureMonitorMetricAlert")]
    [InlineData("'{\"data\":{\"essentials\":{\"alertRule\":\"x\"}}}'", "it has no alertId")]
    [InlineData("'[1,2]'", "it is not JSON")]
    [InlineData("42", "it is not JSON")]
    [InlineData("'{' * 5000", "it is not JSON")]
    public void ConvertFromHfAlert_NoAlert_HfAlertMalformed(string form, string why)
    {
        var error = Assert.Single(Read(form, Samples.AlertBody()).Errors);

        Assert.Equal("HfAlertMalformed,Highflame.Dr.Commands.ConvertFromHfAlertCommand", error.FullyQualifiedErrorId);
        Assert.Contains(why, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ConvertFromHfAlert_AnotherWordThanFired_IsUnknown() =>
        Assert.Equal(AlertCondition.Unknown, Read("$body", Samples.AlertBody("Simmering")).One<DrAlert>().Condition);

    [Theory]
    [InlineData("$alert | Register-HfAlert", null, null)]
    [InlineData("Register-HfAlert $alert -Pair highflame-prod -To westus", "westus", null)]
    [InlineData("Register-HfAlert -Alert $alert -Outcome Succeeded", null, StepOutcome.Succeeded)]
    public void RegisterHfAlert_EachWay_NamesPairRegionAndOutcome(string script, string? to, StepOutcome? outcome)
    {
        var receipt = _session.Invoke(script, new { alert = Samples.Alert }).One<AlertReceipt>();

        var request = _session.Engine.Last<AlertRequest>("RegisterAlert");
        Assert.Equal(("highflame-prod", Samples.AlertId, to, outcome), (request.Pair.Name, request.Alert.AlertId, request.To, request.Outcome));
        Assert.Equal(outcome is null, receipt.Act);
    }

    private ShellResult Read(string form, string body)
    {
        var strict = JsonSerializer.Serialize(new { WebhookName = "failover-alerts", RequestBody = body, RequestHeader = new { Host = "x" } });
        // Every mark gone that a name or a value had, as some levels of the conversion do; what is inside of the text stays.
        var stripped = Samples.MangledWebhookData(body.Replace("\"essentials\"", "essentials", StringComparison.Ordinal).Replace("\"Fired\"", "Fired", StringComparison.Ordinal).Replace("\"Sev0\"", "Sev0", StringComparison.Ordinal).Replace("\"2026-03-01T11:58:30.1234567Z\"", "2026-03-01T11:58:30.1234567Z", StringComparison.Ordinal).Replace("\"gateway unhealthy, eastus\"", "gateway unhealthy, eastus", StringComparison.Ordinal));
        return _session.Invoke($"ConvertFrom-HfAlert ({form})", new { body, strict, mangled = Samples.MangledWebhookData(body), stripped });
    }
}
