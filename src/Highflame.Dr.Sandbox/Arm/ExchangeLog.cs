using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>
/// Writes every ARM exchange as one JSON line, for the check against Microsoft's API documents. On only where the environment variable HFDR_RECORD_DIR names a
/// directory. Secrets are never written: neither tokens, nor write-only members of bodies, nor the signatures of operation URLs.
/// </summary>
internal sealed class ExchangeLog : IDisposable
{
    public const string Variable = "HFDR_RECORD_DIR";
    private const string Hidden = "(hidden)";

    /// <summary>Members that hold a secret wherever they stand.</summary>
    private static readonly HashSet<string> s_secrets = new(StringComparer.OrdinalIgnoreCase)
    {
        "administratorLoginPassword", "adminPassword", "password", "clientSecret", "secret", "primaryKey", "secondaryKey", "accessKey", "connectionString",
        "primaryConnectionString", "secondaryConnectionString", "sasToken", "sharedKey",
    };

    private static readonly HashSet<string> s_signature = new(["t", "c", "s", "h"], StringComparer.Ordinal);
    private readonly StreamWriter _writer;
    private readonly Lock _gate = new();
    private bool _closed;

    private ExchangeLog(StreamWriter writer) => _writer = writer;

    /// <summary>Null when recording is off.</summary>
    public static ExchangeLog? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } directory) return null;
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"{Environment.ProcessId}-{Guid.NewGuid():N}.jsonl");
        return new ExchangeLog(new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read)) { AutoFlush = true });
    }

    public void Add(DateTimeOffset at, HttpContext context, string? requestBody, ArmAnswer answer)
    {
        var request = context.Request;
        var line = new JsonObject
        {
            ["at"] = Json.Stamp(at),
            ["method"] = request.Method.ToUpperInvariant(),
            ["path"] = ArmPath.Parse((request.Path.Value ?? "/").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)).Text,
            ["query"] = new JsonObject(request.Query.Select(q => KeyValuePair.Create(q.Key, (JsonNode?)(s_signature.Contains(q.Key) ? Hidden : q.Value.ToString())))),
            ["request"] = Parse(requestBody),
            ["status"] = answer.Status,
            ["headers"] = new JsonObject(context.Response.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)Header(h.Value.ToString())))),
            ["response"] = answer.Status == 204 ? null : answer.Body?.DeepClone(),
        };
        Hide(line["request"]);
        Hide(line["response"]);
        var text = line.ToJsonString(Json.Plain);
        lock (_gate)
        {
            if (!_closed) _writer.WriteLine(text);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _writer.Dispose();
        }
    }

    private static JsonNode? Parse(string? body)
    {
        try
        {
            return string.IsNullOrWhiteSpace(body) ? null : JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A URL without the values of its signature; any other header as it is.</summary>
    private static string Header(string value)
    {
        var query = value.StartsWith("https://", StringComparison.Ordinal) ? value.IndexOf('?', StringComparison.Ordinal) : -1;
        if (query < 0) return value;
        var parts = value[(query + 1)..].Split('&').Select(p => p.Split('=')[0] is var name && s_signature.Contains(name) ? $"{name}={Hidden}" : p);
        return $"{value[..query]}?{string.Join('&', parts)}";
    }

    private static void Hide(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject container:
                foreach (var name in container.Select(p => p.Key).ToList())
                {
                    if (s_secrets.Contains(name) && container[name] is JsonValue) container[name] = Hidden;
                    // A parameter of a template, under whatever name it is a secret.
                    else if ((name.Contains("password", StringComparison.OrdinalIgnoreCase) || name.Contains("secret", StringComparison.OrdinalIgnoreCase)) && container[name] is JsonObject given && given.ContainsKey("value")) given["value"] = Hidden;
                    else Hide(container[name]);
                }

                break;
            case JsonArray array:
                foreach (var item in array) Hide(item);
                break;
        }
    }
}
