using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Region snapshots as JSON files: written whole or not at all, readable by people, without secret values and without digests of them.</summary>
internal static class SnapshotFile
{
    private const string Kind = "Highflame.Dr region snapshot";
    private const int Version = 1;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private sealed record Content(
        string Kind, int Version, string Pair, string Location, string SubscriptionId, string ResourceGroup, string NamePrefix, DateTimeOffset TakenAt, ContentResource[] Resources, SnapshotProblem[]? Unread);

    private sealed record ContentResource(string Type, string Name, string Id, string Key, SortedDictionary<string, string> Properties);

    /// <summary>Errors: HfSnapshotNotWritten.</summary>
    public static void Write(RegionSnapshot snapshot, string path)
    {
        var content = new Content(
            Kind, Version, snapshot.Pair, snapshot.Location, snapshot.SubscriptionId, snapshot.ResourceGroup, snapshot.NamePrefix, snapshot.TakenAt,
            [.. snapshot.Resources.Select(r => new ContentResource(r.Type, r.Name, r.Id, r.Key, new(r.Properties.ToDictionary(p => p.Name, p => p.Value), StringComparer.Ordinal)))],
            snapshot.Problems.Length == 0 ? null : snapshot.Problems);
        try
        {
            DurableFile.WriteText(path, JsonSerializer.Serialize(content, s_options) + "\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new DrException("HfSnapshotNotWritten", DrErrorKind.OperationFailed, $"The snapshot was not written: {failure.Message}", path, "Give a path in a folder that can be written to.", failure);
        }
    }

    /// <summary>Errors: HfSnapshotNotFound, HfSnapshotMalformed.</summary>
    public static RegionSnapshot Read(string path)
    {
        var full = Path.GetFullPath(path);
        string text;
        try
        {
            text = File.ReadAllText(full);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DrException("HfSnapshotNotFound", DrErrorKind.NotFound, $"'{path}' is neither a region of the pair nor a snapshot that can be read: {failure.Message}", full, "Give a location of the pair, or a file that Export-HfRegionSnapshot wrote.", failure);
        }

        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(text, s_options);
        }
        catch (JsonException failure)
        {
            throw Malformed(full, $"It is not a snapshot: {failure.Message}", failure);
        }

        if (content?.Kind != Kind || content.Resources is null || content.Location is null) throw Malformed(full, "It is JSON, but not a region snapshot.", null);
        if (content.Version != Version) throw Malformed(full, $"It is of version {content.Version}; this module reads version {Version}.", null);
        return new()
        {
            Pair = content.Pair,
            Location = content.Location,
            SubscriptionId = content.SubscriptionId,
            ResourceGroup = content.ResourceGroup,
            NamePrefix = content.NamePrefix,
            TakenAt = content.TakenAt,
            Resources = [.. content.Resources.Select(r => new SnapshotResource { Type = r.Type, Name = r.Name, Id = r.Id, Key = r.Key, Properties = [.. r.Properties.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new SnapshotProperty(p.Key, p.Value))] })],
            Problems = content.Unread ?? [],
        };
    }

    private static DrException Malformed(string path, string message, Exception? inner) =>
        new("HfSnapshotMalformed", DrErrorKind.MalformedData, message, path, "Give a file that Export-HfRegionSnapshot wrote.", inner);
}
