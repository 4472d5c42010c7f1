using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Tests.Support;

namespace Highflame.Dr.Engine.Tests.Locks;

/// <summary>Azure's locks alone: by id, with their properties to the letter.</summary>
internal sealed class LockedScopes : IArm
{
    public Dictionary<string, string> Locks { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Method and path of each write.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Called before a write is carried out; may throw.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Called after a write is carried out and before it is answered; may throw.</summary>
    public Action<string>? After { get; set; }

    /// <summary>True: nothing is ever answered.</summary>
    public bool Hangs { get; set; }

    public void Put(string id, string properties) => Locks[id] = properties;

    public async Task<JsonElement?> TryGetAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        if (Hangs) await Task.Delay(Timeout.Infinite, cancellationToken);
        return Locks.TryGetValue(path, out var properties) ? Document(path, properties) : null;
    }

    public async Task<JsonElement> GetAsync(string path, string apiVersion, CancellationToken cancellationToken) => (await TryGetAsync(path, apiVersion, cancellationToken))!.Value;

    public Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        var scope = path[..path.LastIndexOf("/providers/Microsoft.Authorization", StringComparison.Ordinal)];
        return Task.FromResult<IReadOnlyList<JsonElement>>([.. Locks.Where(l => l.Key.StartsWith(scope + "/", StringComparison.OrdinalIgnoreCase)).Select(l => Document(l.Key, l.Value))]);
    }

    public async Task<ArmAccepted> WriteAsync(HttpMethod method, string path, string apiVersion, object? body, CancellationToken cancellationToken)
    {
        var line = $"{method} {path}";
        Writes.Add(line);
        if (Hangs) await Task.Delay(Timeout.Infinite, cancellationToken);
        Before?.Invoke(line);
        if (method == HttpMethod.Delete) Locks.Remove(path);
        else Locks[path] = JsonSerializer.SerializeToElement(body).GetProperty("properties").GetRawText();
        After?.Invoke(line);
        return new(200, null, null);
    }

    public Task<ArmPoll> PollAsync(string operationUrl, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static JsonElement Document(string id, string properties) => ScriptedArm.Json($$"""{"id":"{{id}}","name":"{{AzureId.NameOf(id)}}","properties":{{properties}}}""");
}
