using System.Diagnostics;
using System.Globalization;
using Highflame.Dr.Sandbox.Processes;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>
/// The unprivileged account that PostgreSQL runs as: PostgreSQL refuses to run as root. When the sandbox itself is not root there is no other account and
/// everything runs as the sandbox does.
/// </summary>
internal sealed class ServerAccount
{
    private const string SetPriv = "setpriv";

    private readonly (int User, int Group)? _account;

    private ServerAccount((int User, int Group)? account) => _account = account;

    /// <exception cref="InvalidOperationException">The sandbox runs as root and there is no unprivileged account.</exception>
    public static ServerAccount Choose()
    {
        if (!Signals.IsRoot) return new ServerAccount(null);
        var accounts = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToList();
        var chosen = accounts.Find(a => a[0] == "postgres") ?? accounts.Find(a => a[0] == "nobody")
            ?? throw new InvalidOperationException("PostgreSQL refuses to run as root and there is no user 'postgres' or 'nobody' to run it as. Create one, or run the sandbox as another user.");
        return new ServerAccount((int.Parse(chosen[2], CultureInfo.InvariantCulture), int.Parse(chosen[3], CultureInfo.InvariantCulture)));
    }

    /// <summary>Start information of a PostgreSQL program as this account, with a clean PostgreSQL environment.</summary>
    /// <param name="program">Path of the program.</param>
    /// <param name="home">Directory that the account can read: libpq looks for certificates in HOME, and root's is closed to it.</param>
    public ProcessStartInfo Start(string program, string home)
    {
        ProcessStartInfo start;
        if (_account is var (user, group))
        {
            start = OwnProgram.Detached(SetPriv);
            foreach (var argument in new[] { $"--reuid={user}", $"--regid={group}", "--clear-groups", "--", program }) start.ArgumentList.Add(argument);
        }
        else
        {
            start = OwnProgram.Detached(program);
        }

        foreach (var variable in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToList()) start.Environment.Remove(variable);
        start.Environment["HOME"] = home;
        start.Environment["LC_ALL"] = "C";
        start.WorkingDirectory = home;
        return start;
    }

    /// <summary>Gives a file or directory to the account.</summary>
    public void Own(string path)
    {
        if (_account is var (user, group)) Signals.ChangeOwner(path, user, group);
    }

    /// <summary>True when the account can reach what lies in a directory: every directory above lets others through.</summary>
    public bool CanReach(string directory)
    {
        if (_account is null || OperatingSystem.IsWindows()) return true;
        for (var at = new DirectoryInfo(Path.GetFullPath(directory)); at is not null; at = at.Parent)
        {
            if (!File.GetUnixFileMode(at.FullName).HasFlag(UnixFileMode.OtherExecute)) return false;
        }

        return true;
    }

    /// <summary>Writes a file that only the account may read.</summary>
    public async Task WriteAsync(string path, string content, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(path, content, cancellationToken).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Own(path);
    }
}
