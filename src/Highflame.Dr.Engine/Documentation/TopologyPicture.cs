using System.Globalization;
using System.Net;
using System.Text;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>
/// Both regions, which one is active, where traffic and replication flow: drawn from what was read, nothing else. Sizes are in the picture's own units. Text is broken so that it stays in its box whatever the
/// names are; colours are the page's.
/// </summary>
internal static class TopologyPicture
{
    private const int Width = 1000;
    private const int PanelWidth = 420;
    private const int PanelTop = 160;
    private const int Header = 58;
    private const int Line = 18;
    private const int Gap = 12;
    private const int Characters = 46;

    public static Picture Of(DocumentFacts facts) => new(Svg(facts), [.. Text(facts)]);

    /// <summary>A thing in a region.</summary>
    private sealed record Box(string Kind, IReadOnlyList<string> Lines, string Style = "")
    {
        public int Height => ((Lines.Count + 1) * Line) + 14;
    }

    private static string Svg(DocumentFacts facts)
    {
        RegionFacts[] regions = [.. facts.Regions.Take(2)];
        var rows = regions.Select(r => Boxes(facts, r)).ToArray();
        var count = rows.Length == 0 ? 0 : rows.Max(r => r.Length);
        int[] heights = [.. Enumerable.Range(0, count).Select(i => rows.Max(r => r[i]?.Height ?? 0))];
        var bottom = PanelTop + Header + heights.Sum(h => h + Gap) + 6;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {bottom + 12}\" role=\"img\" aria-labelledby=\"topology-title topology-text\" class=\"topology\">\n");
        svg.Append($"<title id=\"topology-title\">{Encode($"Topology of {facts.Pair.Name}")}</title>\n<desc id=\"topology-text\">{Encode(string.Join(" ", Text(facts)))}</desc>\n");
        svg.Append("<style>.topology text{fill:var(--ink);font:14px system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif}.topology .kind{font-weight:600;font-size:12px;fill:var(--soft)}.topology .small{font-size:12px;fill:var(--soft)}.topology .place{font-weight:700;font-size:18px}.topology rect{fill:var(--panel);stroke:var(--line);stroke-width:1.5}.topology .box{fill:var(--back)}.topology .active{stroke:var(--good);stroke-width:3}.topology .badge{fill:var(--goodback);stroke:var(--good)}.topology .gone{stroke:var(--stop);stroke-dasharray:5 4}.topology .flow{fill:none;stroke:var(--good);stroke-width:3}.topology .later{fill:none;stroke:var(--soft);stroke-width:2;stroke-dasharray:6 5}.topology .copy{fill:none;stroke:var(--accent);stroke-width:3}.topology marker path{stroke:none}</style>\n");
        svg.Append("<defs><marker id=\"to\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"12\" markerHeight=\"12\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" fill=\"var(--good)\"/></marker><marker id=\"by\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"12\" markerHeight=\"12\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" fill=\"var(--accent)\"/></marker></defs>\n");
        Director(svg, facts);
        for (var i = 0; i < regions.Length; i++) Panel(svg, facts, regions[i], rows[i], heights, i, bottom);
        Replication(svg, facts, regions, heights);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Director(StringBuilder svg, DocumentFacts facts)
    {
        const int Left = 290, Right = 710, Top = 12, Height = 92;
        Rectangle(svg, Left, Top, Right - Left, Height, "box");
        Write(svg, Left + 16, Top + 22, "Traffic Manager", "kind");
        string[] lines = facts.Traffic is not { } traffic
            ? ["not read"]
            : [.. Broken(traffic.Profile.Fqdn, Characters, 2), string.Create(CultureInfo.InvariantCulture, $"TTL {traffic.Profile.Ttl} s, {traffic.Profile.RoutingMethod}, {traffic.Profile.MonitorStatus ?? "state not told"}"), .. Broken($"target {traffic.Endpoint?.Target ?? "not read"}", Characters, 1)];
        for (var i = 0; i < lines.Length && i < 3; i++) Write(svg, Left + 16, Top + 22 + ((i + 1) * Line) + 2, lines[i], i == 0 ? "" : "small");
    }

    private static void Panel(StringBuilder svg, DocumentFacts facts, RegionFacts region, Box?[] boxes, int[] heights, int index, int bottom)
    {
        var left = PanelLeft(index);
        var active = AzureLocation.Same(facts.Status?.Active, region.Location);
        Rectangle(svg, left, PanelTop, PanelWidth, bottom - PanelTop, active ? "active" : "");
        // The flow comes down on the inner side; the words stay on the other.
        var words = index == 0 ? left + 20 : left + 86;
        var place = Broken(region.Location, 20, 1)[0];
        Write(svg, words, PanelTop + 26, place, "place");
        var word = facts.Status?.Active is null ? "not known" : active ? "ACTIVE" : "passive";
        var badge = words + 200;
        Rectangle(svg, badge, PanelTop + 9, (word.Length * 9) + 22, 24, active ? "badge" : "box", 12);
        Write(svg, badge + 11, PanelTop + 26, word, "");
        Write(svg, words, PanelTop + 46, Broken(region.Region.ResourceGroup, 40, 1)[0], "small");
        var x = index == 0 ? left + PanelWidth - 40 : left + 40;
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{(active ? "flow" : "later")}\" d=\"M{x} 104V{PanelTop + Header - 1}\"{(active ? " marker-end=\"url(#to)\"" : "")}/>\n");
        if (facts.Status?.Active is not null) Write(svg, index == 0 ? x - 12 : x + 12, 138, active ? "traffic" : "after a failover", "small", index == 0 ? "end" : "start");
        var top = PanelTop + Header;
        for (var i = 0; i < boxes.Length; i++)
        {
            if (boxes[i] is { } box)
            {
                Rectangle(svg, left + 20, top, PanelWidth - 40, heights[i], "box " + box.Style);
                Write(svg, left + 34, top + 20, box.Kind, "kind");
                for (var n = 0; n < box.Lines.Count; n++) Write(svg, left + 34, top + 20 + ((n + 1) * Line), box.Lines[n], n == 0 ? "" : "small");
            }

            top += heights[i] + Gap;
        }
    }

    // The primary and its replica stand in the same row.
    private static void Replication(StringBuilder svg, DocumentFacts facts, RegionFacts[] regions, int[] heights)
    {
        if (facts.Status is not { PrimaryResourceId: { } primary, ReplicaResourceId: { } replica }) return;
        var from = Array.FindIndex(regions, r => r.Servers.Items.Any(s => AzureId.Same(s.Server.ResourceId, primary)));
        var to = Array.FindIndex(regions, r => r.Servers.Items.Any(s => AzureId.Same(s.Server.ResourceId, replica)));
        if (from < 0 || to < 0 || from == to) return;
        const int Row = 2;
        var y = PanelTop + Header + heights.Take(Row).Sum(h => h + Gap) + (heights[Row] / 2);
        var (left, right) = (PanelLeft(0) + PanelWidth - 20, PanelLeft(1) + 20);
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"copy\" d=\"M{(from == 0 ? left : right)} {y}H{(from == 0 ? right : left)}\" marker-end=\"url(#by)\"/>\n");
        var middle = (left + right) / 2;
        Write(svg, middle, y - 10, "replication", "small", "middle");
        var lag = facts.Replication;
        Write(svg, middle, y + 20, lag?.State is { } state ? Broken(state, 14, 1)[0] : "not measured", "small", "middle");
        if (lag?.LagSeconds is { } seconds) Write(svg, middle, y + 36, string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s behind"), "small", "middle");
    }

    private static Box?[] Boxes(DocumentFacts facts, RegionFacts region)
    {
        var servers = region.Servers.Items.OrderByDescending(s => AzureId.Same(s.Server.ResourceId, facts.Status?.PrimaryResourceId) || AzureId.Same(s.Server.ResourceId, facts.Status?.ReplicaResourceId)).ToArray();
        var most = facts.Regions.Max(r => Math.Max(1, Math.Min(3, r.Servers.Items.Count)));
        return
        [
            Of("Application gateway", region.Gateways, g => $"{g.Address ?? g.Fqdn ?? "no public address"}{(g.State is null ? "" : ", " + g.State)}", g => g.Name),
            Of("Kubernetes", region.Clusters, c => c.Version is null ? "" : "version " + c.Version, c => c.Name),
            .. Enumerable.Range(0, most).Select(i => i == 0 && servers.Length == 0 ? Of("PostgreSQL", region.Servers, _ => "", s => s.Server.Name)
                : i < servers.Length ? Of("PostgreSQL", region.Servers with { Items = [servers[i]] }, s => $"{(s.Server.Role == DbRole.Unknown ? "role unknown" : s.Server.Role.ToString().ToUpperInvariant())}, {s.Server.State}", s => s.Server.Name, servers[i].Server.State is "Ready" ? "" : "gone")
                : null),
            Of("Redis (not replicated)", region.Caches, _ => "", c => c.Name),
            Of("Key vaults", region.Vaults, _ => "", v => v.Name),
        ];
    }

    private static Box Of<T>(string kind, Reading<T> reading, Func<T, string> detail, Func<T, string> name, string style = "")
    {
        if (reading.Items.Count == 0) return new(kind, [reading.Problem is null ? "none" : "not read"], reading.Problem is null ? style : "gone");
        var lines = new List<string>();
        foreach (var item in reading.Items.Take(3))
        {
            lines.AddRange(Broken(name(item), Characters, 2));
            if (detail(item) is { Length: > 0 } more) lines.AddRange(Broken(more, Characters, 2));
        }

        if (reading.Items.Count > 3) lines.Add($"and {reading.Items.Count - 3} more");
        return new(kind, lines, style);
    }

    /// <summary>The same in words; the description of the picture and its stand-in in Markdown.</summary>
    private static IEnumerable<string> Text(DocumentFacts facts)
    {
        yield return $"Clients -> Traffic Manager {facts.Traffic?.Profile.Fqdn ?? "(not read)"} -> {facts.Traffic?.Endpoint?.Target ?? "(not read)"}, which is {facts.Status?.Active ?? "(not known)"}.";
        foreach (var region in facts.Regions)
        {
            var word = facts.Status?.Active is null ? "not known whether active" : AzureLocation.Same(facts.Status.Active, region.Location) ? "ACTIVE" : "passive";
            yield return $"{region.Location} ({word}): gateway {Names(region.Gateways, g => g.Name)} -> cluster {Names(region.Clusters, c => c.Name)} -> PostgreSQL {Names(region.Servers, s => $"{s.Server.Name} ({s.Server.Role}, {s.Server.State})")}; Redis {Names(region.Caches, c => c.Name)}; vaults {Names(region.Vaults, v => v.Name)}.";
        }

        yield return facts.Status is { PrimaryServer: { } primary, ReplicaServer: { } replica } ? $"Replication: {primary} -> {replica} ({DocumentText.Lag(facts)})." : "Replication: no replica of the primary is known.";
    }

    private static string Names<T>(Reading<T> reading, Func<T, string> name) => reading.Items.Count == 0 ? reading.Problem is null ? "none" : "not read" : string.Join(", ", reading.Items.Select(name));

    private static int PanelLeft(int index) => index == 0 ? 20 : Width - 20 - PanelWidth;

    /// <summary>Text in lines of at most so many characters, broken after a point, hyphen or space where there is one; what is too long for the last line ends in dots.</summary>
    internal static IReadOnlyList<string> Broken(string text, int characters, int most)
    {
        var lines = new List<string>();
        while (text.Length > characters && lines.Count < most - 1)
        {
            var cut = text.LastIndexOfAny(['-', '.', ' ', '/'], characters - 1);
            cut = cut < characters / 2 ? characters : cut + 1;
            lines.Add(text[..cut]);
            text = text[cut..];
        }

        lines.Add(text.Length > characters ? text[..(characters - 1)] + "…" : text);
        return lines;
    }

    private static void Rectangle(StringBuilder svg, int x, int y, int width, int height, string style, int corner = 8) =>
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{corner}\"/>\n");

    private static void Write(StringBuilder svg, int x, int y, string text, string style, string anchor = "start") =>
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x}\" y=\"{y}\"{(anchor == "start" ? "" : $" text-anchor=\"{anchor}\"")}>{Encode(text)}</text>\n");

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
