using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.HelpGen;

/// <summary>docs/parity.md, written from the parity catalogue (src/Highflame.Dr.Engine/Parity/Catalogue): what is compared of each resource type, how bad a difference is, and why.</summary>
public static class ParityPage
{
    public static string Of(string folder)
    {
        var entries = Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(f => (JsonObject)JsonNode.Parse(File.ReadAllText(f))!).ToList();
        var common = entries.Single(e => Text(e, "type") == "*");
        var types = entries.Where(e => e != common).OrderBy(e => Text(e, "type"), StringComparer.OrdinalIgnoreCase).ToList();
        var text = new StringBuilder("""
            # What Test-HfParity compares

            <!-- Written by `build.ps1 Docs` from src/Highflame.Dr.Engine/Parity/Catalogue. Do not edit. -->

            One entry a resource type says how it is read, what of it matters, how values are brought into a form in which equal means equal, how bad a difference is, why, and what to do.
            What is not named is not read into a snapshot and never shows: ids, addresses, times, states, back-references. Adding a type is adding a file and a test.

            | severity | meaning |
            | --- | --- |
            | BlocksFailover | the region cannot take over |
            | BreaksApplication | it can, and something of the application does not work, or not for long |
            | Cosmetic | nothing breaks; somebody will wonder |

            *must be* and *must not be* are what a value has to be in either region, whatever the other has (kind Unfit). A number marked *at least* may be larger in the other region: then the drift is
            cosmetic. `{key}`, `{value}` and `{other}` stand for the item and the two values, `{reference}` and `{difference}` for the regions.

            A difference that is meant is declared in the pair file, by the type and the property as they stand here, with `*` and `?` and with a reason:

            ```json
            "differences": [
              { "type": "Microsoft.ContainerService/managedClusters", "property": "pools[general].minCount", "reason": "Warm standby: grown by the runbook.", "values": { "eastus": 3, "westus": 1 } },
              { "type": "Microsoft.Cache/redis", "property": "persistence", "reason": "The cache is cold after a failover: the database carries it." }
            ]
            ```

            It is then left out; when the regions do not differ there any more, or not with these values, that is a drift of kind Stale. A resource that one region has and the other has not is the property
            `(resource)`.


            """.ReplaceLineEndings("\n"));
        foreach (var entry in types.Append(common)) Write(text, entry);
        return text.ToString();
    }

    /// <summary>Writes the page.</summary>
    public static string Write(string folder, string page)
    {
        File.WriteAllText(page, Of(folder));
        return $"wrote {page}";
    }

    private static void Write(StringBuilder text, JsonObject entry)
    {
        var isCommon = Text(entry, "type") == "*";
        text.Append($"## {Text(entry, "title")}\n\n");
        text.Append(isCommon
            ? "What every resource has, of the types above and of any other; of a type that is not named here only this is compared.\n\n"
            : $"`{Text(entry, "type")}`, api-version {Text(entry, "apiVersion")}.\n\n");
        text.Append("| property | severity | why | remedy |\n| --- | --- | --- | --- |\n");
        if (entry["missing"] is JsonObject missing) Row(text, "`(resource)` that the other lacks", missing, null);
        foreach (var property in entry["properties"]!.AsArray().OfType<JsonObject>())
        {
            if (property["properties"] is not JsonArray items)
            {
                Rows(text, $"`{Text(property, "name")}`", property, null);
                continue;
            }

            var name = Text(property, "name");
            Row(text, $"`{name}[…]` that the other lacks", property["missing"] as JsonObject, property);
            Row(text, $"`{name}[…]` that only the other has", property["extra"] as JsonObject, property);
            foreach (var item in items.OfType<JsonObject>()) Rows(text, Text(item, "name").Length == 0 ? $"`{name}[…]`" : $"`{name}[…].{Text(item, "name")}`", item, property);
        }

        text.Append('\n');
    }

    private static void Rows(StringBuilder text, string name, JsonObject property, JsonObject? list)
    {
        if (Text(property, "compare") != "none") Row(text, name + Text(property, "compare") switch { "atLeast" => ", at least", "overlap" => ", overlap", _ => "" }, property, list);
        if (property["fit"] is JsonObject fit) Row(text, $"{name} {(fit["is"] is JsonArray right ? $"must be {Words(right)}" : $"must not be {Words((JsonArray)fit["not"]!)}")}", fit, property);
    }

    private static void Row(StringBuilder text, string name, JsonObject? note, JsonObject? otherwise)
    {
        string Of(string member) => note is not null && Text(note, member) is { Length: > 0 } own ? own : otherwise is null ? "" : Text(otherwise, member);
        text.Append($"| {name} | {(Of("severity") is { Length: > 0 } severity ? severity : "Cosmetic")} | {Of("why")} | {Of("remedy")} |\n");
    }

    private static string Words(JsonArray values) => string.Join(" or ", values.Select(v => $"`{v}`"));

    private static string Text(JsonObject entry, string member) => (string?)entry[member] ?? "";
}
