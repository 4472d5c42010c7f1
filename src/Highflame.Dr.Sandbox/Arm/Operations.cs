using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Faults;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>What a long-running operation does.</summary>
internal sealed record OperationPlan
{
    /// <summary>Azure's internal name, shown in the 202 body, for example ReadReplicaSiteSwapManagementOperation.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace in the operation URLs.</summary>
    public required string Namespace { get; init; }

    /// <summary>Normalised location of the resource.</summary>
    public required string Location { get; init; }

    /// <summary>Modelled duration, already scaled. The operation lasts at least as long.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The real work. Runs once, after the modelled duration unless <see cref="WorkFirst"/>.</summary>
    public required Func<CancellationToken, Task> Work { get; init; }

    /// <summary>True when the effect shows at once and the duration is what Azure takes to report it (stop), or when the work is itself the long part (a base backup).</summary>
    public bool WorkFirst { get; init; }

    /// <summary>Runs when the operation has ended in any way, before its end is shown.</summary>
    public Action<ArmError?> Ended { get; init; } = _ => { };

    /// <summary>Body of the Location poll after success; null answers 204.</summary>
    public Func<JsonNode?> Result { get; init; } = () => null;
}

/// <summary>One operation; its state only moves from InProgress to an end.</summary>
internal sealed class Operation(OperationPlan plan, DateTimeOffset started, bool signed)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id { get; } = Guid.NewGuid().ToString();

    public OperationPlan Plan { get; } = plan;

    public DateTimeOffset Started { get; } = started;

    /// <summary>True when its URLs carry a signature that must come back.</summary>
    public bool Signed { get; } = signed;

    /// <summary>Ends with the operation, however that ended.</summary>
    public Task Done => _done.Task;

    public DateTimeOffset? Ended { get; private set; }

    public ArmError? Error { get; private set; }

    /// <summary>InProgress, Succeeded or Failed.</summary>
    public string Status { get; private set; } = "InProgress";

    public void End(ArmError? error, DateTimeOffset at)
    {
        (Error, Ended) = (error, at);
        Status = error is null ? "Succeeded" : "Failed";
        _done.TrySetResult();
    }

    public JsonObject ToDocument()
    {
        var document = new JsonObject { ["name"] = Id, ["status"] = Status, ["startTime"] = Json.Stamp(Started) };
        if (Ended is { } ended) document["endTime"] = Json.Stamp(ended);
        if (Error is not null) document["error"] = Error.ToJson();
        else if (Status == "Succeeded") document["properties"] = new JsonObject();
        return document;
    }
}

/// <summary>
/// Azure's long-running operations: 202 with Azure-AsyncOperation and Location, signed operation URLs of about 4 KB with the location's display name in the path,
/// and the two kinds of poll.
/// </summary>
internal sealed class Operations(FaultBoard faults, Settings settings, TimeProvider time, ILogger<Operations> log, CancellationToken stopping)
{
    /// <summary>Ended operations that are kept for polling.</summary>
    private const int Kept = 5000;

    private readonly ConcurrentDictionary<string, Operation> _operations = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<string> _order = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    // Stands for the certificate that Azure puts into the URL: long, and it must come back unchanged.
    private readonly string _certificate = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(2500));

    /// <summary>Starts the work in the background and gives the 202 answer.</summary>
    public ArmAnswer Start(ArmCall call, OperationPlan plan, int status = 202, JsonNode? body = null)
    {
        var operation = Begin(plan, call.Method, call.Path.Text);
        return new ArmAnswer(status, body ?? new JsonObject { ["operation"] = plan.Name, ["startTime"] = Json.Stamp(operation.Started) }) { Headers = Headers(call, operation), Operation = operation };
    }

    /// <summary>The status document of an operation: 200 in every state.</summary>
    public ArmAnswer Status(ArmCall call)
    {
        var operation = Find(call);
        return new ArmAnswer(200, operation.ToDocument()) { Headers = operation.Ended is null ? RetryAfter() : new Dictionary<string, string>() };
    }

    /// <summary>The result of an operation: 202 while it runs, then what it made (200) or nothing (204), or its error.</summary>
    public ArmAnswer Result(ArmCall call)
    {
        var operation = Find(call);
        if (operation.Ended is null) return new ArmAnswer(202) { Headers = Headers(call, operation) };
        if (operation.Error is { } error) throw error;
        return operation.Plan.Result() is { } body ? new ArmAnswer(200, body) : new ArmAnswer(204);
    }

    private Operation Begin(OperationPlan plan, string method, string path)
    {
        var operation = new Operation(plan, time.GetUtcNow(), settings.Behaviour.SignedOperationUrls);
        _operations[operation.Id] = operation;
        _order.Enqueue(operation.Id);
        while (_order.Count > Kept && _order.TryDequeue(out var oldest)) _operations.TryRemove(oldest, out _);
        var stuck = faults.Hit(ArmFaultKind.OperationStuck, method, path);
        var failing = faults.Hit(ArmFaultKind.OperationFails, method, path);
        _ = Task.Run(() => RunAsync(operation, stuck, failing is not null), CancellationToken.None);
        return operation;
    }

    private async Task RunAsync(Operation operation, ArmFault? stuck, bool failing)
    {
        var plan = operation.Plan;
        ArmError? error = null;
        try
        {
            while (stuck is not null && !faults.IsCleared(stuck)) await Task.Delay(TimeSpan.FromMilliseconds(100), time, stopping);
            if (!plan.WorkFirst) await PauseAsync(plan.Duration);
            if (failing) throw new ArmError(500, "InternalServerError", "An unexpected error occured while processing the request.");
            await plan.Work(stopping);
            if (plan.WorkFirst) await PauseAsync(plan.Duration - (time.GetUtcNow() - operation.Started));
        }
        catch (ArmError refused)
        {
            log.LogWarning("{Operation} failed: {Code}", plan.Name, refused.Code);
            error = refused;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // Whatever goes wrong is the operation's result, as in Azure.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            log.LogError(failed, "{Operation} failed", plan.Name);
            error = new ArmError(500, "InternalServerError", $"The operation failed: {failed.Message}");
        }

        plan.Ended(error);
        operation.End(error, time.GetUtcNow());
    }

    private Task PauseAsync(TimeSpan pause) => pause > TimeSpan.Zero ? Task.Delay(pause, time, stopping) : Task.CompletedTask;

    private Operation Find(ArmCall call)
    {
        var id = call.Path.Names.Count > 1 ? call.Path.Names[1] : "";
        if (!_operations.TryGetValue(id, out var operation)) throw new ArmError(404, "OperationNotFound", $"The operation '{id}' was not found.");
        // Azure signs the URL: a client must send the query back as it came (only api-version may differ).
        if (operation.Signed && (call.Q("t") is not { } t || call.Q("s") != Sign($"{id}|{t}") || call.Q("c") != _certificate || call.Q("h") != Sign($"h|{id}")))
            throw new ArmError(401, "InvalidAuthenticationToken", "The signature of the operation URL is not valid. The query of the URL must be sent back unchanged.")
            {
                Headers = new Dictionary<string, string> { ["WWW-Authenticate"] = "Bearer error=\"invalid_token\"" },
            };
        return operation;
    }

    private Dictionary<string, string> Headers(ArmCall call, Operation operation)
    {
        var t = operation.Started.UtcTicks.ToString(CultureInfo.InvariantCulture);
        var query = $"?api-version={call.ApiVersion}" + (operation.Signed ? $"&t={t}&c={_certificate}&s={Sign($"{operation.Id}|{t}")}&h={Sign($"h|{operation.Id}")}" : "");
        var location = settings.Behaviour.DisplayNameLocations ? Locations.Display(operation.Plan.Location) : operation.Plan.Location;
        var root = $"{call.BaseUri}/subscriptions/{call.Path.Subscription}/providers/{operation.Plan.Namespace}/locations/{Uri.EscapeDataString(location)}";
        return new Dictionary<string, string>(RetryAfter())
        {
            ["Azure-AsyncOperation"] = $"{root}/azureAsyncOperation/{operation.Id}{query}",
            ["Location"] = $"{root}/operationResults/{operation.Id}{query}",
        };
    }

    private Dictionary<string, string> RetryAfter() => settings.Behaviour.OperationRetryAfterSeconds is { } seconds
        ? new() { ["Retry-After"] = Math.Max(0, (long)Math.Ceiling(seconds)).ToString(CultureInfo.InvariantCulture) }
        : [];

    private string Sign(string text) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
}
