using Highflame.Dr.Topology;

namespace Highflame.Dr.Provisioning;

/// <summary>What Export-HfTerraformImport asks for.</summary>
public sealed record TerraformImportRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Location of the region whose Terraform folder the files are for.</summary>
    public required string Location { get; init; }

    /// <summary>The folder, as infra-setup of the highflame-iac repository.</summary>
    public required string Folder { get; init; }

    /// <summary>A file with what 'terraform state pull' says of that folder; null when nobody has it.</summary>
    public string? StatePath { get; init; }

    /// <summary>Replace files of an earlier failover.</summary>
    public bool Overwrite { get; init; }
}

/// <summary>Output of Export-HfTerraformImport: what brings a region's Terraform state in step with the databases that are there.</summary>
public sealed record TerraformImport
{
    /// <summary>The file with the import, moved and removed blocks; null when the state agrees already and nothing was written.</summary>
    public string? Path { get; init; }

    /// <summary>The file with the variables; null as above.</summary>
    public string? VariablesPath { get; init; }

    public required string Location { get; init; }

    /// <summary>The server that the region has now.</summary>
    public required string Server { get; init; }

    public required string ResourceId { get; init; }

    public required DbRole Role { get; init; }

    /// <summary>Address that Terraform shall have it at.</summary>
    public required string Address { get; init; }

    /// <summary>True when the state that was given has it there, and no server that was left: nothing is owed any more. False when it has not; null without a state.</summary>
    public bool? Settled { get; init; }

    /// <summary>Addresses that an import block names.</summary>
    public string[] Imports { get; init; } = [];

    /// <summary>Moves, as "from -> to".</summary>
    public string[] Moves { get; init; } = [];

    /// <summary>Addresses that Terraform forgets without destroying what they stand for.</summary>
    public string[] Removals { get; init; } = [];

    /// <summary>What somebody must look at.</summary>
    public string[] Notes { get; init; } = [];
}
