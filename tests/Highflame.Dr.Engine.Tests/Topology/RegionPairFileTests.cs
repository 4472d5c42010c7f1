using Highflame.Dr.Engine.Topology;

namespace Highflame.Dr.Engine.Tests.Topology;

public sealed class RegionPairFileTests
{
    private const string Good = """
        {
          "$schema": "../Schemas/region-pair.schema.json",
          "name": "highflame-prod",
          "subscriptionId": "00000000-0000-0000-0000-000000000001",
          "regions": [
            { "location": "East US", "resourceGroup": "highflame-prod-rg", "gatewayTarget": "20.1.1.1", "gatewayId": null, "replicaName": null },
            { "location": "westus", "resourceGroup": "highflame-prod-dr-rg", "gatewayTarget": "gw.westus.cloudapp.azure.com" }
          ],
          "traffic": {
            "profileId": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/highflame-prod-rg/providers/Microsoft.Network/trafficManagerProfiles/global",
            "endpointName": "global-endpoint"
          },
          "health": { "hostName": "control.example.com", "port": 8443, "timeoutSeconds": 2.5 },
          "objectives": { "rtoSeconds": 600 },
          "runStore": "runs"
        }
        """;

    private static DrException Refused(string text)
    {
        var failure = Assert.Throws<DrException>(() => RegionPairFile.Parse(text, "/pairs/prod.json"));
        Assert.Equal(("HfPairFileMalformed", DrErrorKind.MalformedData, "/pairs/prod.json"), (failure.ErrorId, failure.Kind, failure.Target));
        Assert.Contains("/pairs/prod.json", failure.Message, StringComparison.Ordinal);
        return failure;
    }

    [Theory]
    [InlineData("""[{"type":"Microsoft.Cache/redis","property":"sku","reason":"it is meant"},{"type":"microsoft.cache/REDIS","property":"s*","reason":"meant too"}]""", "differences[0]")]
    [InlineData("""[{"type":"Microsoft.Cache/redis","name":"a*","property":"sku","reason":"it is meant"},{"type":"Microsoft.Cache/redis","name":"*b","property":"sku","reason":"meant too"}]""", "differences[0]")]
    public void Parse_DeclaredDifferencesThatOverlap_AreRefusedByName(string differences, string named)
    {
        var failure = Refused(With("\"runStore\": \"runs\"", $"\"runStore\": \"runs\", \"differences\": {differences}"));

        Assert.Contains("declares the same drift as " + named, failure.Message, StringComparison.Ordinal);
    }

    private static string With(string old, string @new)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);
        return Good.Replace(old, @new, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_GoodFile_ReadsAllAndFillsDefaults()
    {
        var pair = RegionPairFile.Parse(Good, Path.GetFullPath("/pairs/prod.json"));
        Assert.Equal("highflame-prod", pair.Name);
        Assert.Equal("westus", pair.FindRegion("West US")!.Location);
        Assert.Equal("global-endpoint", pair.Traffic.EndpointName);
        Assert.Equal((8443, "/healthz", 2.5, 3), (pair.Health.Port, pair.Health.Path, pair.Health.TimeoutSeconds, pair.Health.Consecutive));
        Assert.Equal((600.0, 60.0), (pair.Objectives.RtoSeconds, pair.Objectives.RpoSeconds));
        Assert.Equal(Path.GetFullPath("/pairs/runs"), pair.RunStore);
    }

    [Fact]
    public void Parse_SyntaxError_TellsTheLine()
    {
        var failure = Refused(With("\"name\": \"highflame-prod\",", "\"name\": \"highflame-prod\""));
        Assert.Contains("line 4", failure.Message, StringComparison.Ordinal);
        Assert.Contains("not JSON", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Comment_IsRefusedWithItsLine() => Assert.Contains("line 3", Refused(With("  \"name\"", "  // the name\n  \"name\"")).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_MemberTwice_IsRefused() => Assert.Contains("name", Refused(With("  \"name\": \"highflame-prod\",", "  \"name\": \"a\",\n  \"name\": \"b\",")).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_NoObject_IsRefused() => Assert.Contains("not an object", Refused("[]").Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_UnknownMember_IsNamedWithTheKnownOnes()
    {
        var failure = Refused(With("\"rtoSeconds\": 600", "\"rtoSecond\": 600"));
        Assert.Contains("'rtoSecond' is not known here", failure.Message, StringComparison.Ordinal);
        Assert.Contains("rtoSeconds, rpoSeconds", failure.Message, StringComparison.Ordinal);
        Assert.Contains("line 14", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SeveralMistakes_TellsEachWithLineAndExpectation()
    {
        var failure = Refused(Good
            .Replace("\"port\": 8443", "\"port\": 70000", StringComparison.Ordinal)
            .Replace("\"name\": \"highflame-prod\"", "\"name\": 7", StringComparison.Ordinal)
            .Replace(", \"resourceGroup\": \"highflame-prod-dr-rg\"", "", StringComparison.Ordinal));
        Assert.Contains("3 errors", failure.Message, StringComparison.Ordinal);
        Assert.Contains("line 3, ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("name: it must be a string. Expected: Name of the pair", failure.Message, StringComparison.Ordinal);
        Assert.Contains("line 7, ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'resourceGroup' is missing. Expected: Name of the region's resource group", failure.Message, StringComparison.Ordinal);
        Assert.Contains("line 13, ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("health.port: it must be 1 to 65535", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OneRegion_TellsThatTwoAreNeeded()
    {
        var start = Good.IndexOf(",\n    { \"location\": \"westus\"", StringComparison.Ordinal);
        var text = Good.Remove(start, Good.IndexOf("\n  ],", StringComparison.Ordinal) - start);
        Assert.Contains("exactly 2 entries", Refused(text).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OneLocationTwice_IsRefusedWhateverItsSpelling() =>
        Assert.Contains("line 7, ", Refused(With("\"westus\"", "\"EastUS\"")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("trafficManagerProfiles/global", "virtualNetworks/global", "is the id of a Microsoft.Network/virtualNetworks")]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/highflame-prod-rg", "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/highflame-prod-rg", "belongs to subscription")]
    [InlineData("\"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/highflame-prod-rg/providers", "\"resourceGroups/highflame-prod-rg/providers", "is not a resource id")]
    public void Parse_ProfileIdThatDoesNotFit_TellsWhy(string old, string @new, string expected)
    {
        var failure = Refused(With(old, @new));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains("line 10, ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://gw.example.com")]
    [InlineData("gw.example.com:443")]
    public void Parse_GatewayTargetThatIsNone_IsRefused(string target) =>
        Assert.Contains("regions[0].gatewayTarget", Refused(With("\"20.1.1.1\"", $"\"{target}\"")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NoFile_IsNotFound()
    {
        var failure = Assert.Throws<DrException>(() => RegionPairFile.Read("/no/such/pair.json"));
        Assert.Equal(("HfPairFileNotFound", DrErrorKind.NotFound), (failure.ErrorId, failure.Kind));
    }

    [Fact]
    public void Schema_EveryProperty_HasTitleDescriptionAndClosedObjects()
    {
        using var document = System.Text.Json.JsonDocument.Parse(PairFileSchema.Text);
        Check(document.RootElement, "$");
        foreach (var definition in document.RootElement.GetProperty("definitions").EnumerateObject()) Check(definition.Value, definition.Name);

        static void Check(System.Text.Json.JsonElement schema, string at)
        {
            if (schema.TryGetProperty("$ref", out _)) return;
            Assert.True(schema.TryGetProperty("title", out _), at);
            Assert.True(schema.TryGetProperty("description", out _), at);
            if (schema.TryGetProperty("items", out var items)) Check(items, at + "[]");
            if (!schema.TryGetProperty("properties", out var properties)) return;
            Assert.False(schema.GetProperty("additionalProperties").GetBoolean(), at);
            foreach (var property in properties.EnumerateObject()) Check(property.Value, $"{at}.{property.Name}");
        }
    }
}
