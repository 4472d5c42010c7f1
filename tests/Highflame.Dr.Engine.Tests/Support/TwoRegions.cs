using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>A flexible server and its database as a test sets them.</summary>
internal sealed class FakeServer(string name, string location)
{
    public string Name { get; } = name;

    public string Id { get; } = Pairs.Id(name);

    public string Location { get; } = location;

    /// <summary>Azure's role field: None, Primary, AsyncReplica.</summary>
    public string Role { get; set; } = "Primary";

    public string State { get; set; } = "Ready";

    public string? Source { get; set; }

    public string? ReplicationState { get; set; }

    /// <summary>default_transaction_read_only, as Azure's parameter and as the database shows it.</summary>
    public string ReadOnly { get; set; } = "off";

    /// <summary>False: Azure accepts a change of the parameter and the database never shows it.</summary>
    public bool Applies { get; set; } = true;

    public bool DatabaseAnswers { get; set; } = true;

    /// <summary>True: the database takes a question and never answers it.</summary>
    public bool Hangs { get; set; }

    public bool AzureAnswers { get; set; } = true;

    public bool InRecovery { get; set; }

    public ulong Written { get; set; } = 0x500;

    /// <summary>What the replica has replayed at each look; null: everything the primary has written.</summary>
    public Func<ulong>? Replays { get; set; }

    public long NextTransaction { get; set; } = 100;

    public int Timeline { get; set; } = 1;

    /// <summary>What it says of a transaction it is asked for.</summary>
    public string? Heartbeat { get; set; } = "committed";

    public string System { get; set; } = "7";

    public int Sessions { get; set; }
}

/// <summary>
/// Two regions in memory, seen through Azure's documents and through their databases: primary <c>p</c> in eastus, its replica <c>r</c> in westus. Every change, and
/// every look that safety rests on, is written into <see cref="Log"/> in the order it came. A test changes what one of them answers.
/// </summary>
internal sealed class TwoRegions : IArm, IDatabases
{
    public const string OperationUrl = "https://arm.test/operations/";
    private readonly List<FakeServer> _servers;

    public TwoRegions()
    {
        Primary = new("p", "eastus");
        Replica = new("r", "westus") { Role = "AsyncReplica", Source = Primary.Id, ReplicationState = "Active", InRecovery = true };
        _servers = [Primary, Replica];
    }

    public FakeServer Primary { get; }

    public FakeServer Replica { get; }

    public List<string> Log { get; } = [];

    public bool Available { get; set; } = true;

    /// <summary>Called before a change is carried out, with its line in the log; may throw.</summary>
    public Action<string>? Before { get; set; }

    /// <summary>Called after a change is carried out and before it is answered; may throw.</summary>
    public Action<string>? After { get; set; }

    /// <summary>True for a document that Azure does not answer for now.</summary>
    public Func<string, bool>? Silent { get; set; }

    /// <summary>What Azure does with a promotion that it accepts; by default it is done at once.</summary>
    public Action? Promotes { get; set; }

    /// <summary>How an operation stands, by the last part of its URL; by default it has succeeded.</summary>
    public Func<string, ArmPoll>? Polls { get; set; }

    /// <summary>Server names that somebody else in Azure has.</summary>
    public HashSet<string> TakenNames { get; } = [];

    /// <summary>The caller's own token: nothing is answered any more once it is cancelled.</summary>
    public CancellationToken Stop { get; set; }

    public FakeServer Add(FakeServer server)
    {
        _servers.Add(server);
        return server;
    }

    /// <summary>Name of the server that the reader of the primary's virtual endpoint leads to; null when it has none.</summary>
    public string? Reader { get; set; }

    /// <summary>Values of server parameters, as "server/name"; any other reads 100.</summary>
    public Dictionary<string, string> Parameters { get; } = [];

    /// <summary>What Azure does with a switchover that it accepts; by default the old primary follows at once.</summary>
    public Action? Swaps { get; set; }

    public void Swap()
    {
        Promote();
        (Replica.Role, Replica.Source) = ("Primary", null);
        Follow();
    }

    /// <summary>The old primary has become the replica.</summary>
    public void Follow()
    {
        (Primary.Role, Primary.Source, Primary.InRecovery, Primary.Timeline) = ("GeoAsyncReplica", Replica.Id, true, Replica.Timeline);
        Reader = Primary.Name;
    }

    public int Count(string line) => Log.Count(l => l == line);

    public static DrException Lost() => new("HfOutcomeUnknown", DrErrorKind.OperationFailed, "The answer was lost.");

    public static DrException Refused(string code) => new("HfAzureRefused", DrErrorKind.OperationFailed, $"Azure answered HTTP 409, {code}: no.");

    public void Promote()
    {
        Replica.InRecovery = false;
        Replica.Role = "None";
        Replica.Written = (Replica.Replays?.Invoke() ?? Primary.Written) + 0x10;
        Replica.Timeline++;
    }

    public Task<JsonElement?> TryGetAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        Stop.ThrowIfCancellationRequested();
        if (Silent?.Invoke(path) == true) throw ScriptedArm.Unavailable(path);
        if (Find(path) is not { } server || path.Contains("Microsoft.Insights", StringComparison.Ordinal)) return Task.FromResult((JsonElement?)null);
        if (!server.AzureAnswers) throw ScriptedArm.Unavailable(path);
        if (path.EndsWith("/configurations/default_transaction_read_only", StringComparison.Ordinal)) return Answer(new { properties = new { value = server.ReadOnly } });
        if (path.Contains("/configurations/", StringComparison.Ordinal)) return Answer(new { properties = new { value = Parameters.GetValueOrDefault($"{server.Name}/{AzureId.NameOf(path)}", "100") } });
        return path == server.Id ? Answer(Document(server)) : throw new NotSupportedException(path);
    }

    public async Task<JsonElement> GetAsync(string path, string apiVersion, CancellationToken cancellationToken) =>
        await TryGetAsync(path, apiVersion, cancellationToken) ?? throw new DrException("HfResourceNotFound", DrErrorKind.NotFound, "Not found.", path);

    public Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        if (Find(path) is { AzureAnswers: false }) throw ScriptedArm.Unavailable(path);
        if (Find(path) is null && path.EndsWith("/flexibleServers", StringComparison.OrdinalIgnoreCase))
            return Task.FromResult<IReadOnlyList<JsonElement>>([.. _servers.Select(s => JsonSerializer.SerializeToElement(Document(s)))]);
        if (path.EndsWith("/virtualendpoints", StringComparison.Ordinal))
            return Task.FromResult<IReadOnlyList<JsonElement>>(Reader is null ? [] : [JsonSerializer.SerializeToElement(new { id = path + "/hf", name = "hf", properties = new { endpointType = "ReadWrite", members = new[] { Reader }, virtualEndpoints = new[] { "hf.reader.postgres.database.azure.com", "hf.writer.postgres.database.azure.com" } } })]);
        IReadOnlyList<JsonElement> found = path.EndsWith("/replicas", StringComparison.Ordinal)
            ? [.. _servers.Where(s => s.Source is not null && path.StartsWith(s.Source + "/", StringComparison.Ordinal)).Select(s => JsonSerializer.SerializeToElement(Document(s)))]
            : [];
        return Task.FromResult(found);
    }

    public Task<ArmAccepted> WriteAsync(HttpMethod method, string path, string apiVersion, object? body, CancellationToken cancellationToken)
    {
        var sent = JsonSerializer.SerializeToElement(body ?? new { });
        if (path.EndsWith("/checkNameAvailability", StringComparison.Ordinal))
            return Task.FromResult(new ArmAccepted(200, null, JsonSerializer.SerializeToElement(new { nameAvailable = !TakenNames.Contains(sent.GetProperty("name").GetString()!) })));
        var server = Find(path);
        var (line, change) = (method.Method, server) switch
        {
            ("PUT", null) => Create(path),
            ("POST", { } s) when path == s.Id + "/stop" => ($"{s.Name}: stop", () => s.State = "Stopped"),
            ("PATCH", { } s) when path.Contains("/configurations/", StringComparison.Ordinal) => SetReadOnly(s, sent.GetProperty("properties").GetProperty("value").GetString()!),
            ("PATCH", { } s) when sent.GetProperty("properties").GetProperty("replica").GetProperty("promoteMode").GetString() == "Switchover" =>
                ($"{s.Name}: switchover{(sent.GetProperty("properties").TryGetProperty("sourceServerResourceId", out var source) ? $" with {AzureId.NameOf(source.GetString()!)}" : "")}", Swaps ?? Swap),
            ("PATCH", { } s) => ($"{s.Name}: promote {sent.GetProperty("properties").GetProperty("replica").GetProperty("promoteOption").GetString()}", Promotes ?? Promote),
            _ => throw new NotSupportedException($"{method} {path}"),
        };
        Log.Add(line);
        Before?.Invoke(line);
        if (server is { AzureAnswers: false }) throw ScriptedArm.Unavailable(path);
        change();
        After?.Invoke(line);
        return Task.FromResult(new ArmAccepted(202, OperationUrl + line.Split(' ')[1], null));
    }

    public Task<ArmPoll> PollAsync(string operationUrl, CancellationToken cancellationToken) =>
        Task.FromResult(Polls?.Invoke(operationUrl[OperationUrl.Length..]) ?? ScriptedArm.Poll(StepOutcome.Succeeded, "Succeeded"));

    public Task<ITransactionHistory> OpenHistoryAsync(string hostName, string? database, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IDatabase> OpenAsync(string hostName, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Stop.ThrowIfCancellationRequested();
        var server = _servers.Single(s => hostName.StartsWith(s.Name + ".", StringComparison.Ordinal));
        return Task.FromResult<IDatabase>(new Session(this, server.DatabaseAnswers && server.State != "Stopped" ? server : throw Unreachable(server)));
    }

    private static DrException Unreachable(FakeServer server) => new("HfDatabaseUnreachable", DrErrorKind.ConnectionFailed, $"{server.Name} does not answer.");

    private static Task<JsonElement?> Answer(object document) => Task.FromResult<JsonElement?>(JsonSerializer.SerializeToElement(document));

    private static object Document(FakeServer server) => new
    {
        id = server.Id,
        name = server.Name,
        location = server.Location,
        sku = new { name = "Standard_D2ds_v5", tier = "GeneralPurpose" },
        properties = new
        {
            state = server.State,
            fullyQualifiedDomainName = server.Name + ".postgres.database.azure.com",
            sourceServerResourceId = server.Source,
            replicationRole = server.Role,
            replica = new { role = server.Role, replicationState = server.ReplicationState },
            storage = new { storageSizeGB = 128 },
        },
    };

    private static (string, Action) SetReadOnly(FakeServer server, string value) => ($"{server.Name}: read-only {value}", () => server.ReadOnly = server.Applies ? value : server.ReadOnly);

    private (string, Action) Create(string path)
    {
        var name = AzureId.NameOf(path);
        return ($"{name}: create", () => Add(new FakeServer(name, "eastus") { Role = "AsyncReplica", Source = Replica.Id, ReplicationState = "Active", InRecovery = true }));
    }

    private FakeServer? Find(string path) => _servers.Find(s => path.Equals(s.Id, StringComparison.OrdinalIgnoreCase) || path.StartsWith(s.Id + "/", StringComparison.OrdinalIgnoreCase));

    private sealed class Session(TwoRegions regions, FakeServer server) : IDatabase
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public async Task<DatabaseObservation> ObserveAsync(CancellationToken cancellationToken)
        {
            Alive();
            if (server.Hangs) await Task.Delay(Timeout.Infinite, cancellationToken);
            return new DatabaseObservation
            {
                InRecovery = server.InRecovery,
                ReadOnly = server.ReadOnly == "on",
                SystemIdentifier = server.System,
                Timeline = server.Timeline,
                Lsn = new Lsn(server.InRecovery ? Replayed() : server.Written).ToString(),
                ReceivedLsn = server.InRecovery ? new Lsn(Replayed()).ToString() : null,
                ReplayAgeSeconds = server.InRecovery ? 1.5 : null,
                ReplayPaused = server.InRecovery ? false : null,
                NextTransactionId = server.InRecovery ? null : server.NextTransaction.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ServerTime = Seen.At,
            };
        }

        public Task<IReadOnlyList<WalSender>> GetWalSendersAsync(CancellationToken cancellationToken)
        {
            Alive();
            return Task.FromResult<IReadOnlyList<WalSender>>([.. regions._servers.Where(s => s.InRecovery && s.Source == server.Id && s.DatabaseAnswers).Select(s => new WalSender(s.Name, "streaming", null, null, 0))]);
        }

        public Task<WalReceiver?> GetWalReceiverAsync(CancellationToken cancellationToken)
        {
            Alive();
            var source = regions._servers.FirstOrDefault(s => s.Id == server.Source);
            return Task.FromResult(server.InRecovery && source is { DatabaseAnswers: true } ? new WalReceiver("streaming", 0.5, null) : null);
        }

        public Task<bool> TryCheckpointAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<EndedSessions> EndSessionsAsync(DateTimeOffset? startedUntil, CancellationToken cancellationToken)
        {
            Alive();
            // None began that long ago: asked only to have asked once.
            if (startedUntil == DateTimeOffset.UnixEpoch) return Task.FromResult(new EndedSessions(0, 0));
            regions.Note($"{server.Name}: end sessions");
            var ended = server.Sessions;
            server.Sessions = 0;
            return Task.FromResult(new EndedSessions(ended, 0));
        }

        public Task<string?> GetTransactionStatusAsync(string transactionId, CancellationToken cancellationToken)
        {
            Alive();
            return Task.FromResult(server.Heartbeat);
        }

        public Task<FlushedPosition> GetFlushedLsnAsync(CancellationToken cancellationToken)
        {
            Alive();
            regions.Note(server.ReadOnly == "on" ? $"{server.Name}: final position" : $"{server.Name}: position");
            return Task.FromResult(new FlushedPosition(new Lsn(server.Written).ToString(), (server.NextTransaction - 1).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        public Task<string?> GetReplayLsnAsync(CancellationToken cancellationToken)
        {
            Alive();
            regions.Note($"{server.Name}: replayed {new Lsn(Replayed())}");
            return Task.FromResult<string?>(new Lsn(Replayed()).ToString());
        }

        private ulong Replayed() => server.Replays?.Invoke() ?? regions._servers.Find(s => s.Id == server.Source)?.Written ?? server.Written;

        private void Alive()
        {
            if (!server.DatabaseAnswers) throw Unreachable(server);
        }
    }

    // A look that repeats is noted once.
    private void Note(string line)
    {
        if (Log.Count == 0 || Log[^1] != line) Log.Add(line);
        Before?.Invoke(line);
    }
}
