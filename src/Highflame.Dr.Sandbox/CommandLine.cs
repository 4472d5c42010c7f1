using System.Globalization;

namespace Highflame.Dr.Sandbox;

/// <summary>What the command line of the sandbox says.</summary>
internal sealed record CommandLine
{
    public const int MostPairs = 100;
    public const int MostRealPairs = 10;

    public const string Usage = "usage: Highflame.Dr.Sandbox --root DIR [--time-scale N] [--seed N] [--parent PID] [--throttling] [--empty] [--pairs N [--real-pairs N]] [--role owner|operator|reader]\n       Highflame.Dr.Sandbox --describe";

    /// <summary>Full path of the directory that the sandbox keeps everything in.</summary>
    public required string Root { get; init; }

    /// <summary>Divisor of the modelled Azure durations; 0 takes them away.</summary>
    public double TimeScale { get; init; } = 20;

    /// <summary>Makes the ids (never the secrets) the same at every start; null makes new ones.</summary>
    public int? Seed { get; init; }

    /// <summary>Process whose death ends the sandbox; null means none.</summary>
    public int? Parent { get; init; }

    /// <summary>Whether ARM's request limits are in force from the start; also with HFDR_SANDBOX_THROTTLING=1. Off leaves what DIR/behaviour.json says.</summary>
    public bool Throttling { get; init; } = Environment.GetEnvironmentVariable("HFDR_SANDBOX_THROTTLING") == "1";

    /// <summary>Whether the subscription begins empty: no group, no resource, no region's process.</summary>
    public bool Empty { get; init; }

    /// <summary>How many region pairs.</summary>
    public int Pairs { get; init; } = 1;

    /// <summary>How many of them, the first ones, have real databases; those of the others are documents.</summary>
    public int RealPairs { get; init; } = 1;

    /// <summary>What the service principal, the managed identities and the user may do: owner (all), or the module's operator or reader role on the two resource groups and nothing more.</summary>
    public string Role { get; init; } = "owner";

    /// <summary>Reads the arguments. Throws <see cref="ArgumentException"/> with a message for the user.</summary>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        string? root = null;
        var line = new CommandLine { Root = "" };
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = args[i].Split('=', 2) is [var n, var v] ? (n, v) : (args[i], null);
            string Value() => inline ?? (i + 1 < args.Count ? args[++i] : throw new ArgumentException($"{name} needs a value."));
            switch (name)
            {
                case "--root":
                    root = Value();
                    break;
                case "--time-scale":
                    line = line with { TimeScale = Number(name, Value()) };
                    break;
                case "--seed":
                    line = line with { Seed = Whole(name, Value(), int.MinValue) };
                    break;
                case "--parent":
                    line = line with { Parent = Whole(name, Value(), 1) };
                    break;
                case "--role":
                    var role = Value().ToLowerInvariant();
                    line = line with { Role = role is "owner" or "operator" or "reader" ? role : throw new ArgumentException($"--role must be owner, operator or reader, not '{role}'.") };
                    break;
                case "--empty":
                    line = line with { Empty = true };
                    break;
                case "--pairs":
                    line = line with { Pairs = Whole(name, Value(), 1) };
                    break;
                case "--real-pairs":
                    line = line with { RealPairs = Whole(name, Value(), 1) };
                    break;
                case "--throttling":
                    line = line with { Throttling = true };
                    break;
                default:
                    throw new ArgumentException($"Unknown argument '{args[i]}'.");
            }
        }

        if (string.IsNullOrWhiteSpace(root)) throw new ArgumentException("--root is required: the directory that the sandbox keeps everything in.");
        if (line.Pairs > MostPairs) throw new ArgumentException($"--pairs must be at most {MostPairs}.");
        if (line.RealPairs > Math.Min(line.Pairs, MostRealPairs)) throw new ArgumentException($"--real-pairs must be at most {Math.Min(line.Pairs, MostRealPairs)}: --pairs, and never more than {MostRealPairs}.");
        if (line is { Empty: true, Pairs: > 1 }) throw new ArgumentException("--pairs does not go with --empty.");
        return line with { Root = Path.GetFullPath(root) };
    }

    private static double Number(string name, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentException($"{name} must be a number from 0 up, not '{text}'.");

    private static int Whole(string name, string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw new ArgumentException($"{name} must be a whole number{(least > int.MinValue ? $" from {least} up" : "")}, not '{text}'.");
}
