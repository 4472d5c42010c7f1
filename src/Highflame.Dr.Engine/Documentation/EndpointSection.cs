using System.Globalization;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>What a region offers, one line for each name that somebody may have to type.</summary>
internal static class EndpointSection
{
    public static IEnumerable<Block> Of(DocumentFacts facts, RegionFacts region)
    {
        var active = AzureLocation.Same(facts.Status?.Active, region.Location);
        var word = facts.Status?.Active is null ? "not known whether active" : active ? "active" : "passive";
        yield return new Heading(3, $"{region.Location} ({word}), resource group {region.Region.ResourceGroup}", $"endpoints-{region.Location}");
        yield return new Table($"Endpoints in {region.Location}", ["What", "Name", "Where"], [.. Rows(facts, region)]);
    }

    private static IEnumerable<string[]> Rows(DocumentFacts facts, RegionFacts region)
    {
        yield return ["Traffic Manager target", "pair file", $"`{region.Region.GatewayTarget}`"];
        foreach (var row in Many("Application gateway", region.Gateways, g => [$"`{g.Name}`{(g.State is null ? "" : $", {g.State}")}", g.Problem ?? $"FQDN {DocumentText.Code(g.Fqdn, "none")}, IP {DocumentText.Code(g.Address, "none")}"])) yield return row;
        foreach (var row in Many("PostgreSQL", region.Servers, s => [$"`{s.Server.Name}`, {s.Server.Role}, {s.Server.State}", $"`{s.Server.HostName}` port {facts.DatabasePort.ToString(CultureInfo.InvariantCulture)}"])) yield return row;
        foreach (var row in Many("Private link", region.PrivateLinks, p => [$"`{p.Name}`, {DocumentText.Or(p.Status, "state not told")}", $"{DocumentText.Code(p.HostName, $"name of {p.Target} not told")}{(p.Address is null ? ", does not resolve from here" : $", IP `{p.Address}`")}"])) yield return row;
        foreach (var row in Many("Redis", region.Caches, c => [$"`{c.Name}`", $"{DocumentText.Code(c.HostName)}{(c.SslPort is { } port ? $" TLS port {port.ToString(CultureInfo.InvariantCulture)}" : "")}; not replicated, cold after a failover"])) yield return row;
        foreach (var row in Many("Key vault", region.Vaults, v => [$"`{v.Name}`", DocumentText.Code(v.Uri)])) yield return row;
        foreach (var row in Many("Cluster API", region.Clusters, c => [$"`{c.Name}`{(c.Version is null ? "" : $", Kubernetes {c.Version}")}", DocumentText.Code(c.Fqdn)])) yield return row;
        foreach (var row in Many("Virtual network", region.Networks, n => [$"`{n.Name}`", DocumentText.Code(n.Prefixes)])) yield return row;
    }

    private static IEnumerable<string[]> Many<T>(string what, Reading<T> reading, Func<T, string[]> cells)
    {
        if (reading.Problem is { } problem) yield return [what, "**not read**", problem];
        else if (reading.Items.Count == 0) yield return [what, "none in the resource group", "–"];
        foreach (var item in reading.Items) yield return [what, .. cells(item)];
    }
}
