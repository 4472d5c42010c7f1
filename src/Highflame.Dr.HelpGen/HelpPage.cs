namespace Highflame.Dr.HelpGen;

/// <summary>One cmdlet's page, as read from its markdown.</summary>
internal sealed record HelpPage(
    string Name,
    IReadOnlyList<string> Synopsis,
    IReadOnlyList<HelpSyntax> Syntax,
    IReadOnlyList<string> Description,
    IReadOnlyList<HelpExample> Examples,
    IReadOnlyList<HelpParameter> Parameters,
    IReadOnlyList<HelpType> Inputs,
    IReadOnlyList<HelpType> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<HelpLink> Links);

/// <summary>One parameter set's line.</summary>
internal sealed record HelpSyntax(IReadOnlyList<HelpSyntaxParameter> Parameters);

/// <param name="Position">Null for a named parameter.</param>
/// <param name="ValueType">Null for a switch.</param>
internal sealed record HelpSyntaxParameter(string Name, bool Required, int? Position, string? ValueType);

internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>A parameter with its data; one entry of <paramref name="Data"/> for each group of parameter sets in which it differs.</summary>
internal sealed record HelpParameter(string Name, IReadOnlyList<string> Description, IReadOnlyList<HelpParameterData> Data);

/// <summary>The yaml block of a parameter, in platyPS's words.</summary>
internal sealed record HelpParameterData(
    string Type,
    string ParameterSets,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> AcceptedValues,
    bool Required,
    string Position,
    string DefaultValue,
    string PipelineInput,
    bool Wildcards);

/// <summary>What goes in, or comes out.</summary>
internal sealed record HelpType(string Name, IReadOnlyList<string> Description);

/// <param name="Uri">Empty for another page of this module.</param>
internal sealed record HelpLink(string Text, string Uri);
