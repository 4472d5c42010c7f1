using System.Globalization;
using Highflame.Dr.Bench;

const string Usage = """
    Highflame.Dr.Bench write-outage [--runs N] [--idle PERCENT] [--output FILE]
        Repeats the planned drill N times (20) on fresh regions with Azure's durations taken away. Prints p50, p95 and max of the clients' write outage
        beside the floor: a bare SQL fence, catch-up and pg_promote on the same pair, in the same run. Writes artifacts/bench/write-outage.json.
        --idle waits before each run, at most 3 minutes, until that share of the cores has been idle for 3 s: for a machine that others use too.

    Highflame.Dr.Bench floor --sandbox FILE --primary NAME --replica NAME --output FILE
        The floor alone, on a sandbox that runs. Ends that pair: nothing leads clients to the promoted server.

    Highflame.Dr.Bench fleet [--pairs N] [--failovers N] [--throttle-limit N] [--failover-throttle-limit N] [--output FILE]
        Readiness-checks N pairs (100) together, then fails some of them over together (20), in a sandbox that enforces Azure's request limits. Prints the time of each beside the shortest that
        the token buckets allow, and fails when a pair does not end right.

    Highflame.Dr.Bench parity
        Compares snapshots of 2 x 5,000 to 2 x 50,000 resources: time, memory, and both beside a linear search and jq.
    """;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, interrupt) =>
{
    // The first Ctrl-C ends the run in hand in good order, the second everything.
    interrupt.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

try
{
    switch (args)
    {
        case ["write-outage", .. var rest]:
            var runs = int.Parse(Option(rest, "--runs") ?? "20", CultureInfo.InvariantCulture);
            ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1, "--runs");
            double? idle = Option(rest, "--idle") is { } share ? double.Parse(share, CultureInfo.InvariantCulture) : null;
            return await new WriteOutage(Option(rest, "--output"), idle, TimeProvider.System).RunAsync(runs, stop.Token);
        case ["floor", .. var rest]:
            await Floor.MeasureAsync(Required(rest, "--sandbox"), Required(rest, "--primary"), Required(rest, "--replica"), Required(rest, "--output"), TimeProvider.System, stop.Token);
            return 0;
        case ["fleet", .. var rest]:
            int Count(string name, int otherwise) => Option(rest, name) is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : otherwise;
            return await Fleet.RunAsync(new FleetOptions(Count("--pairs", 100), Count("--failovers", 20), Count("--throttle-limit", 10), Count("--failover-throttle-limit", 10), Option(rest, "--output")), stop.Token);
        case ["parity"]:
            return ParityBench.Run(Console.Out);
        default:
            Console.Error.WriteLine(Usage);
            return 64;
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception wrong) when (wrong is FormatException or ArgumentException)
{
    Console.Error.WriteLine(wrong.Message);
    Console.Error.WriteLine(Usage);
    return 64;
}

static string? Option(string[] rest, string name) => Array.IndexOf(rest, name) is >= 0 and var at && at + 1 < rest.Length ? rest[at + 1] : null;

static string Required(string[] rest, string name) => Option(rest, name) ?? throw new ArgumentException($"{name} is missing.");
