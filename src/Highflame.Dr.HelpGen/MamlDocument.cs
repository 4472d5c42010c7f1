using System.Globalization;
using System.Xml.Linq;

namespace Highflame.Dr.HelpGen;

/// <summary>Writes the pages in the XML that Get-Help reads.</summary>
internal static class MamlDocument
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static XDocument Of(IEnumerable<HelpPage> pages) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(Root + "helpItems", new XAttribute("schema", "maml"), pages.Select(Page)));

    private static XElement Page(HelpPage page)
    {
        var parts = page.Name.Split('-', 2);
        return new(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", page.Name),
                new XElement(Command + "verb", parts[0]),
                new XElement(Command + "noun", parts[^1]),
                Description(page.Synopsis)),
            Description(page.Description),
            new XElement(Command + "syntax", page.Syntax.Select(syntax => Syntax(page, syntax))),
            new XElement(Command + "parameters", page.Parameters.OrderBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase).Select(Parameter)),
            new XElement(Command + "inputTypes", page.Inputs.Select(type => Type("inputType", type))),
            new XElement(Command + "returnValues", page.Outputs.Select(type => Type("returnValue", type))),
            new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Notes))),
            new XElement(Command + "examples", page.Examples.Select(Example)),
            new XElement(Command + "relatedLinks", page.Links.Select(link => new XElement(
                Maml + "navigationLink", new XElement(Maml + "linkText", link.Text), new XElement(Maml + "uri", link.Uri)))));
    }

    private static XElement Syntax(HelpPage page, HelpSyntax syntax) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", page.Name),
        syntax.Parameters.Select(parameter =>
        {
            var described = page.Parameters.FirstOrDefault(known => known.Name == parameter.Name);
            var data = described?.Data.Count > 0 ? described.Data[0] : null;
            return new XElement(
                Command + "parameter",
                Attributes(parameter.Required, parameter.Position?.ToString(CultureInfo.InvariantCulture) ?? "named", data),
                new XElement(Maml + "name", parameter.Name),
                Description(described?.Description ?? []),
                parameter.ValueType is null ? null : Value(parameter.ValueType, parameter.Required),
                data is { AcceptedValues.Count: > 0 }
                    ? new XElement(Command + "parameterValueGroup", data.AcceptedValues.Select(value => new XElement(
                        Command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), value)))
                    : null);
        }));

    private static XElement Parameter(HelpParameter parameter)
    {
        var data = parameter.Data[0];
        return new(
            Command + "parameter",
            Attributes(parameter.Data.Any(block => block.Required), data.Position.ToLowerInvariant(), data),
            new XElement(Maml + "name", parameter.Name),
            Description(parameter.Description),
            Value(data.Type, data.Type != "SwitchParameter"),
            new XElement(Dev + "type", new XElement(Maml + "name", data.Type), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", data.DefaultValue));
    }

    private static XAttribute[] Attributes(bool required, string position, HelpParameterData? data) =>
    [
        new("required", required ? "true" : "false"),
        new("variableLength", data?.Type.EndsWith("[]", StringComparison.Ordinal) == true ? "true" : "false"),
        new("globbing", data?.Wildcards == true ? "true" : "false"),
        new("pipelineInput", data?.PipelineInput ?? "False"),
        new("position", position),
        new("aliases", data is { Aliases.Count: > 0 } ? string.Join(", ", data.Aliases) : "none"),
    ];

    private static XElement Value(string type, bool required) => new(
        Command + "parameterValue",
        new XAttribute("required", required ? "true" : "false"),
        new XAttribute("variableLength", type.EndsWith("[]", StringComparison.Ordinal) ? "true" : "false"),
        type);

    private static XElement Type(string element, HelpType type) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Name)),
        Description(type.Description));

    private static XElement Example(HelpExample example) => new(
        Command + "example",
        new XElement(Maml + "title", $"-------- {example.Title} --------"),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", Paragraphs(example.Remarks)));

    private static XElement Description(IEnumerable<string> paragraphs) => new(Maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(text => new XElement(Maml + "para", text));
}
