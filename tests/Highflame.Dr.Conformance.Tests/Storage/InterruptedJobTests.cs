using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Specialized;
using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Rehearsal;
using Highflame.Dr.Rehearsal;
using Xunit.Abstractions;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>
/// A job of Azure Automation that is killed in the middle of a forced failover and started again, on two real regions. Pair file, lease, journal, evidence and lost writes are in a container;
/// neither job keeps anything.
/// </summary>
[Collection("azurite")]
public sealed class InterruptedJobTests(AzuriteProcess azurite, ITestOutputHelper output)
{
    private const string Pair = "highflame-prod";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [SkippableFact]
    public async Task Job_KilledWhileThePromotionGoesOn_TheNextOneWaitsForTheLeaseAndEndsTheSameRun()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await using var sandbox = await SandboxProcess.StartAsync(timeScale: 40);
        var container = azurite.NewContainer();
        var storage = new BlobRunStorage(new Uri($"{container}/dr"), Pair, u => azurite.Open(u));
        var (file, script) = await PrepareAsync(sandbox, container);
        await LoseEastusWithWritesUnderWayAsync(sandbox);

        await using var first = AutomationJob.Start(file, script);
        await UntilAsync("the promotion is accepted", () => Types(storage).Contains("operation"), first);
        await first.KillAsync();
        await using var second = AutomationJob.Start(file, script);

        // The dead job's lease stands, so the next one waits for it.
        await UntilAsync("the second job waits", () => second.Said.Contains("is held by process", StringComparison.Ordinal), second);
        Assert.Throws<DrException>(() => storage.Take(TimeProvider.System, MachineProcesses.Instance));
        var run = Assert.Single(storage.ListRuns());
        Assert.DoesNotContain("run-resumed", Types(storage));

        // What sixty seconds without a renewal do.
        var lapsed = TimeProvider.System.GetUtcNow();
        await azurite.Open(container).GetBlobClient($"dr/{Pair}/lease.json").GetBlobLeaseClient().BreakAsync(TimeSpan.Zero);
        await UntilAsync("traffic is moved", () => Lines(storage).Any(l => (string?)l.Body["name"] == "MoveTraffic" && (string?)l.Body["outcome"] is "Succeeded" or "NoChange"), second);
        await FaultAsync(sandbox, new SandboxFault { Fault = "Link", LatencyMilliseconds = 0 });
        await FaultAsync(sandbox, new SandboxFault { Fault = "RegionRestored", Region = "eastus" });
        var code = await second.EndAsync(s_limit);
        foreach (var line in Lines(storage)) output.WriteLine($"{line.At:HH:mm:ss.fff} {line.Type} {line.Body["name"]} {line.Body["outcome"]}");
        output.WriteLine(second.Said);
        Assert.True(code == 0, second.Said);

        // The same run, taken over after the lease had lapsed and not before; promoted once; two writers never.
        Assert.Equal(run, Assert.Single(storage.ListRuns()));
        Assert.True(Assert.Single(Lines(storage), l => l.Type == "run-resumed").At >= lapsed);
        Assert.Single(Lines(storage), l => l.Type == "operation" && (string?)l.Body["name"] == OperationNames.Promote && (string?)l.Body["outcome"] == "Pending");
        Assert.Equal(1, Promotions(sandbox));
        var load = await SandboxControl.CallAsync(sandbox.File, c => c.StopLoadAsync(CancellationToken.None));
        Assert.Equal(0, load.AcceptedByOldPrimary);
        Assert.True(load.Lost > 0, "Nothing was under way when the region was lost.");

        // What an auditor and the salvage need outlives both jobs, and the cmdlets take its addresses.
        var blobs = new BlobFiles(u => azurite.Open(u));
        var beside = $"{storage.Location}/runs/{run}";
        Assert.Equal([$"> {Pair} 0 Succeeded", $"> evidence {beside}/evidence.json True", $"> journal {beside}/journal.jsonl True"], second.Said.Split('\n').Where(l => l.StartsWith('>')));
        Assert.True((await EvidenceVerification.CheckAsync(blobs, new Uri($"{beside}/evidence.json"), CancellationToken.None)).Intact);
        using var evidence = JsonDocument.Parse(await blobs.ReadAsync(new Uri($"{beside}/evidence.json"), CancellationToken.None));
        var told = evidence.RootElement.GetProperty("reportedLost").GetInt64();
        Assert.True(told >= load.Lost, $"{told} are told of {load.Lost} that were lost.");
        var rows = System.Text.Encoding.UTF8.GetString(await blobs.ReadAsync(new Uri($"{beside}/lost-writes.jsonl"), CancellationToken.None)).Split('\n').Count(l => l.Contains("\"table\":", StringComparison.Ordinal));
        Assert.True(rows >= told, $"{rows} rows of {told} lost writes.");
        Assert.Empty(Directory.GetFileSystemEntries(first.Folder).Concat(Directory.GetFileSystemEntries(second.Folder)));
    }

    /// <summary>The pair file as a blob, with its runs beside it; a sandbox.json that trusts the emulator too; and the job.</summary>
    private async Task<(string File, string Script)> PrepareAsync(SandboxProcess sandbox, Uri container)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(sandbox.File))!.AsObject();
        var folder = Path.GetDirectoryName(sandbox.File)!;
        var pair = JsonNode.Parse(await File.ReadAllTextAsync((string)document["regionPair"]!))!.AsObject();
        pair["runStore"] = $"{container}/dr";
        await azurite.Open(container).GetBlobClient("pairs/prod.json").UploadAsync(BinaryData.FromString(pair.ToJsonString()));

        var trusted = Path.Combine(folder, "ca-and-azurite.pem");
        await File.WriteAllTextAsync(trusted, await File.ReadAllTextAsync(sandbox.CaCertificate) + azurite.Certificate + "\n");
        document["caCertificate"] = trusted;
        var file = Path.Combine(folder, "sandbox-of-the-job.json");
        await File.WriteAllTextAsync(file, document.ToJsonString());
        return (file, $$"""
            $runbook = [System.IO.Path]::Combine((Get-Module Highflame.Dr).ModuleBase, 'Runbooks', 'Start-HfFailover.ps1')
            $result = & $runbook -PairPath '{{container}}/pairs/prod.json' -To westus -Mode Forced -AllowDataLoss $true -OldPrimaryWaitSeconds 60 -Sandbox '{{file}}'
            "> $($result.Pair) $($result.ExitCode) $($result.Outcome)"
            "> evidence $($result.Evidence) $(Test-HfEvidence $result.Evidence -Quiet)"
            Get-HfRun -Pair {{Pair}} | ForEach-Object { "> journal $($_.JournalPath) $($_ | Test-HfEvidence -Quiet)" }
            """);
    }

    private static async Task LoseEastusWithWritesUnderWayAsync(SandboxProcess sandbox)
    {
        async Task WaitForWritesAsync(long more)
        {
            async Task<long> CountAsync() => (await SandboxControl.CallAsync(sandbox.File, c => c.GetLoadAsync(CancellationToken.None))).Acknowledged;
            var before = await CountAsync();
            await UntilAsync($"{more} more writes are acknowledged", async () => await CountAsync() >= before + more);
        }

        await SandboxControl.CallAsync(sandbox.File, c => c.StartLoadAsync(new LoadOptions(), CancellationToken.None));
        await WaitForWritesAsync(200);
        // What is acknowledged from now on reaches the replica seconds later, or never.
        await FaultAsync(sandbox, new SandboxFault { Fault = "Link", LatencyMilliseconds = 3000 });
        await WaitForWritesAsync(50);
        await FaultAsync(sandbox, new SandboxFault { Fault = "RegionLost", Region = "eastus" });
    }

    private static Task FaultAsync(SandboxProcess sandbox, SandboxFault fault) => SandboxControl.CallAsync(sandbox.File, c => c.InvokeFaultAsync(fault, CancellationToken.None));

    private static IReadOnlyList<JournalLine> Lines(BlobRunStorage storage) => storage.ListRuns() is [var run, ..] ? storage.ReadJournal(run).Lines : [];

    private static IEnumerable<string> Types(BlobRunStorage storage) => Lines(storage).Select(l => l.Type);

    private static int Promotions(SandboxProcess sandbox)
    {
        var document = JsonNode.Parse(File.ReadAllText(sandbox.File))!;
        using var log = new StreamReader(new FileStream((string)document["requestLog"]!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd().Split('\n').Count(l => l.Contains("\"PATCH\"", StringComparison.Ordinal) && l.Contains("/flexibleServers/highflame-prod-dr-postgres\"", StringComparison.OrdinalIgnoreCase));
    }

    private static Task UntilAsync(string what, Func<bool> reached, AutomationJob job) => UntilAsync(what, () =>
    {
        if (reached()) return Task.FromResult(true);
        job.AssertRuns();
        return Task.FromResult(false);
    }, () => $" The job said: {job.Said}");

    private static async Task UntilAsync(string what, Func<Task<bool>> reached, Func<string>? found = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await reached())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < s_limit, $"Not within {s_limit.TotalSeconds:0} s: {what}.{found?.Invoke()}");
            await Task.Delay(50);
        }
    }
}
