using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>A template with its parameters put in: loops, conditions and functions are gone; only what the running resources must say is left in brackets.</summary>
internal sealed record EvaluatedTemplate(IReadOnlyList<EvaluatedResource> Resources, JsonObject Outputs);

/// <summary>One resource of an evaluated template.</summary>
internal sealed record EvaluatedResource(ArmPath Path, string ApiVersion, JsonObject Body);

/// <summary>Where a template is deployed.</summary>
internal sealed record TemplateScope(string TenantId, string SubscriptionId, string? ResourceGroup, string Location, string Deployment);

/// <summary>
/// Azure's own template language, by the real bicep program (<c>bicep snapshot</c>). Secure parameters never reach it: what they go into stays
/// <c>[parameters('name')]</c> and is filled in when a resource is made.
/// </summary>
internal sealed partial class BicepEngine
{
    // The same template with the same parameters gives the same, whoever asks.
    private static readonly ConcurrentDictionary<string, Lazy<Task<EvaluatedTemplate>>> s_known = new();

    /// <summary>Evaluates a template. Throws <see cref="ArmError"/> InvalidTemplate for a template or parameters that are wrong.</summary>
    public async Task<EvaluatedTemplate> EvaluateAsync(JsonObject template, JsonObject parameters, TemplateScope scope, CancellationToken cancellationToken)
    {
        var (text, values) = (template.ToJsonString(Json.Plain), Parameters(template, parameters));
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\n{values}\n{scope with { Deployment = "" }}")));
        var known = s_known.GetOrAdd(key, _ => new Lazy<Task<EvaluatedTemplate>>(() => RunAsync(text, values, scope)));
        try
        {
            return await known.Value.WaitAsync(cancellationToken);
        }
        catch
        {
            // A fault that may pass must not be kept.
            s_known.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>HFDR_BICEP, else the program of the build, else one on the path or of the Azure CLI.</summary>
    public static string? Find()
    {
        var name = OperatingSystem.IsWindows() ? "bicep.exe" : "bicep";
        var built = typeof(BicepEngine).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "BicepPath")?.Value;
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable("HFDR_BICEP"),
            built,
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(d => Path.Combine(d, name)),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".azure", "bin", name),
        ];
        return Array.Find(candidates, c => !string.IsNullOrEmpty(c) && File.Exists(c));
    }

    /// <summary>Whether a parameter's value must not be written anywhere.</summary>
    public static bool IsSecure(JsonObject template, string parameter) =>
        Definition(template, parameter).Text("type") is { } type && type.StartsWith("secure", StringComparison.OrdinalIgnoreCase);

    private static async Task<EvaluatedTemplate> RunAsync(string template, string parameters, TemplateScope scope)
    {
        var program = Find() ?? throw new ArmError(500, "InternalServerError", "The sandbox needs the bicep program to evaluate templates. Set HFDR_BICEP to its path.");
        var folder = Directory.CreateTempSubdirectory("hfdr-bicep-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "main.json"), template);
            await File.WriteAllTextAsync(Path.Combine(folder, "main.bicepparam"), $"using 'main.json'\n{parameters}");
            var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder };
            List<string> arguments = ["snapshot", "main.bicepparam", "--mode", "overwrite", "--tenant-id", scope.TenantId, "--subscription-id", scope.SubscriptionId, "--location", scope.Location, "--deployment-name", scope.Deployment];
            if (scope.ResourceGroup is not null) arguments.AddRange(["--resource-group", scope.ResourceGroup]);
            foreach (var argument in arguments) start.ArgumentList.Add(argument);
            using var process = Process.Start(start) ?? throw new ArmError(500, "InternalServerError", $"{program} could not be started.");
            var said = process.StandardError.ReadToEndAsync();
            var printed = process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            var snapshot = Path.Combine(folder, "main.snapshot.json");
            var complaints = Complaints($"{await said}\n{await printed}");
            if (process.ExitCode != 0 || !File.Exists(snapshot)) throw Invalid(complaints);
            var document = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(snapshot))!;
            if (document["diagnostics"] is JsonArray { Count: > 0 } diagnostics) throw Invalid(string.Join(" ", diagnostics.Select(d => d?.ToString())));
            return new EvaluatedTemplate([.. (document["predictedResources"] as JsonArray ?? []).OfType<JsonObject>().Select(Resource)], document["outputs"] as JsonObject ?? []);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static EvaluatedResource Resource(JsonObject predicted)
    {
        var body = (JsonObject)predicted.DeepClone();
        var path = Canonical(ArmPath.Parse(body.Text("id") ?? throw Invalid($"the resource '{body.Text("name")}' is not at a scope that is known before the deployment.")));
        foreach (var name in (string[])["id", "type", "name", "apiVersion", "dependsOn", "scope"]) body.Remove(name);
        return new EvaluatedResource(path, predicted.Text("apiVersion") ?? "", body);
    }

    /// <summary>The id in the casing of the provider, whatever the template has.</summary>
    private static ArmPath Canonical(ArmPath path)
    {
        if (ProviderCatalog.Find(path.Namespace, path.TypePath) is not { } known) return path;
        var types = known.Type.Split('/');
        return ArmPath.Parse($"{path.Scope}/providers/{known.Namespace}/{string.Join('/', path.Names.Select((n, i) => $"{types[i]}/{n}"))}");
    }

    private static string Parameters(JsonObject template, JsonObject given)
    {
        var declared = template["parameters"] as JsonObject ?? [];
        var unknown = given.Select(p => p.Key).Where(n => declared.All(d => !ArmPath.Same(d.Key, n))).ToList();
        if (unknown.Count > 0)
            throw Invalid($"The following parameters were supplied, but do not correspond to any parameters defined in the template: '{string.Join(", ", unknown)}'.");
        var lines = new StringBuilder();
        foreach (var (name, _) in declared)
        {
            var value = given.FirstOrDefault(g => ArmPath.Same(g.Key, name)).Value;
            if (value is JsonObject reference && reference.ContainsKey("reference")) throw Invalid($"The parameter '{name}' refers to a vault, which the sandbox does not read for a deployment.");
            if (value is not JsonObject holder || !holder.ContainsKey("value"))
            {
                if (Definition(template, name)["defaultValue"] is null && Definition(template, name).At("nullable") is null)
                    throw Invalid($"The value for the template parameter '{name}' is not provided. Please see https://aka.ms/arm-create-parameter-file for usage details.");
                continue;
            }

            lines.Append("param ").Append(name).Append(" = ").Append(IsSecure(template, name) ? Placeholder(template, name) : Literal(holder["value"])).Append('\n');
        }

        return lines.ToString();
    }

    private static string Placeholder(JsonObject template, string name) =>
        Definition(template, name).Text("type")!.EndsWith("object", StringComparison.OrdinalIgnoreCase) ? "{}" : "'placeholder'";

    private static JsonObject Definition(JsonObject template, string parameter)
    {
        var definition = template["parameters"]?[parameter] as JsonObject ?? [];
        // A named type stands in definitions.
        return definition.Text("$ref") is { } reference && reference.Split('/') is [.., "definitions", var type] && template["definitions"]?[type] is JsonObject named ? named : definition;
    }

    private static string Literal(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject container => "{" + string.Concat(container.Select(p => $"\n{Quote(p.Key)}: {Literal(p.Value)}")) + "\n}",
        JsonArray array => "[" + string.Concat(array.Select(i => $"\n{Literal(i)}")) + "\n]",
        JsonValue text when text.TryGetValue(out string? word) => Quote(word),
        _ => value.ToJsonString(),
    };

    private static string Quote(string text) => "'" + text
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("${", "\\${", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal) + "'";

    private static string Complaints(string said)
    {
        var lines = said.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => !l.Contains(" : Warning ", StringComparison.Ordinal)).Select(l => Place().Replace(l, ""));
        return string.Join(" ", lines.Distinct());
    }

    private static ArmError Invalid(string reason) => ArmError.BadRequest("InvalidTemplate", $"Deployment template validation failed: '{reason}'.");

    /// <summary>Path and position of the temporary files.</summary>
    [GeneratedRegex(@"^.*?\(\d+,\d+\) : (Error )?")]
    private static partial Regex Place();
}
