using System.ComponentModel;
using System.Diagnostics;
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
        var start = new ProcessStartInfo(Program()) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, ArgumentList = { "build", path, "--stdout" } };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception failure)
        {
            throw new DrException("HfBicepNotFound", DrErrorKind.NotFound, $"The bicep program is not there: {failure.Message}", path, "Install it (az bicep install), set HFDR_BICEP to its path, or give the compiled template (.json).", failure);
        }

        using (process ?? throw new DrException("HfBicepNotFound", DrErrorKind.NotFound, "The bicep program could not be started.", path, "Set HFDR_BICEP to its path."))
        {
            var said = process.StandardError.ReadToEndAsync(cancellationToken);
            var template = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            if (process.ExitCode == 0) return template;
            var errors = string.Join(Environment.NewLine, (await said.ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            throw new DrException("HfTemplateNotCompiled", DrErrorKind.MalformedData, $"The template does not compile:{Environment.NewLine}{errors}", path, "Correct what the compiler names. Nothing was sent to Azure.");
        }
    }

    /// <summary>HFDR_BICEP, else one on the path, else the Azure CLI's.</summary>
    private static string Program()
    {
        if (Environment.GetEnvironmentVariable("HFDR_BICEP") is { Length: > 0 } named) return named;
        var name = OperatingSystem.IsWindows() ? "bicep.exe" : "bicep";
        var cli = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".azure", "bin", name);
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(d => File.Exists(Path.Combine(d, name)));
        return !onPath && File.Exists(cli) ? cli : name;
    }

    private static JsonObject Parse(string text, string path)
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
