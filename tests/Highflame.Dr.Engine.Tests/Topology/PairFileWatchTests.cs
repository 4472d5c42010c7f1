using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Topology;

/// <summary>The sections watch and notifications of a region-pair file.</summary>
public sealed class PairFileWatchTests
{
    [Fact]
    public void Parse_NoSections_IsTheCarefulChoice()
    {
        var pair = Parse("");

        Assert.Equal((WatchAutomatic.Off, 3, 180d, 300d, 3, 10d), (pair.Watch.Automatic, pair.Watch.Witnesses, pair.Watch.HoldOffSeconds, pair.Watch.CooldownSeconds, pair.Watch.Confirmations, pair.Watch.IntervalSeconds));
        Assert.False(pair.Notifications.Any);
    }

    [Fact]
    public void Parse_BothSections_AreRead()
    {
        var pair = Parse(
            """
            "watch": { "automatic": "failover", "failoverOn": ["region", "database"], "holdOffSeconds": 60, "watcherLocation": "northeurope", "selfCheck": ["https://example.org/"],
                       "vantagePoints": [ { "name": "a", "url": "https://a.test/look?target={target}&at={location}" } ] },
            "notifications": { "webhooks": [ { "url": "env:HOOK" }, { "url": "https://slack.test/x", "format": "slack", "timeoutSeconds": 2 } ], "applicationInsights": "env:AI" },
            """);

        Assert.Equal((WatchAutomatic.Failover, 60d, "northeurope"), (pair.Watch.Automatic, pair.Watch.HoldOffSeconds, pair.Watch.WatcherLocation));
        Assert.Equal([WatchVerdict.Region, WatchVerdict.Database], pair.Watch.FailoverOn);
        Assert.Equal("a", Assert.Single(pair.Watch.VantagePoints).Name);
        Assert.Equal([WebhookFormat.Teams, WebhookFormat.Slack], pair.Notifications.Webhooks.Select(w => w.Format));
    }

    [Theory]
    [InlineData("""{ "automatic": "on" }""", "watch.automatic")]
    [InlineData("""{ "witnesses": 2 }""", "watch.witnesses")]
    [InlineData("""{ "holdOffSeconds": 0 }""", "watch.holdOffSeconds")]
    [InlineData("""{ "confirmations": 1 }""", "watch.confirmations")]
    [InlineData("""{ "failoverOn": ["network"] }""", "watch.failoverOn")]
    [InlineData("""{ "selfCheck": ["http://example.org/"] }""", "watch.selfCheck")]
    [InlineData("""{ "vantagePoints": [ { "name": "a", "url": "http://a.test/" } ] }""", "watch.vantagePoints[0].url")]
    [InlineData("""{ "vantagePoints": [ { "name": "a", "url": "https://a.test/" }, { "name": "A", "url": "https://b.test/" } ] }""", "watch.vantagePoints[1].name")]
    [InlineData("""{ "holdOff": 60 }""", "'holdOff' is not known here")]
    public void Parse_WatchThatIsUnsafeOrWrong_IsRefusedByItsMember(string watch, string member) => Assert.Contains(member, Refused($"\"watch\": {watch},"), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "webhooks": [ { "url": "http://hook.test/x" } ] }""", "notices do not go out in clear")]
    [InlineData("""{ "webhooks": [ { "url": "hook.test" } ] }""", "notifications.webhooks[0].url")]
    [InlineData("""{ "webhooks": [ { "url": "https://hook.test/x", "format": "mail" } ] }""", "notifications.webhooks[0].format")]
    [InlineData("""{ "applicationInsights": "InstrumentationKey=none" }""", "no connection string")]
    public void Parse_NotificationsThatCannotBe_AreRefused(string notifications, string words) => Assert.Contains(words, Refused($"\"notifications\": {notifications},"), StringComparison.Ordinal);

    private static RegionPair Parse(string sections) => RegionPairFile.Parse(
        $$"""
        {
          {{sections}}
          "name": "highflame-prod",
          "subscriptionId": "00000000-0000-0000-0000-000000000001",
          "regions": [
            { "location": "eastus", "resourceGroup": "highflame-prod-rg", "gatewayTarget": "20.1.1.1" },
            { "location": "westus", "resourceGroup": "highflame-prod-dr-rg", "gatewayTarget": "gw2.westus.cloudapp.azure.com" }
          ],
          "traffic": {
            "profileId": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/highflame-prod-rg/providers/Microsoft.Network/trafficManagerProfiles/global",
            "endpointName": "global-endpoint"
          }
        }
        """,
        Path.GetFullPath("/pairs/prod.json"));

    private static string Refused(string sections) => Assert.Throws<DrException>(() => Parse(sections)).Message;
}
