using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>What is said of a drift: how bad, why, and what to do. In the texts <c>{resource}</c>, <c>{key}</c>, <c>{value}</c> and <c>{other}</c> stand for the names and values of the drift.</summary>
internal record CatalogueNote
{
    public DriftSeverity? Severity { get; init; }

    public string? Why { get; init; }

    public string? Remedy { get; init; }
}

/// <summary>What a value has to be, whatever the other region has.</summary>
internal sealed record CatalogueFit : CatalogueNote
{
    /// <summary>Values that are right; empty when <see cref="Not"/> tells.</summary>
    public string[] Is { get; init; } = [];

    /// <summary>Values that are wrong.</summary>
    public string[] Not { get; init; } = [];

    public bool Accepts(string value) =>
        (Is.Length == 0 || Is.Contains(value, StringComparer.OrdinalIgnoreCase)) && !Not.Contains(value, StringComparer.OrdinalIgnoreCase);
}

/// <summary>One property that matters, or one list of things with properties.</summary>
internal sealed record CatalogueProperty : CatalogueNote
{
    /// <summary>Name in the snapshot. Empty inside a list whose items are values themselves (tags, labels).</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it is in the document, see <see cref="DocumentPath"/>.</summary>
    public string Path { get; init; } = "";

    /// <summary>How the value is brought into a form in which equal means equal, see <see cref="PropertyValues"/>.</summary>
    public string As { get; init; } = "text";

    /// <summary>What an absent value means.</summary>
    public string? Default { get; init; }

    /// <summary>Only where this holds of the same item: <c>member=value</c> or <c>member!=value</c>.</summary>
    public string? When { get; init; }

    /// <summary>
    /// equal; atLeast (a number that both have, and that may be larger in the other region: then the drift is cosmetic); whenBoth (compared only where both have one); overlap (address ranges, which must not overlap);
    /// rules (security rules, by what they mean); none (shown, not compared).
    /// </summary>
    public string Compare { get; init; } = "equal";

    /// <summary>Of a list: what tells its items apart. A member of the item, or names of this list's own properties, joined.</summary>
    public string[]? Key { get; init; }

    /// <summary>Of a list: keys of items that say nothing about parity, because they tell what a server does just now.</summary>
    public string[] Ignore { get; init; } = [];

    /// <summary>Of a list: the properties of its items.</summary>
    public CatalogueProperty[]? Properties { get; init; }

    /// <summary>Of a list: an item that the other region lacks.</summary>
    public CatalogueNote? Missing { get; init; }

    /// <summary>Of a list: an item that only the other region has.</summary>
    public CatalogueNote? Extra { get; init; }

    /// <summary>What it has to be in either region.</summary>
    public CatalogueFit? Fit { get; init; }

    /// <summary>The part of a comparison that it belongs to; null means that it is always compared.</summary>
    public ParityPart? Part { get; init; }
}

/// <summary>A list that Azure keeps apart from the resource's document.</summary>
/// <param name="Path">Below the resource's id.</param>
/// <param name="As">Member of the document that it is put into.</param>
internal sealed record CatalogueChild(string Path, string As);

/// <summary>
/// What matters of one resource type, as data: it says how to read it, what to compare and what to say. Adding a type is adding a file to Parity/Catalogue and a test.
/// </summary>
internal sealed record CatalogueEntry
{
    public required string Type { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    public required string ApiVersion { get; init; }

    /// <summary>True when a region normally has one: two that are left over are a pair, whatever their names.</summary>
    public bool Single { get; init; }

    /// <summary>True for what serves both regions: looked at, not compared.</summary>
    public bool Shared { get; init; }

    public CatalogueChild[] Children { get; init; } = [];

    /// <summary>The other region has none like it.</summary>
    public required CatalogueNote Missing { get; init; }

    /// <summary>Only the other region has it.</summary>
    public CatalogueNote? Extra { get; init; }

    public required CatalogueProperty[] Properties { get; init; }
}
