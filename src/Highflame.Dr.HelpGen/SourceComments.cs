using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Highflame.Dr.HelpGen;

/// <summary>The doc comments of a cmdlet's class and properties, from the XML file beside its assembly; empty when there is none.</summary>
internal sealed partial class SourceComments
{
    private readonly Type _type;
    private readonly Dictionary<string, XElement> _members;

    private SourceComments(Type type, Dictionary<string, XElement> members)
    {
        _type = type;
        _members = members;
    }

    public static SourceComments For(Type type)
    {
        var file = Path.ChangeExtension(type.Assembly.Location, ".xml");
        var members = File.Exists(file)
            ? XDocument.Load(file).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!)
            : [];
        return new(type, members);
    }

    public string? Summary() => Text("T:" + _type.FullName, "summary");

    public string? Remarks() => Text("T:" + _type.FullName, "remarks");

    /// <summary>The comment of a parameter's property, wherever in the class's ancestry it is declared.</summary>
    public string? Summary(string property)
    {
        for (var type = _type; type is not null; type = type.BaseType)
        {
            if (Text($"P:{type.FullName}.{property}", "summary") is { } text)
                return text;
        }

        return null;
    }

    private string? Text(string member, string element)
    {
        if (!_members.TryGetValue(member, out var comment) || comment.Element(element) is not { } found)
            return null;
        var text = new StringBuilder();
        foreach (var node in found.DescendantNodes())
        {
            if (node is XText words && node.Parent?.Name.LocalName is "c")
                text.Append('`').Append(words.Value).Append('`');
            else if (node is XText plain)
                text.Append(plain.Value);
            else if (node is XElement { IsEmpty: true } reference && (reference.Attribute("cref") ?? reference.Attribute("name") ?? reference.Attribute("langword")) is { } target)
                text.Append(target.Value.Split('.', ':')[^1]);
        }

        var result = Spaces().Replace(text.ToString(), " ").Trim();
        return result.Length == 0 ? null : result;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
