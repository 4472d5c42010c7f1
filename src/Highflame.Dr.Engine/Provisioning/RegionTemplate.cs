using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>The ARM templates: the module's own, compiled at build time, or one that was given.</summary>
internal static class RegionTemplate
{
    public static JsonObject Region => Embedded("region.json");

    public static JsonObject Global => Embedded("global.json");

    /// <summary>Errors: HfTemplateNotFound, HfTemplateNotCompiled, HfTemplateInvalid.</summary>
    public static async Task<JsonObject> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full)) throw new DrException("HfTemplateNotFound", DrErrorKind.NotFound, "The template is not there.", full, "Give the path of an ARM template (.json) or of a bicep file.");
        if (Path.GetExtension(full).Equals(".bicep", StringComparison.OrdinalIgnoreCase)) return Parse(await CompileAsync(full, cancellationToken).ConfigureAwait(false), full);
        try
        {
            return Parse(await File.ReadAllTextAsync(full, cancellationToken).ConfigureAwait(false), full);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DrException("HfTemplateNotFound", DrErrorKind.NotFound, $"The template cannot be read: {failure.Message}", full, "Check the path and its permissions.", failure);
        }
    }

    private static async Task<string> CompileAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await BicepProgram.RunAsync(path, null, ["build", path, "--stdout"], cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0 ? answer.Output : throw NotCompiled(path, answer.Errors);
    }

    internal static DrException NotCompiled(string path, string errors) =>
        new("HfTemplateNotCompiled", DrErrorKind.MalformedData, $"The template does not compile:{Environment.NewLine}{errors}", path, "Correct what the compiler names. Nothing was sent to Azure.");

    internal static JsonObject Parse(string text, string path)
    {
        try
        {
            if (JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }) is JsonObject template
                && (string?)template["$schema"] is { } schema && schema.Contains("deploymentTemplate.json", StringComparison.OrdinalIgnoreCase) && template["resources"] is not null)
                return template;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw Invalid(path, failure.Message);
        }

        throw Invalid(path, "it is not an ARM template of a resource group.");
    }

    private static DrException Invalid(string path, string reason) =>
        new("HfTemplateInvalid", DrErrorKind.MalformedData, $"The template cannot be used: {reason}", path, "Give an ARM template: a bicep file, or what 'bicep build' makes of it.");

    private static JsonObject Embedded(string name)
    {
        using var stream = typeof(RegionTemplate).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded.");
        return (JsonObject)JsonNode.Parse(stream)!;
    }
}
