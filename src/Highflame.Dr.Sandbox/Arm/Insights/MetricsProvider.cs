using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;
using Highflame.Dr.Sandbox.Arm.FlexibleServers;

namespace Highflame.Dr.Sandbox.Arm.Insights;

/// <summary>Microsoft.Insights/metrics of flexible servers: replication lag and liveness, in one-minute buckets of real samples.</summary>
internal sealed class MetricsProvider(ServerTable servers, MetricSamples samples, TimeProvider time) : IResourceProvider
{
    private static readonly Dictionary<string, (string Text, string Unit)> s_metrics = new(StringComparer.OrdinalIgnoreCase)
    {
        ["physical_replication_delay_in_seconds"] = ("Read Replica Lag", "Seconds"),
        ["physical_replication_delay_in_bytes"] = ("Max Physical Replication Lag", "Bytes"),
        ["storage_percent"] = ("Storage percent", "Percent"),
        ["is_db_alive"] = ("Database Is Alive", "Count"),
    };

    private static readonly Dictionary<string, Func<IReadOnlyList<double>, double>> s_aggregations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["average"] = values => values.Average(),
        ["maximum"] = values => values.Max(),
        ["minimum"] = values => values.Min(),
        ["total"] = values => values.Sum(),
        ["count"] = values => values.Count,
    };

    public string Namespace => ProviderCatalog.Insights;

    public bool Answers(ArmPath path) => path.Is(ProviderCatalog.Insights, "metrics");

    public async Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        if (call.Method != "GET") throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var scope = ArmPath.Parse(call.Path.Scope);
        if (scope.Namespace is null) throw new ArmError(400, "BadRequest", "The sandbox has metrics of resources only.");
        if (!scope.Is(ProviderCatalog.Postgres, "flexibleServers"))
            throw Bad($"The resource type '{scope.FullType}' has no metrics in this sandbox.");
        var server = servers.Get(scope);
        var names = (call.Q("metricnames") ?? "is_db_alive").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var unknown = Array.Find(names, n => !s_metrics.ContainsKey(n));
        if (unknown is not null)
            throw Bad($"Failed to find metric configuration for provider: {ProviderCatalog.Postgres}, resource Type: flexibleServers, metric: {unknown}, Valid metrics: {string.Join(",", s_metrics.Keys)}");
        var aggregations = (call.Q("aggregation") ?? "Average").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (Array.Find(aggregations, a => !s_aggregations.ContainsKey(a)) is { } wrong)
            throw Bad($"The aggregation '{wrong}' is not valid. Valid: {string.Join(",", s_aggregations.Keys)}");
        await samples.TakeAsync(server, call.Aborted);
        var now = time.GetUtcNow();
        var (from, to) = Timespan(call.Q("timespan"), now);
        var interval = Interval(call.Q("interval"));
        var taken = samples.Between(server, from, to > now ? now : to);
        return ArmAnswer.Ok(new JsonObject
        {
            ["cost"] = 0,
            ["timespan"] = $"{Stamp(from)}/{Stamp(to)}",
            ["interval"] = XmlConvert.ToString(interval),
            ["namespace"] = ServerTable.Type,
            ["resourceregion"] = server.Location,
            ["value"] = new JsonArray([.. names.Select(n => (JsonNode)Metric(server, n, taken, interval, aggregations))]),
        });
    }

    private static JsonObject Metric(Server server, string name, IReadOnlyList<MetricSample> taken, TimeSpan interval, string[] aggregations)
    {
        var canonical = s_metrics.Keys.First(k => ArmPath.Same(k, name));
        var (text, unit) = s_metrics[canonical];
        var data = new JsonArray();
        foreach (var bucket in taken.GroupBy(s => s.At.UtcTicks / interval.Ticks).OrderBy(b => b.Key))
        {
            var entry = new JsonObject { ["timeStamp"] = Stamp(new DateTimeOffset(bucket.Key * interval.Ticks, TimeSpan.Zero)) };
            double[] values = [.. bucket.Select(s => s.Value(canonical)).Where(v => v is not null).Select(v => v!.Value)];
            // A bucket without a measurement has a time and no value, as in Azure.
            foreach (var aggregation in values.Length > 0 ? aggregations : []) entry[aggregation.ToLowerInvariant()] = s_aggregations[aggregation](values);
            data.Add(entry);
        }

        return new JsonObject
        {
            ["id"] = $"{server.Id}/providers/Microsoft.Insights/metrics/{canonical}",
            ["type"] = "Microsoft.Insights/metrics",
            ["name"] = new JsonObject { ["value"] = canonical, ["localizedValue"] = text },
            ["unit"] = unit,
            ["timeseries"] = data.Count == 0 ? new JsonArray() : new JsonArray(new JsonObject { ["metadatavalues"] = new JsonArray(), ["data"] = data }),
            ["errorCode"] = "Success",
        };
    }

    private static (DateTimeOffset From, DateTimeOffset To) Timespan(string? text, DateTimeOffset now)
    {
        if (text is null) return (now.AddHours(-1), now);
        var parts = text.Split('/');
        try
        {
            if (parts is [var duration]) return (now - XmlConvert.ToTimeSpan(duration), now);
            if (parts is [var from, var to] && At(from) is { } start && At(to) is { } end && start < end) return (start, end);
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw Bad($"The timespan '{text}' is not valid. Expected: start/end in ISO 8601, or a duration.");
    }

    private static DateTimeOffset? At(string text) =>
        DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    private static TimeSpan Interval(string? text)
    {
        try
        {
            if (text is null) return TimeSpan.FromMinutes(1);
            var interval = XmlConvert.ToTimeSpan(text);
            if (interval >= TimeSpan.FromMinutes(1)) return interval;
        }
        catch (FormatException)
        {
            // Told below.
        }

        throw Bad($"The interval '{text}' is not valid. Supported intervals begin at PT1M.");
    }

    private static ArmError Bad(string message) => new(400, "BadRequest", message) { IsFlat = true };

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
