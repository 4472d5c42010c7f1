using System.Xml.Linq;
using Highflame.Dr.Engine.Documentation;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Engine.Documentation.Paper;

namespace Highflame.Dr.Engine.Tests.Documentation;

public class DocumentTextTests
{
    [Fact]
    public void Write_FactsThatCouldNotBeRead_AreSaidInTheirPlaceAndNotMadeUp()
    {
        var facts = DocumentSamples.Facts();
        facts = facts with
        {
            Regions = [facts.Regions[0] with { Caches = new([], "redis of rg1: Azure answered HTTP 403."), Vaults = new([]) }, facts.Regions[1]],
            Traffic = null,
            Replication = null,
            Unread = ["redis of rg1: Azure answered HTTP 403.", "Traffic Manager: no answer."],
        };

        var text = Markdown(facts);

        Assert.Contains("| Redis | **not read** | redis of rg1: Azure answered HTTP 403. |", text, StringComparison.Ordinal);
        Assert.Contains("| Key vault | none in the resource group | – |", text, StringComparison.Ordinal);
        Assert.Contains("Traffic Manager could not be read.", text, StringComparison.Ordinal);
        Assert.Contains("| Replication | not measured |", text, StringComparison.Ordinal);
        Assert.Contains("## What could not be read", text, StringComparison.Ordinal);
        Assert.DoesNotContain("acme-redis.redis", text, StringComparison.Ordinal);
        Assert.DoesNotContain("trafficmanager.net", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TheSameFactsTwice_IsTheSameText() => Assert.Equal(Markdown(DocumentSamples.Facts()), Markdown(DocumentSamples.Facts()));

    [Fact]
    public void Html_NamesThatAreMarkup_StayWords()
    {
        var facts = DocumentSamples.Facts();
        facts = facts with { Unread = ["<script>alert(1)</script> & \"more\""] };

        var html = HtmlWriter.Write("<b>", "</style><b>", DocumentText.Compose(facts, PaperRunbook.Of(facts)));

        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;", html, StringComparison.Ordinal);
        Assert.Contains("<title>&lt;b&gt;</title>", html, StringComparison.Ordinal);
        Assert.Contains("content:\"styleb\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Picture_AnyNames_IsWellFormedWithTitleAndDescription()
    {
        var picture = XDocument.Parse(TopologyPicture.Of(DocumentSamples.Facts("a&b<c>")).Svg);

        Assert.Equal("Topology of a&b<c>", picture.Root!.Element("title")!.Value);
        Assert.Contains("a&b<c>-pg -> a&b<c>-dr-pg", picture.Root.Element("desc")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Picture_NoReplica_DrawsNoReplication()
    {
        var facts = DocumentSamples.Facts();
        var with = TopologyPicture.Of(facts).Svg;
        var without = TopologyPicture.Of(facts with { Status = facts.Status! with { ReplicaResourceId = null, ReplicaServer = null } }).Svg;

        Assert.Contains("class=\"copy\"", with, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"copy\"", without, StringComparison.Ordinal);
        Assert.Contains("no replica of the primary is known", without, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short", 10, 2, "short")]
    [InlineData("one-two-three-four", 10, 2, "one-two-|three-four")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", 10, 2, "abcdefghij|klmnopqrs…")]
    public void Broken_LongNames_FitTheirLines(string text, int characters, int most, string lines) => Assert.Equal(lines.Split('|'), TopologyPicture.Broken(text, characters, most));

    private static string Markdown(DocumentFacts facts) => MarkdownWriter.Write(DocumentText.Compose(facts, PaperRunbook.Of(facts)));
}
