using System.Text.Json;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>One ARM request as logged: no query, no body, no token.</summary>
/// <param name="Action">What the caller's roles must allow; null for what needs none.</param>
internal sealed record LoggedRequest(long N, DateTimeOffset At, string Method, string Path, int Status, string? Principal, double Milliseconds, string? Action);

/// <summary>All ARM requests in order, in memory and as JSON lines in a file.</summary>
internal sealed class RequestLog : IDisposable
{
    private static readonly JsonSerializerOptions s_options = new(Json.Plain) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private readonly List<LoggedRequest> _requests = [];
    private readonly Lock _gate = new();
    private readonly StreamWriter? _writer;
    private bool _closed;

    /// <param name="path">Null keeps the log in memory only.</param>
    public RequestLog(string? path)
    {
        if (path is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    /// <param name="status">HTTP status; 0 when the connection was dropped without an answer.</param>
    public void Add(DateTimeOffset at, string method, string path, int status, string? principal, TimeSpan took)
    {
        lock (_gate)
        {
            if (_closed) return;
            var entry = new LoggedRequest(_requests.Count + 1, at, method, path, status, principal, Math.Round(took.TotalMilliseconds, 2), Access.ArmActions.Of(method, ArmPath.Parse(path)));
            _requests.Add(entry);
            _writer?.WriteLine(JsonSerializer.Serialize(entry, s_options));
        }
    }

    /// <summary>The requests whose number is greater.</summary>
    public IReadOnlyList<LoggedRequest> After(long n)
    {
        lock (_gate) return n >= _requests.Count ? [] : [.. _requests.Skip((int)Math.Max(0, n))];
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _writer?.Dispose();
        }
    }
}
