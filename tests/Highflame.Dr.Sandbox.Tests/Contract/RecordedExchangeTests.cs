using System.Globalization;
using Xunit.Abstractions;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>
/// The last tests of a run: everything that any sandbox of the suite answered, in process or as a child, against Microsoft's documents. <c>build.ps1 Test</c> runs
/// them after all others, over the directory that HFDR_RECORD_DIR named.
/// </summary>
[Trait("Stage", "Last")]
public sealed class RecordedExchangeTests(ITestOutputHelper output)
{
    private static readonly Lazy<Report> s_report = new(Report.Read);

    [RecordFact]
    public void Answers_OfTheWholeSuite_KeepMicrosoftsDocuments()
    {
        var report = s_report.Value;
        output.WriteLine(report.Summary);
        Assert.True(report.Violations.Count == 0, $"{report.Summary}\n{string.Join('\n', report.Violations.OrderByDescending(v => v.Value.Count).Take(60).Select(v => $"{v.Value.Count} x {v.Key}  (for example {v.Value.Example})"))}");
    }

    [RecordFact]
    public void Answers_OfTheWholeSuite_AreAtLeast60OperationsWithTheirStatus()
    {
        var report = s_report.Value;
        foreach (var (pair, count) in report.Pairs.OrderBy(p => p.Key, StringComparer.Ordinal)) output.WriteLine($"{count,7}  {pair}");
        Assert.True(report.Pairs.Count >= 60, $"{report.Summary}\n{string.Join('\n', report.Pairs.Keys.Order())}");
    }

    private sealed class Report
    {
        public SortedDictionary<string, int> Pairs { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, (int Count, string Example)> Violations { get; } = [];

        public int Exchanges { get; private set; }

        public string Summary => string.Create(CultureInfo.InvariantCulture, $"{Exchanges} exchanges, {Pairs.Count} operation and status pairs, {Violations.Count} violations");

        public static Report Read()
        {
            var (report, check, seen) = (new Report(), new ExchangeCheck(ApiLibrary.All), new Dictionary<string, Verdict>(StringComparer.Ordinal));
            var directory = RecordFactAttribute.Directory!;
            foreach (var file in Directory.EnumerateFiles(directory, "*.jsonl").Order(StringComparer.Ordinal))
            {
                foreach (var line in File.ReadLines(file))
                {
                    // A sandbox that was killed leaves a half-written last line.
                    if (!line.EndsWith('}')) continue;
                    report.Add(Exchange.Parse(line), check, seen);
                }
            }

            File.WriteAllText(Path.Combine(directory, "summary.txt"), report.Summary + "\n");
            File.WriteAllLines(Path.Combine(directory, "pairs.txt"), report.Pairs.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Value,7}  {p.Key}")));
            return report;
        }

        private void Add(Exchange exchange, ExchangeCheck check, Dictionary<string, Verdict> seen)
        {
            Exchanges++;
            var key = $"{exchange.Method} {exchange.Path} {exchange.Version} {exchange.Status} {string.Join(',', exchange.Headers.Keys)} {(exchange.Response.ValueKind == default ? "" : exchange.Response.GetRawText())}";
            if (!seen.TryGetValue(key, out var verdict)) seen[key] = verdict = check.Check(exchange);
            if (verdict.Documented) Pairs[verdict.Pair] = Pairs.GetValueOrDefault(verdict.Pair) + 1;
            foreach (var violation in verdict.Violations)
            {
                var text = $"{verdict.Pair}: {violation}";
                var (count, example) = Violations.GetValueOrDefault(text, (0, $"{exchange.Method} {exchange.Path}?api-version={exchange.Version}"));
                Violations[text] = (count + 1, example);
            }
        }
    }
}

/// <summary>A test over the record of the run; skipped where the documents or the record are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordFactAttribute : FactAttribute
{
    public RecordFactAttribute()
    {
        if (Specs.Root is null) Skip = "Microsoft's API documents are not here (HFDR_SPECS, or ../shared/reference/specs).";
        else if (Directory is null) Skip = "Nothing was recorded: build.ps1 Test names a directory in HFDR_RECORD_DIR.";
    }

    public static string? Directory => Environment.GetEnvironmentVariable("HFDR_RECORD_DIR") is { Length: > 0 } named && System.IO.Directory.Exists(named) ? named : null;
}
