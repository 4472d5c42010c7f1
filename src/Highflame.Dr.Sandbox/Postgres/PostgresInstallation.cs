namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>Where PostgreSQL's server programs lie: HFDR_PG_BIN, then PATH, then the folders that installers use, the newest version first.</summary>
internal sealed record PostgresInstallation(string Bin)
{
    public const string Variable = "HFDR_PG_BIN";

    private static readonly string[] Needed = ["postgres", "initdb", "pg_basebackup"];

    public string Postgres => Program("postgres");

    public string InitDb => Program("initdb");

    public string BaseBackup => Program("pg_basebackup");

    /// <exception cref="InvalidOperationException">None is found; the message says how to install it.</exception>
    public static PostgresInstallation Find() => Find(Environment.GetEnvironmentVariable, Candidates());

    internal static PostgresInstallation Find(Func<string, string?> environment, IEnumerable<string> candidates)
    {
        if (environment(Variable) is { Length: > 0 } named)
        {
            return IsComplete(named)
                ? new PostgresInstallation(named)
                : throw new InvalidOperationException($"{Variable} is '{named}', but {string.Join(", ", Needed)} are not all there.");
        }

        var path = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return path.Concat(candidates).FirstOrDefault(IsComplete) is { } found
            ? new PostgresInstallation(found)
            : throw new InvalidOperationException(
                $"PostgreSQL's server programs ({string.Join(", ", Needed)}) were not found. Install them (Debian, Ubuntu: apt-get install postgresql; "
                + "Fedora: dnf install postgresql-server; macOS: brew install postgresql@17; Windows: winget install PostgreSQL.PostgreSQL.17) "
                + $"or set {Variable} to the folder that holds them.");
    }

    private static IEnumerable<string> Candidates()
    {
        if (OperatingSystem.IsWindows())
        {
            foreach (var bin in Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*")) yield return bin;
            yield break;
        }

        foreach (var bin in Versions("/usr/lib/postgresql", "*")) yield return bin;
        foreach (var bin in Versions("/usr", "pgsql-*")) yield return bin;
        foreach (var prefix in new[] { "/opt/homebrew/opt", "/usr/local/opt" })
        {
            foreach (var bin in Versions(prefix, "postgresql*")) yield return bin;
        }

        yield return "/usr/local/pgsql/bin";
    }

    private static IEnumerable<string> Versions(string folder, string pattern) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, pattern).OrderByDescending(Version).Select(d => Path.Combine(d, "bin"))
            : [];

    private static double Version(string folder)
    {
        var digits = Path.GetFileName(folder).SkipWhile(c => !char.IsAsciiDigit(c)).TakeWhile(c => char.IsAsciiDigit(c) || c == '.').ToArray();
        return double.TryParse(digits, System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : 0;
    }

    private static bool IsComplete(string folder) => Needed.All(p => File.Exists(Path.Combine(folder, Name(p))));

    private static string Name(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    private string Program(string program) => Path.Combine(Bin, Name(program));
}
