using System.Security;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Provisioning;

/// <summary>What New-HfRegion asks for.</summary>
public sealed record RegionRequest
{
    public required RegionPair Pair { get; init; }

    public required string Location { get; init; }

    /// <summary>Another template (.json, or .bicep where the bicep program is installed); null is the module's own.</summary>
    public string? TemplatePath { get; init; }

    /// <summary>Administrator of a new primary; null is the database user of the connection.</summary>
    public string? AdministratorLogin { get; init; }

    public SecureString? AdministratorPassword { get; init; }
}

/// <summary>What Azure's what-if says about one resource.</summary>
public enum ResourceChange
{
    Unknown,
    NoChange,
    Create,
    Modify,

    /// <summary>It is deployed; whether that changes anything cannot be known before.</summary>
    Deploy,

    /// <summary>It is in the group and not in the template: it stays as it is.</summary>
    Ignore,
    Delete,
    Unsupported,
}

/// <summary>One property that would change. Values as JSON text; a secret's is never here.</summary>
public sealed record PropertyChange(string Path, string? Before, string? After)
{
    public override string ToString() => $"{Path}: {Before ?? "(nothing)"} -> {After ?? "(nothing)"}";
}

/// <summary>What a deployment would do with one resource. Output of New-HfRegion -WhatIf.</summary>
public sealed record RegionChange
{
    public required string Location { get; init; }

    public required ResourceChange Change { get; init; }

    /// <summary>For example Microsoft.Network/virtualNetworks.</summary>
    public required string Type { get; init; }

    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public PropertyChange[] Properties { get; init; } = [];
}

/// <summary>A deployment as it is sent. It holds no secret: those are put in when it is.</summary>
public sealed record PlannedDeployment
{
    /// <summary>Resource id of the deployment; its name is the same at every run, so that a running one is found again.</summary>
    public required string Id { get; init; }

    /// <summary>The ARM template, JSON.</summary>
    public required string Template { get; init; }

    /// <summary>Its parameters without the secure ones, JSON.</summary>
    public required string Parameters { get; init; }

    /// <summary>Secure parameters that the template takes.</summary>
    public string[] SecureParameters { get; init; } = [];

    /// <summary>True when it runs already: it is followed, not sent.</summary>
    public bool Running { get; init; }
}

public sealed record RegionPlan : Plan
{
    public required RegionRequest Request { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>Whether the resource group has to be made first.</summary>
    public bool NewGroup { get; init; }

    public RegionChange[] Changes { get; init; } = [];

    public PlannedDeployment[] Deployments { get; init; } = [];

    /// <summary>Tags of a new resource group.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>One resource of a deployment.</summary>
public sealed record RegionResource
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    public required string ResourceId { get; init; }

    public required StepOutcome Outcome { get; init; }

    /// <summary>Azure's code and message when it failed.</summary>
    public string? Error { get; init; }
}

/// <summary>Output of New-HfRegion.</summary>
public sealed record RegionDeployment
{
    /// <summary>Name of the deployment.</summary>
    public required string Name { get; init; }

    public required string Location { get; init; }

    public required string ResourceGroup { get; init; }

    public required StepOutcome Outcome { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Finished { get; init; }

    /// <summary>Public address of the gateway; null until the deployment has ended well.</summary>
    public string? GatewayAddress { get; init; }

    public string? GatewayFqdn { get; init; }

    /// <summary>What went with it: each resource that Azure was asked to make, the failed ones first.</summary>
    public RegionResource[] Resources { get; init; } = [];

    /// <summary>The deployments that still run.</summary>
    public DrOperation[] Operations { get; init; } = [];
}
