using System.Management.Automation;
using System.Management.Automation.Language;

namespace Highflame.Dr.Tests.Scripts;

/// <summary>
/// Checks the calls in a script against the real commands, without running it: names, parameters, values of enumerations and sets, and whether
/// at least one parameter set takes the call as it is written.
/// </summary>
/// <param name="commands">Every command that the script may call, by name: the engine's core, our cmdlets, the shell's stream commands.</param>
/// <param name="foreignAllowed">True when other names are somebody else's business (Pester's commands).</param>
internal sealed class ScriptCallChecker(IReadOnlyDictionary<string, CommandInfo> commands, bool foreignAllowed = false)
{
    /// <summary>Programs that build.ps1 starts.</summary>
    private static readonly string[] Programs = ["dotnet"];

    /// <returns>One line for each fault, with file and line.</returns>
    public IReadOnlyList<string> Check(string path, string text)
    {
        var faults = new List<string>();
        var script = Parser.ParseInput(text, path, out _, out var errors);
        faults.AddRange(errors.Select(error => $"{path}:{error.Extent.StartLineNumber}: {error.Message}"));

        var functions = script.FindAll(node => node is FunctionDefinitionAst, true).Cast<FunctionDefinitionAst>().Select(function => function.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var call in script.FindAll(node => node is CommandAst, true).Cast<CommandAst>())
        {
            if (Fault(script, call, functions) is { } fault)
                faults.Add($"{path}:{call.Extent.StartLineNumber}: {fault}");
        }

        return faults;
    }

    private string? Fault(ScriptBlockAst script, CommandAst call, HashSet<string> functions)
    {
        var name = call.GetCommandName();
        if (name is null || name.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
            return ScriptFault(script, call);
        if (functions.Contains(name) || Programs.Contains(name))
            return null;
        if (commands.TryGetValue(name, out var command))
            return CallFault(script, call, command);
        return foreignAllowed && !name.Contains("-Hf", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"{name} is not a core command, not one of this module's and not one of the shell's stream commands";
    }

    private static string? CallFault(ScriptBlockAst script, CommandAst call, CommandInfo command)
    {
        if (command is AliasInfo alias)
            command = alias.ResolvedCommand ?? throw new InvalidOperationException($"{alias.Name} leads nowhere.");

        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var positional = 0;
        var splatUnknown = false;
        var elements = call.CommandElements.Skip(1).ToList();
        for (var i = 0; i < elements.Count; i++)
        {
            switch (elements[i])
            {
                case CommandParameterAst parameter:
                    if (Resolve(command, parameter.ParameterName) is not { } known)
                        return $"{command.Name} has no parameter -{parameter.ParameterName}";
                    if (!given.Add(known.Name))
                        return $"{command.Name} -{known.Name} is given twice";
                    var argument = parameter.Argument ?? (known.SwitchParameter ? null : i + 1 < elements.Count ? elements[++i] : null);
                    if (argument is null && !known.SwitchParameter)
                        return $"{command.Name} -{known.Name} has no value";
                    if (argument is not null && ValueFault(known, argument) is { } bad)
                        return $"{command.Name} -{known.Name}: {bad}";
                    break;
                case VariableExpressionAst { Splatted: true } splat:
                    if (SplattedKeys(script, splat.VariablePath.UserPath) is not { } keys)
                        splatUnknown = true;
                    else if (keys.FirstOrDefault(key => Resolve(command, key) is null) is { } unknown)
                        return $"{command.Name} has no parameter -{unknown} (splatted from @{splat.VariablePath.UserPath})";
                    else
                        given.UnionWith(keys.Select(key => Resolve(command, key)!.Name));
                    break;
                default:
                    positional++;
                    break;
            }
        }

        var fromPipeline = call.Parent is PipelineAst pipeline && pipeline.PipelineElements.IndexOf(call) > 0;
        var reasons = command.ParameterSets.Select(set => (set.Name, Reason: Misfit(set, given, positional, fromPipeline, splatUnknown))).ToList();
        return reasons.Any(set => set.Reason is null)
            ? null
            : $"no parameter set of {command.Name} takes this call: {string.Join("; ", reasons.Select(set => $"{set.Name}: {set.Reason}"))}";
    }

    /// <returns>Why a set cannot take the call; null when it can.</returns>
    private static string? Misfit(CommandParameterSetInfo set, HashSet<string> given, int positional, bool fromPipeline, bool splatUnknown)
    {
        if (given.FirstOrDefault(name => !set.Parameters.Any(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) is { } foreign)
            return $"has no -{foreign}";
        var open = set.Parameters.Where(parameter => parameter.Position >= 0 && !given.Contains(parameter.Name)).OrderBy(parameter => parameter.Position).ToList();
        var takesRest = open.Any(parameter => parameter.ValueFromRemainingArguments);
        if (positional > open.Count && !takesRest)
            return $"takes {open.Count} values by position, {positional} are given";
        if (splatUnknown)
            return null;
        var filled = open.Take(positional).Select(parameter => parameter.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var missing = set.Parameters.FirstOrDefault(parameter => parameter.IsMandatory
            && !given.Contains(parameter.Name)
            && !filled.Contains(parameter.Name)
            && !(fromPipeline && (parameter.ValueFromPipeline || parameter.ValueFromPipelineByPropertyName)));
        return missing is null ? null : $"needs -{missing.Name}";
    }

    private static ParameterMetadata? Resolve(CommandInfo command, string name)
    {
        try
        {
            return command.ResolveParameter(name);
        }
        catch (ParameterBindingException)
        {
            return null;
        }
    }

    private static string? ValueFault(ParameterMetadata parameter, CommandElementAst argument)
    {
        if (argument is not StringConstantExpressionAst { Value: var text })
            return null;
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var allowed = parameter.Attributes.OfType<ValidateSetAttribute>().FirstOrDefault() is { } set ? set.ValidValues
            : type.IsEnum ? Enum.GetNames(type)
            : null;
        return allowed is null || text.Split(',').All(part => allowed.Contains(part.Trim(), StringComparer.OrdinalIgnoreCase))
            ? null
            : $"'{text}' is none of {string.Join(", ", allowed)}";
    }

    /// <returns>The keys that a variable may hold by what the script assigns to it; null when that cannot be read.</returns>
    private static List<string>? SplattedKeys(ScriptBlockAst script, string variable)
    {
        var assignments = script.FindAll(node => node is AssignmentStatementAst, true).Cast<AssignmentStatementAst>().ToList();
        var tables = assignments
            .Where(assignment => assignment.Left is VariableExpressionAst left && left.VariablePath.UserPath.Equals(variable, StringComparison.OrdinalIgnoreCase))
            .Select(assignment => (assignment.Right as CommandExpressionAst)?.Expression as HashtableAst)
            .ToList();
        if (tables.Count == 0 || tables.Contains(null))
            return null;
        var added = assignments
            .Select(assignment => assignment.Left as MemberExpressionAst)
            .Where(member => member?.Expression is VariableExpressionAst owner && owner.VariablePath.UserPath.Equals(variable, StringComparison.OrdinalIgnoreCase))
            .Select(member => (member!.Member as StringConstantExpressionAst)?.Value);
        var keys = tables.SelectMany(table => table!.KeyValuePairs.Select(pair => (pair.Item1 as StringConstantExpressionAst)?.Value)).Concat(added).ToList();
        return keys.Contains(null) ? null : [.. keys.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>`&amp; $runbook -Name value`: when the path ends in the name of a shipped script, its parameters must exist.</summary>
    private static string? ScriptFault(ScriptBlockAst script, CommandAst call)
    {
        Ast where = call.CommandElements[0];
        if (where is VariableExpressionAst variable)
        {
            where = script.Find(node => node is AssignmentStatementAst { Left: VariableExpressionAst left }
                && left.VariablePath.UserPath.Equals(variable.VariablePath.UserPath, StringComparison.OrdinalIgnoreCase), true) ?? where;
        }

        var file = where.FindAll(node => node is StringConstantExpressionAst, true).Cast<StringConstantExpressionAst>()
            .Select(constant => Path.GetFileName(constant.Value)).LastOrDefault(value => value.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase));
        if (file is null || ShippedScripts.All().FirstOrDefault(path => Path.GetFileName(path) == file) is not { } target)
            return null;
        // A script without a param block, such as one that is dot-sourced, takes no named parameter.
        if (Parser.ParseFile(target, out _, out _).ParamBlock is not { } parameters)
            return call.CommandElements.OfType<CommandParameterAst>().FirstOrDefault() is { } named ? $"{file} has no parameter -{named.ParameterName}" : null;
        var names = parameters.Parameters.Select(parameter => parameter.Name.VariablePath.UserPath).Concat(Cmdlet.CommonParameters);
        if (parameters.Extent.Text.Length > 0 && parameters.Attributes.Any(attribute => attribute.Extent.Text.Contains("SupportsShouldProcess", StringComparison.OrdinalIgnoreCase)))
            names = names.Concat(Cmdlet.OptionalCommonParameters);
        return call.CommandElements.OfType<CommandParameterAst>().FirstOrDefault(parameter => !names.Contains(parameter.ParameterName, StringComparer.OrdinalIgnoreCase)) is { } unknown
            ? $"{file} has no parameter -{unknown.ParameterName}"
            : null;
    }
}
