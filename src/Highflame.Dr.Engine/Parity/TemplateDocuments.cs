using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// The resources of an evaluated template as the documents that a region would have. Children that a template tells apart go where Azure shows them: subnets into their network, pools into their
/// cluster, secrets, parameters and locks to what they belong to. Values that only a running resource can say are left out, and so are role assignments, which name a principal that does not exist yet.
/// </summary>
internal static class TemplateDocuments
{
    private const string Locks = "Microsoft.Authorization/locks";

    public static IEnumerable<ResourceDocument> Of(IReadOnlyList<JsonObject> resources, Catalogue catalogue)
    {
        var documents = resources.Where(r => Type(r).Count(c => c == '/') == 1 && !Type(r).StartsWith("Microsoft.Authorization/", StringComparison.OrdinalIgnoreCase))
            .Select(r => new ResourceDocument(catalogue.Knows(Type(r)) ? catalogue.RulesOf(Type(r)).Entry.Type : Type(r), Text(r, "name"), Text(r, "id"), (JsonObject)r.DeepClone())).ToList();
        foreach (var child in resources)
        {
            var (type, id) = (Type(child), Text(child, "id"));
            if (type.Equals(Locks, StringComparison.OrdinalIgnoreCase))
            {
                if (Owner(documents, id[..Math.Max(0, id.LastIndexOf($"/providers/{Locks}/", StringComparison.OrdinalIgnoreCase))]) is { } locked) List(locked, "$locks").Add(child.DeepClone());
                continue;
            }

            // Of parent/child only: what is further down matters to no entry of the catalogue.
            var words = type.Split('/');
            if (words.Length != 3 || Owner(documents, string.Join('/', id.Split('/')[..^2])) is not { } parent) continue;
            Add(parent, words[2], child, catalogue.Knows(parent.Type) ? catalogue.RulesOf(parent.Type).Entry : null);
        }

        foreach (var document in documents) Clean(document.Document);
        return documents;
    }

    private static void Add(ResourceDocument parent, string kind, JsonObject child, CatalogueEntry? entry)
    {
        var name = Text(child, "name").Split('/')[^1];
        var item = (JsonObject)child.DeepClone();
        item["name"] = name;
        if (entry?.Children.FirstOrDefault(c => c.Path.Equals(kind, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            List(parent, "$" + known.As).Add(item);
        }
        else if (parent.Type.Equals(VaultReading.Type, StringComparison.OrdinalIgnoreCase))
        {
            if (kind.Equals("secrets", StringComparison.OrdinalIgnoreCase)) List(parent, "$secrets").Add(new JsonObject { ["name"] = name, ["state"] = StateOf(child) });
        }
        else
        {
            if (parent.Document["properties"] is not JsonObject properties) parent.Document["properties"] = properties = [];
            // A cluster shows its pools without an envelope.
            var pool = kind.Equals("agentPools", StringComparison.OrdinalIgnoreCase);
            if (pool && item["properties"]?.DeepClone() is JsonObject flat)
            {
                item = flat;
                item["name"] = name;
            }

            var list = pool ? "agentPoolProfiles" : kind;
            if (properties[list] is not JsonArray items) properties[list] = items = [];
            items.Add(item);
        }
    }

    private static string StateOf(JsonObject secret) =>
        DocumentPath.FirstText(secret, "properties.attributes.enabled") == "false" ? "disabled" : DocumentPath.FirstText(secret, "properties.value") is "" ? VaultReading.Empty : VaultReading.Set;

    /// <summary>Takes out what is an expression still.</summary>
    private static void Clean(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject container:
                foreach (var name in container.Where(p => IsExpression(p.Key) || IsExpression(DocumentPath.Text(p.Value))).Select(p => p.Key).ToList()) container.Remove(name);
                foreach (var (_, child) in container) Clean(child);
                break;
            case JsonArray items:
                for (var i = items.Count - 1; i >= 0; i--)
                {
                    if (IsExpression(DocumentPath.Text(items[i]))) items.RemoveAt(i);
                    else Clean(items[i]);
                }

                break;
        }
    }

    private static bool IsExpression(string? text) => text is ['[', not '[', .., ']'];

    private static ResourceDocument? Owner(List<ResourceDocument> documents, string id) => documents.Find(d => AzureId.Same(d.Id, id));

    private static JsonArray List(ResourceDocument owner, string member)
    {
        if (owner.Document[member] is not JsonArray list) owner.Document[member] = list = [];
        return list;
    }

    private static string Type(JsonObject resource) => Text(resource, "type");

    private static string Text(JsonObject resource, string member) => DocumentPath.Text(resource[member]) ?? "";
}
