using System.Diagnostics;
using System.Runtime.InteropServices;
using Highflame.Dr.Sandbox.Hosting;
using Highflame.Dr.Sandbox.Identity;
using Highflame.Dr.Sandbox.Seed;

namespace Highflame.Dr.Sandbox;

/// <summary>The sandbox itself: builds everything, says that it is ready, and ends it all on SIGTERM, Ctrl-C, POST /stop or the death of its parent.</summary>
internal static class SandboxProgram
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--describe"])
        {
            await Console.Out.WriteAsync(Describe.SandboxDocument.Write());
            return 0;
        }

        CommandLine line;
        try
        {
            line = CommandLine.Parse(args);
        }
        catch (ArgumentException error)
        {
            await Console.Error.WriteLineAsync($"{error.Message}{Environment.NewLine}{CommandLine.Usage}");
            return 2;
        }

        using var end = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            end.Cancel();
        }

        try
        {
            await RunAsync(line, end);
            return 0;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or UnauthorizedAccessException or NotSupportedException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"The sandbox could not start: {error.Message}");
            return 1;
        }
    }

    private static async Task RunAsync(CommandLine line, CancellationTokenSource end)
    {
        var time = TimeProvider.System;
        var watch = line.Parent is { } parent ? WatchAsync(parent, time, end) : null;
        foreach (var folder in (string[])["logs", "tls", "runs"]) Directory.CreateDirectory(Path.Combine(line.Root, folder));
        File.Delete(Path.Combine(line.Root, "sandbox.json"));
        if (line.Throttling) Settings.Change(line.Root, b => b with { Throttling = true });
        using var logs = LoggerFactory.Create(builder => builder.AddProvider(new FileLog(Path.Combine(line.Root, "logs", "sandbox.log"), time)));
        using var network = LoopbackNetwork.Reserve(line.Seed);
        var layout = LayoutPlan.Make(line.Root, network, line.TimeScale, line.Pairs, line.RealPairs) with { Role = line.Role, Empty = line.Empty };
        using var certificates = SandboxCertificates.Create(layout.Pairs.SelectMany(p => p.Regions).SelectMany(r => new[] { r.GatewayAddress, r.ApplicationAddress }), time);
        certificates.Write(layout);
        await using var parts = await RealParts.CreateAsync(layout, time, logs, end.Token);
        await using var sandbox = await Composition.StartAsync(layout, SandboxIdentity.Create(line.Seed), certificates, parts, time, logs, end.Token);
        if (layout.Empty)
        {
            UsersEnvironment.Leave(sandbox);
        }
        else
        {
            await UsersEnvironment.BuildAsync(sandbox, end.Token);
            await Readiness.WaitAsync(layout, certificates.Authority, time, end.Token);
        }

        SandboxFile.Write(sandbox);
        var keepsake = Keepsake.Begin(layout);
        await Console.Out.WriteLineAsync($"ready {layout.SandboxFile}");
        await Console.Out.FlushAsync(end.Token);
        await Task.WhenAny(sandbox.StopAsked.Task, Task.Delay(Timeout.Infinite, end.Token));
        logs.CreateLogger("Highflame.Dr.Sandbox").LogInformation("Stopping");
        File.Delete(layout.SandboxFile);
        keepsake?.End();
        await end.CancelAsync();
        if (watch is not null) await watch;
    }

    /// <summary>Ends the sandbox when its parent is gone. The start time tells a new process with the same id apart.</summary>
    private static async Task WatchAsync(int parent, TimeProvider time, CancellationTokenSource end)
    {
        try
        {
            using var process = Process.GetProcessById(parent);
            var started = process.StartTime;
            while (!process.HasExited && process.StartTime == started)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, end.Token);
                process.Refresh();
            }
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It is gone already.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await end.CancelAsync();
    }
}
