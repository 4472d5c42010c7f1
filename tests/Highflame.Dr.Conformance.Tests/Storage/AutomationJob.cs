using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>A script in a process that has what a worker of Azure Automation has: the managed identity's two variables, an empty folder, no home and no search path.</summary>
internal sealed class AutomationJob : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];
    private readonly Task _reading;
    private readonly DirectoryInfo _root;

    private AutomationJob(ProcessStartInfo start, DirectoryInfo root)
    {
        _root = root;
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    /// <summary>Everything that it said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return string.Join('\n', _said);
        }
    }

    /// <summary>Its current directory: what it left there is lost with the worker.</summary>
    public string Folder => Path.Combine(_root.FullName, "work");

    public static AutomationJob Start(string sandboxFile, string script)
    {
        var root = Directory.CreateTempSubdirectory("hfdr-job-");
        var file = Path.Combine(root.FullName, "job.ps1");
        File.WriteAllText(file, script);
        var configuration = typeof(AutomationJob).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var shell = Path.Combine(ConformanceFolder.RepositoryRoot, "src", "Highflame.Dr.Shell", "bin", configuration, "net10.0", "Highflame.Dr.Shell.dll");
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = root.CreateSubdirectory("work").FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", shell, "-File", file]) start.ArgumentList.Add(argument);
        var identity = JsonNode.Parse(File.ReadAllText(sandboxFile))!["managedIdentity"]!;
        start.Environment.Clear();
        start.Environment["TMPDIR"] = root.CreateSubdirectory("temporary").FullName;
        start.Environment["IDENTITY_ENDPOINT"] = (string)identity["endpoint"]!;
        start.Environment["IDENTITY_HEADER"] = (string)identity["header"]!;
        return new AutomationJob(start, root);
    }

    /// <summary>As a worker that is taken away: at once, with nothing given back.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task<int> EndAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The job has not ended after {limit.TotalSeconds:0} s. It said: {Said}");
        }

        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Throws with what it said when it has ended.</summary>
    public void AssertRuns() => Assert.False(_process.HasExited, Said);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        await _reading;
        _process.Dispose();
        _root.Delete(recursive: true);
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_said) _said.Add(line);
        }
    }
}
