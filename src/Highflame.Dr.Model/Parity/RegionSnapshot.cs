namespace Highflame.Dr.Parity;

/// <summary>
/// What matters of one region at one time: its resources, each with the properties that the parity catalogue names, in a form in which equal means equal. Names that come from the region's
/// own name prefix, resource group or location are written as <c>{P}</c>, <c>{group}</c> and <c>{location}</c>, so that they read the same in both regions. It holds no secret values.
/// </summary>
public sealed record RegionSnapshot
{
    /// <summary>Name of the region pair.</summary>
    public required string Pair { get; init; }

    public required string Location { get; init; }

    public required string SubscriptionId { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>The prefix that most names in the resource group begin with; empty when there is none. Stands behind <c>{P}</c>.</summary>
    public required string NamePrefix { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>True when it is what a template would make: it says only what the template says, and what it does not say is not judged.</summary>
    public bool IsTemplate { get; init; }

    /// <summary>By type, then by name.</summary>
    public SnapshotResource[] Resources { get; init; } = [];

    /// <summary>What could not be read.</summary>
    public SnapshotProblem[] Problems { get; init; } = [];

    /// <summary>A text of the snapshot with the region's own names put back in.</summary>
    public string Named(string text) => text.Contains('{', StringComparison.Ordinal)
        ? text.Replace("{P}", NamePrefix, StringComparison.Ordinal).Replace("{group}", ResourceGroup, StringComparison.Ordinal).Replace("{location}", Location, StringComparison.Ordinal)
        : text;
}

/// <summary>One resource of a snapshot.</summary>
public sealed record SnapshotResource
{
    public required string Type { get; init; }

    public required string Name { get; init; }

    public required string Id { get; init; }

    /// <summary>The name as it reads in either region, for example <c>{P}-aks</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Properties in ordinal order of their names. A property that is not there is absent.</summary>
    public SnapshotProperty[] Properties { get; init; } = [];

    /// <summary>Value of a property; null when it is absent.</summary>
    public string? Find(string property)
    {
        int low = 0, high = Properties.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = string.CompareOrdinal(Properties[middle].Name, property);
            if (order == 0) return Properties[middle].Value;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return null;
    }
}

/// <summary>One property of a resource.</summary>
/// <param name="Name">For example <c>pools[general].maxCount</c>.</param>
/// <param name="Value">Canonical text. A reference to another resource begins with @: <c>@Microsoft.Network/virtualNetworks/{P}-vnet</c>.</param>
public readonly record struct SnapshotProperty(string Name, string Value);

/// <summary>Something that could not be read.</summary>
/// <param name="Type">Resource type.</param>
/// <param name="Name">Name of the resource; null when a whole list was not read.</param>
/// <param name="What">What of it: <c>(list)</c>, <c>secrets</c>, <c>locks</c> and so on.</param>
/// <param name="ErrorId">Stable id of the error.</param>
/// <param name="Message">What Azure said.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record SnapshotProblem(string Type, string? Name, string What, string ErrorId, string Message, string? NextStep = null);

/// <summary>A snapshot that was written to a file. Output of Export-HfRegionSnapshot.</summary>
public sealed record RegionSnapshotFile
{
    public required string Pair { get; init; }

    public required string Location { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>How many resources it holds.</summary>
    public required int Resources { get; init; }

    /// <summary>What could not be read, one line each.</summary>
    public string[] Unread { get; init; } = [];

    /// <summary>Full path of the file.</summary>
    public required string Path { get; init; }
}
