using System.Text.Json;
using System.Text.Json.Serialization;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using JsonException = System.Text.Json.JsonException;

namespace Highflame.Dr.Engine.Topology;

/// <summary>Reads region-pair files. A malformed one is told with everything that is wrong with it, each with line, column and what was expected.</summary>
internal static class RegionPairFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Errors: HfPairFileNotFound, HfPairFileMalformed.</summary>
    public static RegionPair Read(string path)
    {
        var full = Path.GetFullPath(path);
        string text;
        try
        {
            text = File.ReadAllText(full);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DrException("HfPairFileNotFound", DrErrorKind.NotFound, $"The region-pair file cannot be read: {failure.Message}", full, "Check the path. about_Highflame_Dr shows what such a file looks like.", failure);
        }
        return Parse(text, full);
    }

    internal static RegionPair Parse(string text, string path)
    {
        RequireJson(text, path);
        var problems = PairFileSchema.Check(text).ToList();
        if (problems.Count == 0) problems.AddRange(PairFileRules.Check(Load(text)));
        if (problems.Count > 0) throw Malformed(path, [.. problems.OrderBy(p => p.Line).ThenBy(p => p.Column)]);

        var file = System.Text.Json.JsonSerializer.Deserialize<FileContent>(text, Format)!;
        return new()
        {
            Name = file.Name,
            Path = path,
            SubscriptionId = file.SubscriptionId,
            Regions = file.Regions,
            Traffic = file.Traffic,
            Health = file.Health ?? new(),
            Objectives = file.Objectives ?? new(),
            Failback = file.Failback ?? new(),
            Capacity = file.Capacity,
            Watch = file.Watch ?? new(),
            Notifications = file.Notifications ?? new(),
            Environment = file.Environment,
            Differences = [.. (file.Differences ?? []).Select(d => d.Declared())],
            Tags = file.Tags ?? [],
            RunStore = file.RunStore is null || RunStores.IsBlob(file.RunStore) || RunStores.IsBlob(path) ? file.RunStore : Path.GetFullPath(file.RunStore, Path.GetDirectoryName(path) ?? "."),
        };
    }

    /// <summary>Strict JSON: no comments, no trailing commas, no member twice.</summary>
    private static void RequireJson(string text, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
        }
        catch (JsonException failure)
        {
            var line = (int)(failure.LineNumber ?? 0) + 1;
            var reason = failure.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0];
            throw Malformed(path, [new(line, (int)(failure.BytePositionInLine ?? 0) + 1, "(document)", $"this is not JSON. {reason} Expected: JSON without comments and trailing commas.")]);
        }
        try
        {
            Load(text);
        }
        catch (JsonReaderException failure)
        {
            throw Malformed(path, [new(Math.Max(1, failure.LineNumber), Math.Max(1, failure.LinePosition), "(document)", failure.Message.Split(" Path '", 2)[0])]);
        }
    }

    private static JObject Load(string text)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
        var token = JToken.Load(reader, new JsonLoadSettings { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
        return token as JObject ?? throw new JsonReaderException("The document is not an object. Expected: { \"name\": ... }.");
    }

    private static DrException Malformed(string path, PairFileProblem[] problems)
    {
        var message = problems.Length == 1
            ? $"{path}, {problems[0]}"
            : $"{path} has {problems.Length} errors:{string.Concat(problems.Select(p => $"{Environment.NewLine}  {p}"))}";
        return new("HfPairFileMalformed", DrErrorKind.MalformedData, message, path, "Correct the file. An editor that knows module/Schemas/region-pair.schema.json shows the same errors while typing.");
    }

    private sealed record FileContent(
        string Name, string SubscriptionId, PairRegion[] Regions, PairTraffic Traffic, PairHealth? Health, PairObjectives? Objectives, PairFailback? Failback, PairCapacity? Capacity, PairEnvironment? Environment, string? RunStore, FileDifference[]? Differences,
        Dictionary<string, string>? Tags, PairWatch? Watch, PairNotifications? Notifications);

    /// <summary>A declared difference as it stands in the file: its values may be numbers or true and false.</summary>
    private sealed record FileDifference(string Type, string? Name, string Property, string Reason, Dictionary<string, JsonElement>? Values)
    {
        public DeclaredDifference Declared() => new()
        {
            Type = Type,
            Name = Name,
            Property = Property,
            Reason = Reason,
            Values = (Values ?? []).ToDictionary(v => v.Key, v => v.Value.ValueKind == JsonValueKind.String ? v.Value.GetString()! : v.Value.GetRawText()),
        };
    }
}
