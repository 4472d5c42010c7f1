namespace Highflame.Dr.Sandbox.Arm;

/// <summary>The Azure locations that the sandbox knows; only those of its two regions have anything behind them.</summary>
internal static class Locations
{
    /// <summary>What Azure says of a location: where it is and which one it is paired with.</summary>
    internal sealed record Facts(string Geography, string Group, string Place, string Pair);

    private static readonly Dictionary<string, Facts> s_facts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["eastus"] = new("United States", "US", "Virginia", "westus"),
        ["westus"] = new("United States", "US", "California", "eastus"),
        ["eastus2"] = new("United States", "US", "Virginia", "centralus"),
        ["westus2"] = new("United States", "US", "Washington", "westcentralus"),
        ["centralus"] = new("United States", "US", "Iowa", "eastus2"),
        ["northeurope"] = new("Europe", "Europe", "Ireland", "westeurope"),
        ["westeurope"] = new("Europe", "Europe", "Netherlands", "northeurope"),
    };

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

    /// <summary>Facts of a known location.</summary>
    public static Facts Of(string location) => s_facts[SandboxLayout.Normalize(location)];

    public static bool Known(string location) => s_names.ContainsKey(SandboxLayout.Normalize(location));
}
