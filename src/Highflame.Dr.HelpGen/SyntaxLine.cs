using System.Text.RegularExpressions;

namespace Highflame.Dr.HelpGen;

/// <summary>
/// A parameter set as PowerShell prints it: <c>-Name &lt;type&gt;</c> is mandatory, brackets around all make it optional, brackets around
/// the name make it positional, a parameter without a type is a switch.
/// </summary>
internal static partial class SyntaxLine
{
    /// <returns>Null when the line is not a syntax line.</returns>
    public static HelpSyntax? TryParse(string line)
    {
        var first = line.IndexOf(' ', StringComparison.Ordinal);
        var rest = (first < 0 ? "" : line[first..]).Replace("[<CommonParameters>]", "", StringComparison.Ordinal);
        if (Element().Replace(rest, "").Trim().Length > 0)
            return null;

        var position = 0;
        return new(Element().Matches(rest).Select(match =>
        {
            var type = match.Groups["type"];
            var bracketedName = match.Groups["open"].Success;
            // [-Name] alone is an optional switch; [-Name] <type> is mandatory by position.
            var optional = match.Groups["all"].Success || (bracketedName && !type.Success);
            return new HelpSyntaxParameter(
                match.Groups["name"].Value,
                !optional,
                bracketedName && type.Success ? position++ : null,
                type.Success ? type.Value : null);
        }).ToList());
    }

    // In order: [[-Name] <type>]   [-Name] <type>   [-Name <type>]   -Name <type>   [-Name]   -Name
    [GeneratedRegex(
        @"(?<all>\[)(?<open>\[)-(?<name>\w+)\]\s<(?<type>[^>]+)>\]"
        + @"|(?<open>\[)-(?<name>\w+)\]\s<(?<type>[^>]+)>"
        + @"|(?<all>\[)-(?<name>\w+)\s<(?<type>[^>]+)>\]"
        + @"|-(?<name>\w+)\s<(?<type>[^>]+)>"
        + @"|(?<open>\[)-(?<name>\w+)\]"
        + @"|-(?<name>\w+)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Element();
}
