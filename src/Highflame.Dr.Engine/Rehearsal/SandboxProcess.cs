using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Rehearsal;

/// <summary>Starts and stops the sandbox program. It ends with the process that started it (<c>--parent</c>), whatever happens to that one.</summary>
internal sealed class SandboxProcess
{
    private const int PostgresNotFound = 3;
    private const int KeptLines = 40;
    private const string Activity = "Starting the sandbox";
    private readonly TimeProvider _time;

    public SandboxProcess(TimeProvider time) => _time = time;

    /// <summary>Errors: HfSandboxProgramNotFound, HfPostgresNotFound, HfSandboxFailed (with the end of what the program said).</summary>
    public async Task<Sandbox> StartAsync(SandboxOptions options, IDrObserver observer, CancellationToken cancellationToken)
    {
        var program = SandboxProgram.Find(options);
        var root = options.Root is { } own ? Path.GetFullPath(own) : TemporaryRoot.Create();
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new ConcurrentQueue<string>();
        observer.Progress(new(Activity, root));
        observer.Verbose($"Starting {program} in {root}.");

        var process = Launch(program, root, options);
        // Read to its end for as long as it runs: a full pipe would stop it.
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith("ready ", StringComparison.Ordinal) == true) ready.TrySetResult(line.Data[6..].Trim());
            else Keep(said, line.Data);
        };
        process.ErrorDataReceived += (_, line) => Keep(said, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            var exited = process.WaitForExitAsync(cancellationToken);
            var late = Task.Delay(TimeSpan.FromSeconds(options.TimeoutSeconds), _time, cancellationToken);
            var first = await Task.WhenAny(ready.Task, exited, late).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (first == exited && !ready.Task.IsCompleted) throw Failed(process.ExitCode, said, root, program);
            if (!ready.Task.IsCompleted)
                throw new DrException("HfSandboxFailed", DrErrorKind.TimedOut, $"The sandbox was not ready after {options.TimeoutSeconds:0} s. {End(said, root)}", root, "Look at its logs; give it more time with -TimeoutSeconds.");
            var file = SandboxFile.Read(await ready.Task.ConfigureAwait(false));
            observer.Progress(new(Activity, "Ready", 100, Completed: true));
            return Describe(file);
        }
        catch
        {
            await KillAsync(process).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks the sandbox to stop, waits until its process is gone, and kills it as a last resort. One that does not run any more is fine.</summary>
    public async Task StopAsync(string sandboxPath, IDrObserver observer, CancellationToken cancellationToken)
    {
        var file = SandboxFile.Read(sandboxPath);
        using var process = TryFind(file);
        try
        {
            using var control = new SandboxControl(file);
            await control.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DrException failure) when (failure.ErrorId is "HfSandboxNotRunning" or "HfSandboxFailed" or "HfCaCertificateInvalid")
        {
            observer.Verbose($"The sandbox does not take a stop: {failure.Message}");
        }
        if (process is not null) await AwaitEndAsync(process, observer, cancellationToken).ConfigureAwait(false);
        TemporaryRoot.Remove(Path.GetDirectoryName(file.Path)!, observer);
    }

    private async Task AwaitEndAsync(Process process, IDrObserver observer, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            observer.Warning($"The sandbox (process {process.Id}) did not stop in 30 s and is killed.");
            await KillAsync(process).ConfigureAwait(false);
        }
    }

    private static Process Launch(string program, string root, SandboxOptions options)
    {
        var host = SandboxProgram.FindHost();
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, CreateNoWindow = true };
        if (SandboxProgram.FindOwnSession() is { } session)
        {
            start.FileName = session;
            start.ArgumentList.Add(host);
        }
        else
        {
            start.FileName = host;
        }
        string[] arguments =
        [
            program, "--root", root, "--time-scale", options.TimeScale.ToString(CultureInfo.InvariantCulture), "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (!options.Role.Equals("Owner", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add("--role");
            start.ArgumentList.Add(options.Role.ToLowerInvariant());
        }
        if (options.Empty) start.ArgumentList.Add("--empty");
        if (options.Throttling) start.ArgumentList.Add("--throttling");
        if (options.Pairs > 1)
        {
            start.ArgumentList.Add("--pairs");
            start.ArgumentList.Add(options.Pairs.ToString(CultureInfo.InvariantCulture));
            start.ArgumentList.Add("--real-pairs");
            start.ArgumentList.Add(options.RealPairs.ToString(CultureInfo.InvariantCulture));
        }
        if (options.Seed is { } seed)
        {
            start.ArgumentList.Add("--seed");
            start.ArgumentList.Add(seed.ToString(CultureInfo.InvariantCulture));
        }
        try
        {
            var process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
            process.StandardInput.Close();
            return process;
        }
        catch (Exception failure) when (failure is Win32Exception or InvalidOperationException)
        {
            throw new DrException("HfSandboxFailed", DrErrorKind.OperationFailed, $"{host} could not be started: {failure.Message}", program, "Install the .NET 10 runtime, or set DOTNET_ROOT to where it is.", failure);
        }
    }

    private static DrException Failed(int exitCode, ConcurrentQueue<string> said, string root, string program) => exitCode == PostgresNotFound
        ? new("HfPostgresNotFound", DrErrorKind.NotFound, said.LastOrDefault(l => l.Length > 0) ?? "The sandbox found no PostgreSQL.", root, "Install PostgreSQL's server programs, or set HFDR_PG_BIN to the directory that holds initdb and postgres.")
        : new("HfSandboxFailed", DrErrorKind.OperationFailed, $"The sandbox ended with exit code {exitCode.ToString(CultureInfo.InvariantCulture)} before it was ready. {End(said, root)}", program, $"See the logs in {Path.Combine(root, "logs")}.");

    /// <summary>The end of what the program printed, else of its newest log.</summary>
    private static string End(ConcurrentQueue<string> said, string root)
    {
        var lines = said.TakeLast(8).ToArray();
        var logs = Path.Combine(root, "logs");
        if (lines.Length == 0 && Directory.Exists(logs))
        {
            try
            {
                var newest = new DirectoryInfo(logs).EnumerateFiles("*.log").OrderByDescending(f => f.LastWriteTimeUtc).FirstOrDefault();
                if (newest is not null) lines = [.. File.ReadLines(newest.FullName).TakeLast(8)];
            }
            catch (IOException)
            {
                // The log is still being written: the exit code has to do.
            }
        }
        return lines.Length == 0 ? "It said nothing." : $"It said: {string.Join(" | ", lines)}";
    }

    private static void Keep(ConcurrentQueue<string> said, string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        said.Enqueue(line.Trim());
        while (said.Count > KeptLines) said.TryDequeue(out _);
    }

    /// <summary>The sandbox's process, when the number still is the sandbox's and not another program's.</summary>
    private static Process? TryFind(SandboxFile file)
    {
        if (file.ProcessId <= 0) return null;
        try
        {
            var process = Process.GetProcessById(file.ProcessId);
            var commandLine = $"/proc/{file.ProcessId.ToString(CultureInfo.InvariantCulture)}/cmdline";
            var isSandbox = File.Exists(commandLine)
                ? File.ReadAllText(commandLine).Contains("Highflame.Dr.Sandbox", StringComparison.Ordinal)
                : process.ProcessName.Contains("dotnet", StringComparison.OrdinalIgnoreCase) || process.ProcessName.Contains("Highflame", StringComparison.OrdinalIgnoreCase);
            if (isSandbox) return process;
            process.Dispose();
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            // Gone already.
        }
        return null;
    }

    private static async Task KillAsync(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or AggregateException)
        {
            // Gone already.
        }
    }

    private static Sandbox Describe(SandboxFile file) => new()
    {
        Path = file.Path,
        Root = Path.GetDirectoryName(file.Path)!,
        ProcessId = file.ProcessId,
        ArmEndpoint = file.Arm!,
        PairPath = file.RegionPair ?? "",
        PairPaths = [file.RegionPair ?? "", .. file.FurtherPairs],
        TrafficManagerFqdn = file.TrafficManager?.Fqdn ?? "",
        SubscriptionId = file.SubscriptionId!,
        Locations = [.. file.Regions.Where(r => r.Location is not null).Select(r => r.Location!)],
    };
}
