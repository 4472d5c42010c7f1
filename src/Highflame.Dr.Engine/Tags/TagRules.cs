using System.Buffers;

namespace Highflame.Dr.Engine.Tags;

/// <summary>Azure's rules of tags, and the tags that belong to others.</summary>
internal static class TagRules
{
    /// <summary>Written by whoever provisions; kept as they are.</summary>
    public static readonly string[] Kept = ["Project", "Environment", "ManagedBy"];

    /// <summary>The tag with the name of the pair.</summary>
    public const string Pair = "dr-pair";

    private static readonly SearchValues<char> s_forbidden = SearchValues.Create("<>%&\\?/");

    /// <summary>What is wrong with a tag, a sentence; null when it is right.</summary>
    public static string? Check(string name, string value) =>
        name.Length is 0 or > 512 ? $"the tag name '{name}' has {name.Length} characters. Expected: 1 to 512."
        : name.AsSpan().ContainsAny(s_forbidden) ? $"the tag name '{name}' has a character that Azure forbids. Expected: none of <>%&\\?/."
        : Kept.Contains(name, StringComparer.OrdinalIgnoreCase) ? $"the tag {name} is whoever provisions' own and is kept as it is. Expected: another name."
        : value.Length > 256 ? $"the value of tag '{name}' has {value.Length} characters. Expected: at most 256."
        : null;
}
