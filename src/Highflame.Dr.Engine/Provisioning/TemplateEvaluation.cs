using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>
/// What a template would make of a region, without asking Azure: the real bicep program evaluates it (<c>bicep snapshot</c>). The parameters come from the pair file as New-HfRegion gives them, or
/// from a .bicepparam file. What only running resources can say stays an expression in brackets.
/// </summary>
internal static class TemplateEvaluation
{
    /// <summary>The word for the module's own template.</summary>
    public const string Own = "Template";

    private const string Values = "values.json";

    /// <summary>True for the word Template, a bicep file, and a JSON file that is an ARM template.</summary>
    public static bool IsTemplate(string side)
    {
        if (side.Equals(Own, StringComparison.OrdinalIgnoreCase)) return true;
        var extension = Path.GetExtension(side).ToLowerInvariant();
        if (extension is ".bicep" or ".bicepparam") return true;
        if (extension != ".json" || !File.Exists(side)) return false;
        try
        {
            // The schema stands at the beginning.
            using var reader = new StreamReader(side);
            var start = new char[4096];
            return new string(start, 0, reader.ReadBlock(start)).Contains("deploymentTemplate.json", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The resources of an evaluated template, each with id, type, name and what the template says of it. Errors: those of a template that is read, HfTemplateNotEvaluated, HfBicepNotFound.</summary>
    /// <param name="side">Path of the template or its parameters, or <see cref="Own"/>.</param>
    /// <param name="pair">The pair whose environment fills the parameters.</param>
    /// <param name="region">The region that it is evaluated for; its location may be another than the pair's.</param>
    /// <param name="location">Location that it is evaluated for.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<JsonObject>> EvaluateAsync(string side, RegionPair pair, PairRegion region, string location, CancellationToken cancellationToken)
    {
        var environment = RegionEnvironment.Of(pair, region) with { Location = AzureLocation.Normalize(location) };
        var (template, values) = await ReadAsync(side, pair, environment, cancellationToken).ConfigureAwait(false);
        var folder = Directory.CreateTempSubdirectory("hfdr-template-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "main.json"), template.ToJsonString(), cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(folder, Values), values.ToJsonString(), cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(folder, "main.bicepparam"), Parameters(template, values), cancellationToken).ConfigureAwait(false);
            string[] arguments =
            [
                "snapshot", "main.bicepparam", "--mode", "overwrite", "--subscription-id", pair.SubscriptionId, "--resource-group", environment.ResourceGroup, "--location", environment.Location,
                // No tenant is needed to compare; the template may ask for one.
                "--tenant-id", Guid.Empty.ToString(), "--deployment-name", "comparison",
            ];
            var answer = await BicepProgram.RunAsync(side, folder, arguments, cancellationToken).ConfigureAwait(false);
            var written = Path.Combine(folder, "main.snapshot.json");
            if (answer.ExitCode != 0 || !File.Exists(written)) throw NotEvaluated(side, $"{answer.Errors} {answer.Output}".Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Trim());
            var document = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(written, cancellationToken).ConfigureAwait(false))!;
            if (document["diagnostics"] is JsonArray { Count: > 0 } diagnostics) throw NotEvaluated(side, string.Join(" ", diagnostics.Select(d => d?.ToJsonString())));
            return [.. (document["predictedResources"] as JsonArray ?? []).OfType<JsonObject>().Select(r => (JsonObject)r.DeepClone())];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(JsonObject Template, JsonObject Values)> ReadAsync(string side, RegionPair pair, RegionEnvironment environment, CancellationToken cancellationToken)
    {
        if (Path.GetExtension(side).Equals(".bicepparam", StringComparison.OrdinalIgnoreCase)) return await ReadParametersAsync(side, cancellationToken).ConfigureAwait(false);
        var template = side.Equals(Own, StringComparison.OrdinalIgnoreCase) ? RegionTemplate.Region : await RegionTemplate.ReadAsync(side, cancellationToken).ConfigureAwait(false);
        // A region of which nothing is there yet, with a primary: either region has to be able to hold one.
        var nothing = new RegionObservation { LocationKnown = true, GroupExists = true, Resources = [], CommonTags = [], PoolCounts = [], ProfileExists = true };
        // Tags are the template's own, or the pair's by Set-HfTag.
        var parameters = RegionParameters.Region(template, pair, environment, nothing, new Dictionary<string, string>());
        return (template, new JsonObject(parameters.Select(p => KeyValuePair.Create(p.Key, p.Value?["value"]?.DeepClone()))));
    }

    /// <summary>A .bicepparam names its template and gives every parameter.</summary>
    private static async Task<(JsonObject Template, JsonObject Values)> ReadParametersAsync(string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full)) throw new DrException("HfTemplateNotFound", DrErrorKind.NotFound, "The parameter file is not there.", full, "Give the path of a template (.bicep or .json) or of a parameter file (.bicepparam).");
        var answer = await BicepProgram.RunAsync(full, null, ["build-params", full, "--stdout"], cancellationToken).ConfigureAwait(false);
        if (answer.ExitCode != 0) throw RegionTemplate.NotCompiled(full, answer.Errors);
        var built = JsonNode.Parse(answer.Output)!;
        if (built["templateJson"]?.GetValue<string>() is not { } template) throw NotEvaluated(full, "the file names no template (using none).");
        var given = (JsonObject)(JsonNode.Parse(built["parametersJson"]!.GetValue<string>())!["parameters"] ?? new JsonObject());
        return (RegionTemplate.Parse(template, full), new JsonObject(given.Where(g => g.Value is JsonObject holder && holder.ContainsKey("value")).Select(g => KeyValuePair.Create(g.Key, g.Value!["value"]?.DeepClone()))));
    }

    /// <summary>Values are loaded from a file of their own: nothing of them is read as code. What is secure gets a stand-in.</summary>
    private static string Parameters(JsonObject template, JsonObject values)
    {
        var lines = new StringBuilder("using 'main.json'\n");
        foreach (var (name, definition) in template["parameters"] as JsonObject ?? [])
        {
            var secure = Type(template, definition).StartsWith("secure", StringComparison.OrdinalIgnoreCase);
            if (secure) lines.Append("param ").Append(name).Append(Type(template, definition).EndsWith("object", StringComparison.OrdinalIgnoreCase) ? " = {}\n" : " = 'stand-in'\n");
            else if (values.ContainsKey(name)) lines.Append("param ").Append(name).Append(" = loadJsonContent('").Append(Values).Append("').").Append(name).Append('\n');
        }

        return lines.ToString();
    }

    private static string Type(JsonObject template, JsonNode? definition)
    {
        // A named type stands in definitions.
        if (definition?["$ref"]?.GetValue<string>() is { } reference && template["definitions"]?[reference.Split('/')[^1]] is { } named) definition = named;
        return definition?["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String ? type.GetValue<string>() : "";
    }

    private static DrException NotEvaluated(string side, string reason) =>
        new("HfTemplateNotEvaluated", DrErrorKind.MalformedData, $"The template cannot be evaluated: {reason}", side, "Correct what bicep names. A parameter that the pair file does not know is given in a .bicepparam file: compare with that file.");
}
