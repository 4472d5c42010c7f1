using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>
/// Which resources must be there before a resource is made: its parent or scope, every resource whose id its body names, and, for one that uses an identity,
/// the roles that are given to that identity. That is what the compiler writes into dependsOn, read from the evaluated bodies.
/// </summary>
internal static class DeploymentOrder
{
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Of(IReadOnlyList<EvaluatedResource> resources)
    {
        var ids = resources.Select(r => r.Path.Text).ToList();
        var texts = resources.ToDictionary(r => r.Path.Text, r => Texts(r.Body), StringComparer.OrdinalIgnoreCase);
        var roles = resources.Where(r => r.Path.Is(ProviderCatalog.Authorization, "roleAssignments"))
            .ToDictionary(r => r.Path.Text, r => TemplateExpression.References(r.Body).ToList(), StringComparer.OrdinalIgnoreCase);
        var needs = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var resource in resources)
        {
            var id = resource.Path.Text;
            var before = ids.Where(other => !ArmPath.Same(other, id) && (IsBelow(id, other) || texts[id].Any(t => Names(t, other)) && !IsBelow(other, id))).ToList();
            var identities = (resource.Body.At("identity.userAssignedIdentities") as JsonObject ?? []).Select(i => i.Key).ToList();
            before.AddRange(roles.Where(r => r.Value.Any(i => identities.Any(u => ArmPath.Same(u, i)))).Select(r => r.Key));
            needs[id] = [.. before.Distinct(StringComparer.OrdinalIgnoreCase)];
        }

        return Acyclic(ids, needs);
    }

    // Two bodies may name each other (a subnet its gateway, a gateway its subnet): the one that stands first in the template goes first.
    private static Dictionary<string, IReadOnlyList<string>> Acyclic(List<string> ids, Dictionary<string, IReadOnlyList<string>> needs)
    {
        var place = ids.Select((id, i) => (id, i)).ToDictionary(p => p.id, p => p.i, StringComparer.OrdinalIgnoreCase);
        return needs.ToDictionary(
            n => n.Key,
            n => (IReadOnlyList<string>)[.. n.Value.Where(before => !needs[before].Contains(n.Key, StringComparer.OrdinalIgnoreCase) || place[before] < place[n.Key])],
            StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsBelow(string id, string parent) => id.StartsWith(parent + "/", StringComparison.OrdinalIgnoreCase);

    private static bool Names(string text, string id)
    {
        var at = text.IndexOf(id, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && (at + id.Length == text.Length || text[at + id.Length] is '/' or '\'');
    }

    private static List<string> Texts(JsonNode body)
    {
        List<string> texts = [];
        TemplateExpression.Visit(body, text =>
        {
            if (text.Contains("/providers/", StringComparison.OrdinalIgnoreCase)) texts.Add(text);
        });
        return texts;
    }
}
