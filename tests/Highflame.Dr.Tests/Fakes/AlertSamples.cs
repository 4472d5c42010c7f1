using Highflame.Dr.Alerts;

namespace Highflame.Dr.Tests.Fakes;

internal static partial class Samples
{
    public const string AlertId = "/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.AlertsManagement/alerts/b9569717-bc32-442f-add5-83a997729330";

    /// <summary>An alert in Azure Monitor's common schema, as an action group posts it.</summary>
    public static string AlertBody(string condition = "Fired", string group = "highflame-prod-rg", string id = AlertId) => """
        {"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"ALERT","alertRule":"gateway unhealthy, eastus","severity":"Sev0","signalType":"Metric","monitorCondition":"CONDITION","monitoringService":"Platform","alertTargetIDs":["/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/GROUP/providers/microsoft.network/applicationgateways/highflame-prod-aks-appgw"],"configurationItems":["highflame-prod-aks-appgw"],"originAlertId":"1_2_3","firedDateTime":"2026-03-01T11:58:30.1234567Z",RESOLVED"description":"UnhealthyHostCount: {more than} 0, for 5 min","essentialsVersion":"1.0","alertContextVersion":"1.0"},"alertContext":{"properties":null,"conditionType":"SingleResourceMultipleMetricCriteria","condition":{"windowSize":"PT5M","allOf":[{"metricName":"UnhealthyHostCount","operator":"GreaterThan","threshold":"0","dimensions":[{"name":"ResourceId","value":"3efad9dc"}],"metricValue":2.0}]}},"customProperties":{"team":"platform"}}}
        """.Replace("ALERT", id, StringComparison.Ordinal).Replace("CONDITION", condition, StringComparison.Ordinal).Replace("GROUP", group, StringComparison.Ordinal)
            .Replace("RESOLVED", condition == "Resolved" ? "\"resolvedDateTime\":\"2026-03-01T12:03:00Z\"," : "", StringComparison.Ordinal);

    /// <summary>A webhook's data as Azure Automation hands it to a runbook of PowerShell 7: no marks around the outer names, nor around values outside of the body.</summary>
    public static string MangledWebhookData(string body) =>
        $"{{WebhookName:failover-alerts,RequestBody:{body},RequestHeader:{{Connection:Keep-Alive,Accept:*/*,Host:eus2.webhook.azure-automation.net,User-Agent:IcMBroadcaster/1.0 (a, b),X-CorrelationContext:RkkKACgAAAACAAAAEAB/Lo==,x-ms-request-id:0e1a8ac5-7d1e-4e1b-9b2a-3d1d2c0b1f55}}}}";

    public static DrAlert Alert => new()
    {
        AlertId = AlertId,
        Rule = "gateway unhealthy, eastus",
        Condition = AlertCondition.Fired,
        Severity = "Sev0",
        SignalType = "Metric",
        TargetIds = ["/subscriptions/s/resourceGroups/highflame-prod-rg/providers/Microsoft.Network/applicationGateways/highflame-prod-aks-appgw"],
        FiredAt = Noon,
        Webhook = "failover-alerts",
    };

    public static AlertReceipt AlertReceipt => new()
    {
        AlertId = AlertId,
        Rule = "gateway unhealthy, eastus",
        Condition = AlertCondition.Fired,
        Pair = "highflame-prod",
        Act = true,
        Reason = "It fired and is new.",
        To = "westus",
        FirstSeen = Noon,
        Times = 1,
    };
}
