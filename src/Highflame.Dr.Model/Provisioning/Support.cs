using Highflame.Dr.Topology;

namespace Highflame.Dr.Provisioning;

/// <summary>What Test-HfRegionSupport asks for.</summary>
public sealed record SupportRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>The two locations; the pair's where it is left out.</summary>
    public string[] Locations { get; init; } = [];

    /// <summary>Location of a live region whose real size counts; null takes what the pair file says.</summary>
    public string? LiveLocation { get; init; }

    /// <summary>Template whose resources are the measure: .bicep, .bicepparam, ARM's .json, or the word Template for the module's own; null takes the pair file's environment.</summary>
    public string? TemplatePath { get; init; }
}

/// <summary>How a location meets a requirement. The order is the order of harm.</summary>
public enum SupportVerdict
{
    Supported,

    /// <summary>It works, and something about it should be known.</summary>
    Advised,

    /// <summary>Azure did not say.</summary>
    Unknown,

    /// <summary>The quota of the subscription is too small.</summary>
    QuotaShort,

    /// <summary>The subscription may not use it there, or not in the zones.</summary>
    Restricted,

    /// <summary>The location does not have it.</summary>
    NotOffered,
}

/// <summary>One requirement in one location. Output of Test-HfRegionSupport.</summary>
public sealed record RegionSupport
{
    public required string Location { get; init; }

    /// <summary>Compute, Quota, Kubernetes, PostgreSQL, Redis, ApplicationGateway, KeyVault, TrafficManager or Geography.</summary>
    public required string Service { get; init; }

    /// <summary>What is wanted, for example Standard_D4as_v6 in zones 1, 2, 3.</summary>
    public required string Requirement { get; init; }

    public required SupportVerdict Verdict { get; init; }

    /// <summary>What Azure says.</summary>
    public required string Observed { get; init; }

    /// <summary>What to do; null when there is nothing to do.</summary>
    public string? Remedy { get; init; }
}

/// <summary>Output of Export-HfTerraformVariable.</summary>
public sealed record TerraformVariables
{
    public required string Path { get; init; }

    /// <summary>Location that the file is for.</summary>
    public required string Location { get; init; }

    /// <summary>Location of the live region that it was read from.</summary>
    public required string Source { get; init; }

    /// <summary>Names of the variables in the file.</summary>
    public required string[] Variables { get; init; }

    /// <summary>What Terraform's modules cannot express and somebody must look at.</summary>
    public string[] Notes { get; init; } = [];
}
