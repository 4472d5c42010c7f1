using System.Text.Json.Nodes;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>One resource's document as Azure has it, with what is kept apart from it put in: <c>$locks</c>, <c>$roles</c>, <c>$secrets</c> and so on.</summary>
/// <param name="Type">Resource type, in the catalogue's casing where it is there.</param>
/// <param name="Name">Name.</param>
/// <param name="Id">Resource id.</param>
/// <param name="Document">The document; of a type that is not in the catalogue, its line in the list of resources.</param>
internal sealed record ResourceDocument(string Type, string Name, string Id, JsonObject Document);

/// <summary>All that was read of one region.</summary>
internal sealed record RegionDocuments(string Pair, string SubscriptionId, RegionNames Names, DateTimeOffset TakenAt)
{
    public List<ResourceDocument> Resources { get; } = [];

    public List<SnapshotProblem> Problems { get; } = [];

    /// <summary>True when they are of a template and not of a region: what is not written has no value then, not even a usual one.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>Names of what the region has once (its database, its cache) and what stands for them in secret values, whatever they are called now.</summary>
    public (string Name, string Token)[] SingleNames { get; init; } = [];

    /// <summary>The names as secret values are compared with.</summary>
    public RegionNames SecretNames => new(Names.Location, Names.ResourceGroup, Names.NamePrefix, SingleNames);
}
