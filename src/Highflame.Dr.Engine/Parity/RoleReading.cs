using System.Text.Json.Nodes;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Role definitions and assignments of both groups, given to the identities that have them.</summary>
/// <param name="Definitions">Role definitions of the subscription; empty when they could not be read.</param>
/// <param name="Assignments">Assignments at, above and below the groups.</param>
/// <param name="Problems">What could not be read.</param>
internal sealed record RoleReading(IReadOnlyList<JsonObject> Definitions, IReadOnlyList<JsonObject> Assignments, IReadOnlyList<SnapshotProblem> Problems)
{
    /// <summary>Puts <c>$roles</c> into every document that has an identity: role and scope of each assignment to its principal.</summary>
    public static void Attach(IEnumerable<RegionDocuments> regions, RoleReading roles)
    {
        var names = roles.Definitions.Select(d => (Id: DocumentPath.Text(d["name"]), Name: DocumentPath.FirstText(d, "properties.roleName"))).Where(d => d.Id is not null && d.Name is not null)
            .GroupBy(d => d.Id!, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Name!, StringComparer.OrdinalIgnoreCase);
        var assigned = roles.Assignments.GroupBy(a => DocumentPath.Text(a["id"]) ?? "", StringComparer.OrdinalIgnoreCase).Select(g => g.First())
            .ToLookup(a => DocumentPath.FirstText(a, "properties.principalId") ?? "", StringComparer.OrdinalIgnoreCase);
        foreach (var region in regions)
        {
            region.Problems.AddRange(roles.Problems);
            foreach (var resource in region.Resources)
            {
                var principal = DocumentPath.FirstText(resource.Document, "properties.principalId") ?? DocumentPath.FirstText(resource.Document, "identity.principalId");
                if (principal is null) continue;
                resource.Document["$roles"] = new JsonArray([.. assigned[principal].Select(a => (JsonNode)new JsonObject
                {
                    ["role"] = DocumentPath.FirstText(a, "properties.roleDefinitionId") is { } id && id[(id.LastIndexOf('/') + 1)..] is var role ? names.GetValueOrDefault(role) ?? role : "?",
                    ["scope"] = DocumentPath.FirstText(a, "properties.scope"),
                })]);
            }
        }
    }
}
