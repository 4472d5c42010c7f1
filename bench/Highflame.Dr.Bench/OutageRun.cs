using System.Text.Json;

namespace Highflame.Dr.Bench;

/// <summary>One run: what the clients saw of a planned failover, and the floor on the same pair afterwards.</summary>
internal sealed record OutageRun
{
    public required int Number { get; init; }

    /// <summary>Load average of the machine when it began.</summary>
    public double? LoadAverage { get; init; }

    /// <summary>Longest time between two acknowledged writes of any client.</summary>
    public required double OutageSeconds { get; init; }

    public required Floor Floor { get; init; }

    public required long Acknowledged { get; init; }

    public required long Lost { get; init; }

    public required long AcceptedByOldPrimary { get; init; }

    /// <summary>Seconds from the last write before the outage to the end of each step on the way, and to the first write after it.</summary>
    public required IReadOnlyList<Mark> Marks { get; init; }

    /// <summary>Reads what PlannedRun.ps1 left behind.</summary>
    public static OutageRun Read(string directory, int number, double? loadAverage)
    {
        using var load = Parse(directory, "load.json");
        using var report = Parse(directory, "planned.json");
        var (clients, writes) = (load.RootElement, report.RootElement.GetProperty("writes"));
        var from = clients.GetProperty("OutageStarted").GetDateTimeOffset();
        var to = clients.GetProperty("OutageEnded").GetDateTimeOffset();
        return new OutageRun
        {
            Number = number,
            LoadAverage = loadAverage,
            OutageSeconds = writes.GetProperty("outageSeconds").GetDouble(),
            Acknowledged = writes.GetProperty("acknowledged").GetInt64(),
            // Not counted is not zero: GetInt64 throws.
            Lost = writes.GetProperty("lost").GetInt64(),
            AcceptedByOldPrimary = writes.GetProperty("acceptedByOldPrimary").GetInt64(),
            Floor = JsonSerializer.Deserialize<Floor>(File.ReadAllText(Path.Combine(directory, "floor.json")), BenchJson.Format)!,
            Marks =
            [
                .. report.RootElement.GetProperty("steps").EnumerateArray()
                    .Where(s => s.GetProperty("outcome").GetString() != "NoChange")
                    .Select(s => (Name: s.GetProperty("name").GetString()!, Started: At(s, "started"), Finished: At(s, "finished")))
                    .Where(s => s.Finished > from && s.Started < to)
                    .SelectMany(s => new[] { new Mark(s.Name + " begins", (s.Started!.Value - from).TotalSeconds), new Mark(s.Name + " ends", (s.Finished!.Value - from).TotalSeconds) })
                    .Append(new Mark("first write", (to - from).TotalSeconds))
                    .OrderBy(m => m.Seconds),
            ],
        };
    }

    private static DateTimeOffset? At(JsonElement step, string member) =>
        step.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetDateTimeOffset() : null;

    private static JsonDocument Parse(string directory, string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, file)));
}

/// <summary>A moment of a run, in seconds after the last write before the outage.</summary>
internal sealed record Mark(string What, double Seconds);
