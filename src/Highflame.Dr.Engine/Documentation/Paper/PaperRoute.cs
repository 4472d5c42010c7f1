using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>A database server as the paper names it.</summary>
/// <param name="Name">Server name.</param>
/// <param name="Group">Resource group.</param>
/// <param name="Location">Location.</param>
/// <param name="Id">Resource id.</param>
/// <param name="Host">Host name.</param>
/// <param name="Document">Azure's document of it, or of the server that it will be a copy of.</param>
internal sealed record PaperServer(string Name, string Group, string Location, string Id, string Host, JsonElement Document)
{
    public static PaperServer Of(ServerFact fact) => new(fact.Server.Name, fact.Server.ResourceGroup, fact.Server.Location, fact.Server.ResourceId, fact.Server.HostName, fact.Document);
}

/// <summary>One way from one region to the other, with all names.</summary>
/// <param name="Mode">Planned or forced.</param>
/// <param name="From">Region that serves.</param>
/// <param name="To">Region that takes over.</param>
/// <param name="Old">The primary that is left.</param>
/// <param name="New">The replica that is promoted.</param>
/// <param name="Next">The replica that is built afterwards in the region that was left.</param>
/// <param name="Later">True when it can be followed only after another procedure, so that some names are those that this other one gives.</param>
internal sealed record PaperRoute(FailoverMode Mode, RegionFacts From, RegionFacts To, PaperServer Old, PaperServer New, PaperServer Next, bool Later)
{
    /// <summary>Today's ways: from the active region, planned and forced, and the ways back with the names that hold then. Empty, with the reason, when the pair is not in a state to fail over.</summary>
    public static (IReadOnlyList<PaperRoute> Routes, string? WhyNone) Today(DocumentFacts facts)
    {
        if (facts.Status is not { } status) return ([], "the state of the pair could not be read");
        var (from, to) = (facts.RegionOf(status.Active), facts.RegionOf(status.Passive));
        if (from is null || to is null) return ([], "it is not known which region is active");
        if (Find(facts, status.PrimaryResourceId) is not { } primary) return ([], "the primary database could not be read");
        if (Find(facts, status.ReplicaResourceId) is not { } replica) return ([], $"{to.Location} has no replica of {primary.Server.Name}: build one first (New-HfReadReplica)");
        if (!AzureLocation.Same(primary.Server.Location, from.Location)) return ([], $"traffic goes to {from.Location}, but the primary {primary.Server.Name} is in {primary.Server.Location}: put that right first");
        var (old, young) = (PaperServer.Of(primary), PaperServer.Of(replica));
        var third = Successor(facts, from, old, young, []);
        var fourth = Successor(facts, to, young, third, [third.Name]);
        return (
        [
            new(FailoverMode.Planned, from, to, old, young, third, false),
            new(FailoverMode.Forced, from, to, old, young, third, false),
            new(FailoverMode.Planned, to, from, young, third, fourth, true),
            new(FailoverMode.Forced, to, from, young, third, fourth, true),
        ], null);
    }

    // A flexible server's name can never be used again while the old server is there, so the new one gets the next name.
    private static PaperServer Successor(DocumentFacts facts, RegionFacts region, PaperServer previous, PaperServer source, string[] taken)
    {
        string[] known = [.. facts.Regions.SelectMany(r => r.Servers.Items).Select(s => s.Server.Name), .. taken];
        var here = region.Servers.Items.Where(s => AzureLocation.Same(s.Server.Location, region.Location)).Select(s => s.Server.Name);
        var name = ReplicaNames.Candidates(region.Region.ReplicaName, here, source.Name, region.Location).First(c => !known.Contains(c, StringComparer.OrdinalIgnoreCase));
        var group = region.Region.ResourceGroup;
        var id = AzureId.Server(facts.Pair.SubscriptionId, group, name);
        return new(name, group, region.Location, id, name + previous.Host[previous.Host.IndexOf('.', StringComparison.Ordinal)..], Renamed(previous.Document, id));
    }

    private static JsonElement Renamed(JsonElement document, string id)
    {
        var copy = JsonNode.Parse(document.GetRawText())!.AsObject();
        copy["id"] = id;
        return JsonSerializer.SerializeToElement(copy);
    }

    private static ServerFact? Find(DocumentFacts facts, string? id) => id is null ? null : facts.Regions.SelectMany(r => r.Servers.Items).FirstOrDefault(s => AzureId.Same(s.Server.ResourceId, id));
}
