using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Highflame.Dr.Sandbox.Processes;
using Npgsql;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>One postgres cluster: its data directory, its postmaster process and two warm sessions (changes, and reads that never wait for a change).</summary>
internal sealed class DatabaseCluster : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestFastStop = TimeSpan.FromSeconds(10);

    private readonly ClusterHome _home;
    private readonly TimeProvider _time;
    private Process? _postmaster;
    private IDisposable? _entry;
    private Task _log = Task.CompletedTask;

    public DatabaseCluster(ClusterHome home, string name, string location, IPEndPoint endPoint, TimeProvider time)
    {
        (_home, Name, Location, EndPoint, _time) = (home, name, location, endPoint, time);
        Data = home.DataDirectory(name);
        (Control, Watch) = (OpenSession("postgres"), OpenSession("postgres"));
    }

    public string Name { get; }

    public string Location { get; }

    public IPEndPoint EndPoint { get; }

    public string Data { get; }

    /// <summary>The server that it streams from; null for a primary.</summary>
    public string? Source { get; set; }

    public required string Administrator { get; set; }

    /// <summary>One life-cycle operation at a time. A crash does not ask.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public SuperuserSession Control { get; }

    public SuperuserSession Watch { get; }

    public string Slot => "replica_" + Name.Replace('-', '_').ToLowerInvariant();

    public bool IsRunning => _postmaster is { HasExited: false };

    public bool HasStandbySignal => File.Exists(Path.Combine(Data, "standby.signal"));

    /// <summary>A session of its own, in a database; connects at its first use.</summary>
    public SuperuserSession OpenSession(string database)
    {
        var builder = new NpgsqlDataSourceBuilder(ConnectionString(database));
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return new SuperuserSession(builder.Build());
    }

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = EndPoint.Address.ToString(),
        Port = EndPoint.Port,
        Username = ClusterHome.Superuser,
        Password = _home.SuperuserPassword,
        Database = database,
        SslMode = SslMode.VerifyCA,
        RootCertificate = Path.Combine(Data, "root.crt"),
        Pooling = false,
        Timeout = 5,
        CommandTimeout = 15,
        ApplicationName = "sandbox",
        // A statement may hold a password: it must not reach the server's log when it fails.
        Options = "-c log_min_error_statement=panic",
    }.ConnectionString;

    /// <summary>Starts the postmaster and returns when it takes connections and both sessions are open. Running already is fine.</summary>
    /// <exception cref="InvalidOperationException">It ended; the message has the end of its log.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning) return;
        await ForgetProcessAsync().ConfigureAwait(false);
        var start = _home.Start(_home.Installation.Postgres);
        string[] arguments = ["-D", Data, "-c", $"listen_addresses={EndPoint.Address}", "-c", $"port={EndPoint.Port}"];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var postmaster = Process.Start(start) ?? throw new InvalidOperationException("postgres cannot be started.");
        _entry = _home.Register(postmaster);
        postmaster.StandardInput.Close();
        _postmaster = postmaster;
        _log = Task.WhenAll(CopyLogAsync(postmaster.StandardError), CopyLogAsync(postmaster.StandardOutput));

        var begun = _time.GetTimestamp();
        while (true)
        {
            try
            {
                await Task.WhenAll(Watch.ScalarAsync<int>("SELECT 1", cancellationToken), Control.ScalarAsync<int>("SELECT 1", cancellationToken)).ConfigureAwait(false);
                return;
            }
            catch (Exception notYet) when (notYet is NpgsqlException or SocketException or IOException or TimeoutException)
            {
                if (postmaster.HasExited) throw new InvalidOperationException($"The server '{Name}' ended while it started: {await LogTailAsync().ConfigureAwait(false)}");
                if (_time.GetElapsedTime(begun) > LongestStart)
                    throw new InvalidOperationException($"The server '{Name}' takes no connection after {LongestStart.TotalSeconds} s: {notYet.Message} {await LogTailAsync().ConfigureAwait(false)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Fast shutdown: sessions end, standbys get everything, a checkpoint is written. When that hangs, immediate shutdown.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_postmaster is not { HasExited: false } postmaster)
        {
            await ForgetProcessAsync().ConfigureAwait(false);
            return;
        }

        await EndAsync(postmaster, Signals.Interrupt, "fast", LongestFastStop, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Immediate shutdown, for a server whose data nobody needs any more.</summary>
    public async Task AbortAsync()
    {
        if (_postmaster is { HasExited: false } postmaster)
            await EndAsync(postmaster, Signals.Quit, "immediate", TimeSpan.FromSeconds(2), CancellationToken.None).ConfigureAwait(false);
        await ForgetProcessAsync().ConfigureAwait(false);
        RemoveSharedMemory();
    }

    /// <summary>SIGKILL of the postmaster and every backend.</summary>
    public async Task KillAsync()
    {
        if (_postmaster is { HasExited: false } postmaster)
        {
            postmaster.Kill(entireProcessTree: true);
            await postmaster.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await ForgetProcessAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await AbortAsync().ConfigureAwait(false);
        await Control.DisposeAsync().ConfigureAwait(false);
        await Watch.DisposeAsync().ConfigureAwait(false);
        Gate.Dispose();
    }

    private async Task EndAsync(Process postmaster, int signal, string mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Control.ResetAsync(), Watch.ResetAsync()).ConfigureAwait(false);
        await SignalAsync(postmaster, signal, mode).ConfigureAwait(false);
        if (!await EndsWithinAsync(postmaster, limit, cancellationToken).ConfigureAwait(false))
        {
            await SignalAsync(postmaster, Signals.Quit, "immediate").ConfigureAwait(false);
            if (!await EndsWithinAsync(postmaster, TimeSpan.FromSeconds(3), cancellationToken).ConfigureAwait(false)) postmaster.Kill(entireProcessTree: true);
            await postmaster.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }

        await ForgetProcessAsync().ConfigureAwait(false);
    }

    private async Task SignalAsync(Process postmaster, int signal, string mode)
    {
        if (OperatingSystem.IsWindows())
        {
            var controller = Path.Combine(_home.Installation.Bin, "pg_ctl.exe");
            await _home.RunAsync(controller, ["stop", "-D", Data, "-m", mode, "-W"], new Dictionary<string, string>(), CancellationToken.None).ConfigureAwait(false);
            return;
        }

        Signals.Send(postmaster.Id, signal);
    }

    private async Task<bool> EndsWithinAsync(Process process, TimeSpan limit, CancellationToken cancellationToken)
    {
        var end = process.WaitForExitAsync(cancellationToken);
        await Task.WhenAny(end, Task.Delay(limit, _time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return end.IsCompleted;
    }

    private async Task ForgetProcessAsync()
    {
        var postmaster = Interlocked.Exchange(ref _postmaster, null);
        if (postmaster is null) return;
        await Task.WhenAll(Control.ResetAsync(), Watch.ResetAsync()).ConfigureAwait(false);
        await _log.ConfigureAwait(false);
        _entry?.Dispose();
        postmaster.Dispose();
    }

    /// <summary>A postmaster that was killed leaves a small System V segment; its number is the last word of line 7 of postmaster.pid.</summary>
    private void RemoveSharedMemory()
    {
        var pidFile = Path.Combine(Data, "postmaster.pid");
        if (OperatingSystem.IsWindows() || !File.Exists(pidFile)) return;
        var lines = File.ReadAllLines(pidFile);
        if (lines.Length > 6 && int.TryParse(lines[6].Split(' ', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(), out var segment)) Signals.RemoveSharedMemory(segment);
    }

    private async Task CopyLogAsync(StreamReader from)
    {
        try
        {
            while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                lock (_home)
                {
                    System.IO.Directory.CreateDirectory(Path.GetDirectoryName(_home.LogPath(Name))!);
                    File.AppendAllText(_home.LogPath(Name), line + Environment.NewLine);
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // The log's directory is gone, or the process: there is nothing more to keep.
        }
    }

    private async Task<string> LogTailAsync()
    {
        await _log.WaitAsync(TimeSpan.FromSeconds(1), _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var path = _home.LogPath(Name);
        return File.Exists(path) ? string.Join(" | ", File.ReadLines(path).TakeLast(5)) : "(no log)";
    }
}
