namespace Highflame.Dr.Engine.Azure;

/// <summary>Azure's own words (states, levels, tiers): compared ignoring case, as Azure itself is not of one mind about it.</summary>
internal static class AzureWord
{
    public static bool Is(string? word, string expected) => string.Equals(word, expected, StringComparison.OrdinalIgnoreCase);
}
