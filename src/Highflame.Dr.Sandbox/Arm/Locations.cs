namespace Highflame.Dr.Sandbox.Arm;

/// <summary>The Azure locations that the sandbox knows; only those of its two regions have anything behind them.</summary>
internal static class Locations
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["eastus"] = "East US",
        ["westus"] = "West US",
        ["eastus2"] = "East US 2",
        ["westus2"] = "West US 2",
        ["centralus"] = "Central US",
        ["northeurope"] = "North Europe",
        ["westeurope"] = "West Europe",
    };

    public static IReadOnlyCollection<string> All => s_names.Keys;

    public static IEnumerable<string> DisplayNames => s_names.Values;

    /// <summary>"East US" for eastus; the text itself when the location is not known.</summary>
    public static string Display(string location) => s_names.GetValueOrDefault(SandboxLayout.Normalize(location), location);

    public static bool Known(string location) => s_names.ContainsKey(SandboxLayout.Normalize(location));
}
