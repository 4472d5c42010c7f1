using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Highflame.Dr.HelpGen;

/// <summary>What a built cmdlet promises, as far as help repeats it.</summary>
internal sealed record CmdletContract(
    string Name,
    string Summary,
    string Remarks,
    IReadOnlyList<(string Name, bool IsDefault, string Line)> Syntax,
    IReadOnlyList<CmdletContractParameter> Parameters,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs)
{
    public static CmdletContract Of(CmdletInfo command)
    {
        var comments = SourceComments.For(command.ImplementingType);
        var sets = command.ParameterSets;
        var named = sets.SelectMany(set => set.Parameters.Select(parameter => (Set: set.Name, Parameter: parameter)))
            .Where(pair => !Cmdlet.CommonParameters.Contains(pair.Parameter.Name))
            .GroupBy(pair => pair.Parameter.Name)
            .OrderBy(group => group.Key, StringComparer.Ordinal);
        var defaults = Defaults(command.ImplementingType);
        var parameters = named.Select(group => new CmdletContractParameter(
            group.Key,
            Words(group.Key, comments),
            group.GroupBy(pair => Data(pair.Parameter, defaults), DataComparer.Instance)
                .Select(alike => alike.Key with
                {
                    ParameterSets = alike.Count() == sets.Count ? "(All)" : string.Join(", ", alike.Select(pair => pair.Set)),
                })
                .ToList())).ToList();
        return new(
            command.Name,
            comments.Summary() ?? "{{ What it does, in one sentence }}",
            comments.Remarks() ?? "{{ What it does, when to use it, what it refuses }}",
            sets.Select(set => (set.Name, set.IsDefault, $"{command.Name} {set}")).ToList(),
            parameters,
            sets.SelectMany(set => set.Parameters).Where(parameter => parameter.ValueFromPipeline).Select(parameter => parameter.ParameterType.FullName!).Distinct().ToList(),
            command.OutputType.Where(type => type.Type != typeof(void)).Select(type => type.Name).Distinct().ToList());
    }

    private static string Words(string parameter, SourceComments comments) => parameter switch
    {
        "WhatIf" => "Shows what would be done, and does nothing.",
        "Confirm" => "Asks before anything is changed.",
        _ => comments.Summary(parameter) ?? $"{{{{ What -{parameter} is, its unit, its limits }}}}",
    };

    private static HelpParameterData Data(CommandParameterInfo parameter, Func<string, object?> defaults)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var element = type.IsArray ? type.GetElementType()! : type;
        var set = parameter.Attributes.OfType<ValidateSetAttribute>().FirstOrDefault();
        return new(
            type.Name,
            "",
            parameter.Aliases.ToList(),
            set is not null ? set.ValidValues.ToList() : element.IsEnum ? Enum.GetNames(element) : [],
            parameter.IsMandatory,
            parameter.Position < 0 ? "Named" : parameter.Position.ToString(CultureInfo.InvariantCulture),
            parameter.IsMandatory ? "None" : Text(defaults(parameter.Name), type),
            (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
            {
                (true, true) => "True (ByPropertyName, ByValue)",
                (true, false) => "True (ByValue)",
                (false, true) => "True (ByPropertyName)",
                _ => "False",
            },
            parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any());
    }

    // A cmdlet's defaults are what its properties hold before binding.
    private static Func<string, object?> Defaults(Type cmdlet)
    {
        var instance = Activator.CreateInstance(cmdlet);
        return name => cmdlet.GetProperty(name)?.GetValue(instance);
    }

    private static string Text(object? value, Type type) => value switch
    {
        null when type == typeof(SwitchParameter) => "False",
        null or "" or ICollection { Count: 0 } => "None",
        SwitchParameter given => given ? "True" : "False",
        ICollection items => string.Join(", ", items.Cast<object>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "None",
    };

    private sealed class DataComparer : IEqualityComparer<HelpParameterData>
    {
        public static readonly DataComparer Instance = new();

        public bool Equals(HelpParameterData? x, HelpParameterData? y) =>
            x is not null && y is not null && (x.Required, x.Position, x.PipelineInput) == (y.Required, y.Position, y.PipelineInput);

        public int GetHashCode(HelpParameterData data) => HashCode.Combine(data.Required, data.Position, data.PipelineInput);
    }
}

/// <param name="Summary">The doc comment of its property, or a placeholder.</param>
internal sealed record CmdletContractParameter(string Name, string Summary, IReadOnlyList<HelpParameterData> Data);
