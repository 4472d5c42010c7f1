using System.Globalization;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>The api-version rules: always required, and one that the type has. Operation URLs take any version, because clients rewrite it there.</summary>
internal static partial class ApiVersions
{
    public static string Check(ArmPath path, string? version)
    {
        if (string.IsNullOrEmpty(version))
            throw new ArmError(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
        if (!IsDate(version)) throw Invalid(version, ProviderCatalog.Resource);
        if (path.Namespace is null || path.Types is [] or ["register"] or ["unregister"])
        {
            return ProviderCatalog.Resource.Contains(version) ? version : throw Invalid(version, ProviderCatalog.Resource);
        }

        if (IsOperation(path)) return version;
        if (!ProviderCatalog.KnowsNamespace(path.Namespace))
            throw new ArmError(404, "InvalidResourceNamespace", $"The resource namespace '{path.Namespace}' is invalid.");
        var type = TypeOf(path)
            ?? throw new ArmError(404, "InvalidResourceType", $"The resource type '{path.TypePath}' could not be found in the namespace '{path.Namespace}' for api version '{version}'. The supported api-versions are ''.");
        if (type.ApiVersions.Contains(version, StringComparer.OrdinalIgnoreCase)) return version;
        var locations = type.Global ? "global" : string.Join(", ", Locations.All);
        throw new ArmError(
            400,
            "NoRegisteredProviderFound",
            $"No registered resource provider found for location '{(type.Global ? "global" : "")}' and API version '{version}' for type '{type.Type}'. The supported api-versions are '{string.Join(", ", type.ApiVersions)}'. The supported locations are '{locations}'.");
    }

    /// <summary>Status and result URLs of long-running operations.</summary>
    public static bool IsOperation(ArmPath path) =>
        path.Types.Count == 2 && ArmPath.Same(path.Types[0], "locations") && (ArmPath.Same(path.Types[1], "azureAsyncOperation") || ArmPath.Same(path.Types[1], "operationResults"));

    /// <summary>The catalogue's type: of the path itself, or of the parent when the last word is an action such as start.</summary>
    private static CatalogType? TypeOf(ArmPath path)
    {
        for (var length = path.Types.Count; length > 0; length--)
        {
            if (ProviderCatalog.Find(path.Namespace, string.Join('/', path.Types.Take(length))) is { } type) return type;
        }

        return null;
    }

    private static bool IsDate(string version) =>
        Form().Match(version) is { Success: true } match && DateOnly.TryParseExact(match.Groups[1].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static ArmError Invalid(string version, IEnumerable<string> supported) =>
        new(400, "InvalidApiVersionParameter", $"The api-version '{version}' is invalid. The supported versions are '{string.Join(",", supported)}'.");

    [GeneratedRegex("^([0-9]{4}-[0-9]{2}-[0-9]{2})(-(alpha|beta|preview|rc|privatepreview))?$", RegexOptions.IgnoreCase)]
    private static partial Regex Form();
}
