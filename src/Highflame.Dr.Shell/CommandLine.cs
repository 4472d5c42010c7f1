using System.Management.Automation.Runspaces;

namespace Highflame.Dr.Shell;

internal enum ShellRequestKind
{
    Interactive,
    Help,
    Script,
    Command,
}

/// <summary>What the command line asks for.</summary>
/// <param name="Text">The script's path, or the command text; empty for the other kinds.</param>
/// <param name="Parameters">A script's arguments, ready to be bound by the engine as <c>pwsh -File</c> would.</param>
internal sealed record ShellRequest(ShellRequestKind Kind, string Text, IReadOnlyList<CommandParameter> Parameters);

/// <summary>Reads the program's own arguments.</summary>
internal static class CommandLine
{
    public const string Usage = """
        Highflame.Dr.Shell: runs PowerShell scripts where .NET is installed and pwsh is not.

          Highflame.Dr.Shell <script.ps1> [arguments]          run a script; -Name value, -Switch, -Switch:$false and positions as in pwsh -File
          Highflame.Dr.Shell -File <script.ps1> [arguments]    the same
          Highflame.Dr.Shell -Command "<text>"                 run a command line
          Highflame.Dr.Shell                                   read commands from the prompt until `exit`

        The built module (artifacts/module/Highflame.Dr) is imported when it is there, except for build.ps1.
        Exit code: that of the script's `exit`, 1 after a terminating error (with -Command: after any error), 130 after Ctrl-C, 143 after SIGTERM, 64 for a wrong command line.
        """;

    /// <exception cref="FormatException">The arguments make no sense; the message says why.</exception>
    public static ShellRequest Parse(IReadOnlyList<string> args)
    {
        if (args.Count == 0)
            return new(ShellRequestKind.Interactive, "", []);

        var first = args[0];
        if (Is(first, "Help", "h", "?") || first is "--help")
            return new(ShellRequestKind.Help, "", []);

        if (Is(first, "Command", "c"))
        {
            return args.Count > 1
                ? new(ShellRequestKind.Command, string.Join(' ', args.Skip(1)), [])
                : throw new FormatException("-Command needs the text to run.");
        }

        var named = Is(first, "File", "f");
        if (!named && first.StartsWith('-'))
            throw new FormatException($"Unknown option '{first}'.");
        if (named && args.Count < 2)
            throw new FormatException("-File needs the path of a script.");
        return new(ShellRequestKind.Script, args[named ? 1 : 0], ScriptParameters(args.Skip(named ? 2 : 1)));
    }

    /// <summary>
    /// A name without a value stays open: the engine gives it the next argument, or takes it as a switch.
    /// Only a value after a colon may be a Boolean, as in pwsh.
    /// </summary>
    private static List<CommandParameter> ScriptParameters(IEnumerable<string> args)
    {
        var parameters = new List<CommandParameter>();
        string? pending = null;
        foreach (var arg in args)
        {
            if (pending is not null)
            {
                parameters.Add(new CommandParameter(pending, Value(arg)));
                pending = null;
                continue;
            }

            var isName = arg.Length > 1 && arg[0] == '-' && (char.IsLetter(arg[1]) || arg[1] is '_' or '?');
            if (!isName)
            {
                parameters.Add(new CommandParameter(null, arg));
                continue;
            }

            var colon = arg.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                parameters.Add(new CommandParameter(arg));
            else if (colon == arg.Length - 1)
                pending = arg[1..colon];
            else
                parameters.Add(new CommandParameter(arg[1..colon], Value(arg[(colon + 1)..])));
        }

        return pending is null ? parameters : throw new FormatException($"-{pending}: needs a value after the colon.");
    }

    private static object Value(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => text,
    };

    private static bool Is(string arg, params string[] names) =>
        arg.StartsWith('-') && names.Contains(arg.TrimStart('-'), StringComparer.OrdinalIgnoreCase);
}
