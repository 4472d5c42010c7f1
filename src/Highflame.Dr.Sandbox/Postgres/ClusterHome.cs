using System.Diagnostics;
using Highflame.Dr.Sandbox.Processes;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>
/// The directory that holds every cluster, and the programs run in it. It is DIR/postgres, unless the sandbox is root and the server account cannot reach DIR:
/// then it is a directory under the temporary directory that is removed at the end.
/// </summary>
internal sealed class ClusterHome
{
    public const string Superuser = "azuresu";
    public const string Replicator = "replicator";

    private readonly SandboxLayout _layout;
    private readonly ServerAccount _account;
    private readonly ProcessRegister _register;
    private readonly Lock _gate = new();
    private Task<string>? _template;

    private ClusterHome(SandboxLayout layout, PostgresInstallation installation, ServerAccount account, string directory, bool temporary)
    {
        (_layout, Installation, _account, Directory, IsTemporary) = (layout, installation, account, directory, temporary);
        _register = new ProcessRegister(ProcessRegister.Under(layout.Root));
        Files = new ClusterFiles(account, layout.CaCertificatePath, layout.ServerCertificatePath, layout.ServerKeyPath);
        SuperuserPassword = Secret();
        ReplicatorPassword = Secret();
    }

    public string Directory { get; }

    public bool IsTemporary { get; }

    public PostgresInstallation Installation { get; }

    public ClusterFiles Files { get; }

    public string SuperuserPassword { get; }

    public string ReplicatorPassword { get; }

    /// <exception cref="InvalidOperationException">There is no PostgreSQL, or no account to run it as.</exception>
    public static ClusterHome Open(SandboxLayout layout)
    {
        var installation = PostgresInstallation.Find();
        var account = ServerAccount.Choose();
        var temporary = !account.CanReach(layout.Root);
        var directory = temporary ? System.IO.Directory.CreateTempSubdirectory("hfdr-pg-").FullName : Path.Combine(layout.Root, "postgres");
        System.IO.Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        account.Own(directory);
        return new ClusterHome(layout, installation, account, directory, temporary);
    }

    public string LogPath(string server) => Path.Combine(_layout.Root, "logs", $"postgres-{server}.log");

    public string DataDirectory(string server) => Path.Combine(Directory, server);

    /// <summary>Starts the slow part of the first primary, initdb, ahead of time.</summary>
    public void Prepare() => _ = TakeTemplateTask(keep: true);

    /// <summary>A fresh initialised data directory of a server.</summary>
    public async Task InitializeAsync(string server, CancellationToken cancellationToken)
    {
        var template = await TakeTemplateTask(keep: false).WaitAsync(cancellationToken).ConfigureAwait(false);
        System.IO.Directory.Move(template, DataDirectory(server));
        await Files.WriteAsync(DataDirectory(server), cancellationToken).ConfigureAwait(false);
    }

    public ProcessStartInfo Start(string program) => _account.Start(program, Directory);

    /// <summary>Registers a running PostgreSQL program with the reaper; its command line names the directory.</summary>
    public IDisposable Register(Process process) => _register.Add(process, Directory);

    /// <summary>Runs a PostgreSQL program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message ends with what it said.</exception>
    public async Task RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = Start(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' cannot be started.");
        using var entry = Register(process);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        await output.ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} failed with exit code {process.ExitCode}: {(await errors.ConfigureAwait(false)).Trim()}");
    }

    /// <summary>Removes the directory when it is temporary. Every server has ended.</summary>
    public async Task CloseAsync()
    {
        Task<string>? template;
        lock (_gate) (template, _template) = (_template, null);
        if (template is not null) await ((Task)template).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsTemporary) System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static string Secret() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20));

    private Task<string> TakeTemplateTask(bool keep)
    {
        lock (_gate)
        {
            var template = _template ?? Task.Run(MakeTemplateAsync);
            _template = keep ? template : null;
            return template;
        }
    }

    private async Task<string> MakeTemplateAsync()
    {
        var path = Path.Combine(Directory, $".template-{Guid.NewGuid():N}");
        var passwordFile = path + ".pw";
        await _account.WriteAsync(passwordFile, SuperuserPassword + "\n", CancellationToken.None).ConfigureAwait(false);
        try
        {
            await RunAsync(
                Installation.InitDb,
                ["--pgdata", path, "--username", Superuser, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"],
                new Dictionary<string, string>(),
                CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        return path;
    }
}
