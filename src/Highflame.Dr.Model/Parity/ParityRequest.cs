using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Parity;

/// <summary>Parts of a comparison that can be left out.</summary>
public enum ParityPart
{
    /// <summary>Prefix lengths and counts of address ranges.</summary>
    AddressShape,

    /// <summary>Overlap of the two regions' address ranges.</summary>
    AddressOverlap,

    /// <summary>Everything in the vaults: secrets and certificates.</summary>
    Secrets,

    /// <summary>What is not as a failover needs it although both regions have it so.</summary>
    Fitness,
}

/// <summary>What Test-HfParity asks for. A side is a location of the pair (read live), the path of a snapshot file, the path of a template (.bicep, .bicepparam, ARM's .json), or the word Template for the module's own.</summary>
public sealed record ParityRequest
{
    /// <summary>The pair; null when both sides are files of which the pair file is not at hand.</summary>
    public RegionPair? Pair { get; init; }

    /// <summary>The side that is right; null means the region that traffic goes to now.</summary>
    public string? Reference { get; init; }

    /// <summary>The side that is judged; null means the pair's other region.</summary>
    public string? Difference { get; init; }

    public ParityPart[] Skip { get; init; } = [];
}

/// <summary>A difference between the regions that is meant, as the pair file declares it.</summary>
public sealed record DeclaredDifference
{
    /// <summary>Resource type.</summary>
    public required string Type { get; init; }

    /// <summary>Name of the resource in either region; * and ? allowed; null means every resource of the type.</summary>
    public string? Name { get; init; }

    /// <summary>Property, for example <c>pools[general].minCount</c>; * and ? allowed; <c>(resource)</c> for one that exists on one side only.</summary>
    public required string Property { get; init; }

    /// <summary>Why it is meant.</summary>
    public required string Reason { get; init; }

    /// <summary>Location to the value it must have there; empty means any value.</summary>
    public Dictionary<string, string> Values { get; init; } = [];
}

/// <summary>What Sync-HfSecret asks for.</summary>
public sealed record SecretSyncRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Location whose values are copied; null means the region that traffic goes to now.</summary>
    public string? From { get; init; }

    /// <summary>Names of secrets; wildcards allowed; null means every one that is missing or empty.</summary>
    public string[]? Names { get; init; }

    /// <summary>Vault in the target region; wildcards allowed; null means all.</summary>
    public string? Vault { get; init; }
}

/// <summary>Secrets that would be copied. It holds names, never values.</summary>
public sealed record SecretSyncPlan : Plan
{
    public required SecretSyncRequest Request { get; init; }

    public SecretCopy[] Copies { get; init; } = [];
}

/// <summary>One secret to copy.</summary>
/// <param name="Name">Name of the secret in both vaults.</param>
/// <param name="FromVault">Vault that has the value.</param>
/// <param name="ToVault">Vault that lacks it.</param>
/// <param name="FromUri">URI of the vault that has it.</param>
/// <param name="ToUri">URI of the vault that lacks it.</param>
/// <param name="State">What the target has now: <c>missing</c> or <c>EMPTY</c>.</param>
/// <param name="Own">True when the value names its region: it is written with the target's own names and addresses.</param>
public sealed record SecretCopy(string Name, string FromVault, string ToVault, Uri FromUri, Uri ToUri, string State, bool Own);

/// <summary>A secret that was copied. Output of Sync-HfSecret; it never has the value.</summary>
public sealed record SecretSync
{
    public required string Name { get; init; }

    public required string FromVault { get; init; }

    public required string ToVault { get; init; }

    /// <summary>What the target had before: <c>missing</c> or <c>EMPTY</c>.</summary>
    public required string Before { get; init; }

    /// <summary>True when the value was written with the target region's own names and addresses.</summary>
    public bool Own { get; init; }

    public required Execution.StepOutcome Outcome { get; init; }

    /// <summary>Error id and message when it failed.</summary>
    public string? Error { get; init; }
}

/// <summary>What Set-HfTag asks for.</summary>
public sealed record TagRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Tags beside those of the pair file; they win.</summary>
    public Dictionary<string, string> Tags { get; init; } = [];

    /// <summary>Only these resources; null means every resource of both regions.</summary>
    public string[]? ResourceIds { get; init; }
}

/// <summary>Tags that would be merged.</summary>
public sealed record TagPlan : Plan
{
    public TagChange[] Changes { get; init; } = [];

    /// <summary>Resources that have all of them already.</summary>
    public TagChange[] Unchanged { get; init; } = [];
}

/// <summary>The tags of one resource, before and after. Output of Set-HfTag.</summary>
public sealed record TagChange
{
    public required string Name { get; init; }

    public required string ResourceId { get; init; }

    public required string Type { get; init; }

    public required string Location { get; init; }

    /// <summary>Tags that are new.</summary>
    public Dictionary<string, string> Added { get; init; } = [];

    /// <summary>Tags whose value changes, with the new value.</summary>
    public Dictionary<string, string> Changed { get; init; } = [];

    /// <summary>Values that changed tags had before.</summary>
    public Dictionary<string, string> Before { get; init; } = [];

    public required Execution.StepOutcome Outcome { get; init; }

    /// <summary>Error id and message when it failed.</summary>
    public string? Error { get; init; }
}
