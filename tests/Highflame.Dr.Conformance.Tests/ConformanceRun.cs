using System.Text.Json;

namespace Highflame.Dr.Conformance.Tests;

/// <summary>One check of the program.</summary>
internal sealed record CheckResult(string Name, bool Passed, long Milliseconds, string? Error);

/// <summary>One run of the whole program against a sandbox of its own; every test looks its check up here.</summary>
public sealed class ConformanceRun : IAsyncLifetime
{
    /// <summary>Why nothing could run; null when the program ran.</summary>
    public string? Missing { get; private set; }

    internal IReadOnlyDictionary<string, CheckResult> Checks { get; private set; } = new Dictionary<string, CheckResult>();

    /// <summary>All that the program said: its list, and the line with the totals.</summary>
    public string Output { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Missing = await NodePrograms.MissingAsync();
        if (Missing is not null) return;
        (var folder, Missing) = await ConformanceFolder.PrepareAsync();
        if (folder is null) return;
        await using var sandbox = await SandboxProcess.StartAsync();
        var results = Path.Combine(folder, "results.json");
        File.Delete(results);
        var ended = await NodePrograms.RunAsync(
            NodePrograms.Node!, ["run.mjs", sandbox.File, "--results", results], folder, TimeSpan.FromMinutes(10), ("NODE_EXTRA_CA_CERTS", sandbox.CaCertificate));
        Output = ended.Output;
        if (!File.Exists(results)) throw new InvalidOperationException($"The conformance program ended with {ended.Code}: {ended.Output}{ended.Errors}");
        Checks = JsonSerializer.Deserialize<CheckResult[]>(await File.ReadAllTextAsync(results), JsonSerializerOptions.Web)!.ToDictionary(check => check.Name);
        // build.ps1 shows it: a test runner does not say what its passing tests said.
        var shown = Directory.CreateDirectory(Path.Combine(ConformanceFolder.RepositoryRoot, "artifacts", "test-results"));
        await File.WriteAllTextAsync(Path.Combine(shown.FullName, "conformance.txt"), Output);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
