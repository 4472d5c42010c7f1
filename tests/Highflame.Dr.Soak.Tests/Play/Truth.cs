using System.Text.Json;
using Highflame.Dr.Evidence;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Soak.World;

namespace Highflame.Dr.Soak.Play;

/// <summary>How a run really ended, asked from everything but the product: databases, DNS, request log, clients, files. And what the product says to it.</summary>
internal sealed record Verdict
{
    /// <summary>What is not as it must be; empty when all is.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public required LoadReport Load { get; init; }

    /// <summary>Lost writes as the run's journal tells; null when it does not.</summary>
    public long? Reported { get; init; }

    /// <summary>Servers that were promoted more often than once.</summary>
    public int DoublePromotions { get; init; }

    /// <summary>Writes that the old primary took beside the new one, and moments at which both would have.</summary>
    public long TwoWriters { get; init; }
}

/// <summary>Compares the end of a run with what must be.</summary>
internal sealed class Truth(SandboxWorld world, ModuleSession module, Scenario scenario)
{
    private static readonly JsonSerializerOptions s_web = new(JsonSerializerDefaults.Web);
    private readonly List<string> _failures = [];

    /// <param name="load">The clients' own report, after they were stopped.</param>
    /// <param name="census">What was seen of both servers while the run went on.</param>
    public async Task<Verdict> CompareAsync(LoadReport load, Census census)
    {
        var servers = await world.GetServersAsync();
        await DatabasesAsync(servers);
        Demand(await Names.ActiveAsync(world.Facts) == scenario.To, $"DNS does not lead to {scenario.To}");
        // The player set it to 1; a planned run lowers it for its time.
        var ttl = module.Invoke("(Get-HfTrafficProfile).Ttl").Single();
        Demand(Convert.ToInt64(ttl, System.Globalization.CultureInfo.InvariantCulture) == 1, $"the TTL is {ttl} s, and was 1 s");
        Demand(load.CountedIn == scenario.Replica, $"the clients' last write went to {load.CountedIn}");
        var journals = Journals();
        Lease();
        var doubled = await PromotionsAsync();
        var two = load.AcceptedByOldPrimary + census.BothTookWrites;
        Demand(two == 0, $"two writers: {load.AcceptedByOldPrimary} writes, {census.BothTookWrites} moments");
        var reported = Reported(journals);
        if (scenario.Forced) Demand(reported is not null && reported == load.Lost, $"lost {load.Lost?.ToString() ?? "unknown"} writes, reported {reported?.ToString() ?? "nothing"}");
        else Demand(load.Lost == 0, $"a planned run lost {load.Lost?.ToString() ?? "an unknown number of"} writes");
        return new Verdict { Failures = _failures, Load = load, Reported = reported, DoublePromotions = doubled, TwoWriters = two };
    }

    private void Demand(bool so, string otherwise)
    {
        if (!so) _failures.Add(otherwise);
    }

    private async Task DatabasesAsync(IReadOnlyList<ServerState> servers)
    {
        var promoted = servers.FirstOrDefault(s => s.Name == scenario.Replica);
        var truth = await AskAsync(promoted);
        Demand(truth is { TakesWrites: true }, $"{scenario.Replica} is not a primary that takes writes: {truth}");
        Demand(truth is { Timeline: 2 }, $"{scenario.Replica} is on timeline {truth?.Timeline}: it was not promoted exactly once");
        Demand(truth is { Streaming: >= 1 }, $"nothing streams from {scenario.Replica}");
        foreach (var other in servers.Where(s => s.Name != scenario.Replica))
        {
            var seen = await AskAsync(other);
            Demand(seen is not { TakesWrites: true }, $"{other.Name} takes writes as well");
            if (other.Name == scenario.Primary) Demand(other.Running != true, $"{other.Name} runs still");
        }

        Demand(servers.Count(s => s.Location == scenario.From && s.Running == true && s.InRecovery == true) == 1, $"there is not exactly one replica in {scenario.From}: {string.Join(", ", servers)}");
    }

    private async Task<DatabaseTruth?> AskAsync(ServerState? server)
    {
        if (server is not { Host: { } host, Port: { } port }) return null;
        // The one question that decides: a machine too busy to answer within a second is no server that is down.
        await using var database = new Database(world.Facts, host, port, seconds: 30);
        return await database.AskAsync();
    }

    private List<string> Journals()
    {
        // One that was killed before its first record leaves an empty file.
        var journals = Directory.GetFiles(world.Store, "journal.jsonl", SearchOption.AllDirectories).Where(j => new FileInfo(j).Length > 0).Order(StringComparer.Ordinal).ToList();
        Demand(journals.Count > 0, "there is no journal");
        foreach (var journal in journals)
        {
            var check = module.Invoke($"Test-HfEvidence -Path '{journal}'").OfType<EvidenceCheck>().Single();
            Demand(check.Intact, $"{journal} is not intact: {check}");
        }

        if (journals.Count > 0)
        {
            using var last = JsonDocument.Parse(File.ReadLines(journals[^1]).Last());
            Demand(last.RootElement.GetProperty("type").GetString() == "run-ended" && last.RootElement.GetProperty("outcome").GetString() == "Succeeded", $"the last run did not end well: {last.RootElement}");
        }

        return journals;
    }

    private void Lease()
    {
        foreach (var path in Directory.GetFiles(world.Store, "lease.json", SearchOption.AllDirectories))
        {
            using var lease = JsonDocument.Parse(File.ReadAllText(path));
            // A dead process's lease is taken over by the next.
            Demand(lease.RootElement.GetProperty("released").GetBoolean() || !Processes.IsThere(lease.RootElement.GetProperty("processId").GetInt32()), "the lease is not free");
        }

        foreach (var path in Directory.GetFiles(world.Store, "fence-debt.json", SearchOption.AllDirectories))
            Demand(JsonSerializer.Deserialize<JsonElement[]>(File.ReadAllText(path), s_web)!.Length == 0, "a fence is owed still");
    }

    // A request whose answer was dropped is logged with status 0: it was carried out. One whose operation failed may be asked for once more.
    private async Task<int> PromotionsAsync()
    {
        using var log = new StreamReader(new FileStream(Path.Combine(world.Root, "logs", "sandbox.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var failed = (await log.ReadToEndAsync()).Split('\n').Count(l => l.Contains("PromoteReadReplicaManagementOperation failed", StringComparison.Ordinal));
        var accepted = (await world.GetRequestsAsync())
            .Where(r => r.Method == "PATCH" && r.Status is 0 or (>= 200 and < 300) && r.Path.Split('/') is [.., "flexibleServers", _])
            .GroupBy(r => r.Path, StringComparer.OrdinalIgnoreCase)
            .ToList();
        Demand(accepted.Count == 1, $"{accepted.Count} servers were promoted");
        var doubled = accepted.Count(a => a.Count() > 1 + failed);
        Demand(doubled == 0, $"promoted more than once: {string.Join(", ", accepted.Select(a => $"{a.Count()} x {a.Key}"))}, {failed} failed");
        return doubled;
    }

    private static long? Reported(List<string> journals)
    {
        long? reported = null;
        foreach (var line in journals.SelectMany(File.ReadLines))
        {
            JsonElement root;
            try
            {
                root = JsonDocument.Parse(line).RootElement;
            }
            catch (JsonException)
            {
                // What a killed process left of its last line.
                continue;
            }

            if (root.GetProperty("type").GetString() == "fact" && root.GetProperty("name").GetString() == "loss") reported = root.GetProperty("fact").GetProperty("withRows").GetInt64();
        }

        return reported;
    }
}
