using Highflame.Dr.Sandbox.Application;

namespace Highflame.Dr.Sandbox.Faults;

/// <summary>A fault as the control endpoint is asked for it: the JSON members of Highflame.Dr.Rehearsal.SandboxFault.</summary>
internal sealed record FaultRequest
{
    public string? Fault { get; init; }

    public string? Region { get; init; }

    public string? Server { get; init; }

    public string? Pair { get; init; }

    public double? DelaySeconds { get; init; }

    public double? LatencyMilliseconds { get; init; }

    public long? BytesPerSecond { get; init; }

    public bool? Cut { get; init; }

    public int? Count { get; init; }

    public int? Status { get; init; }

    public double? RetryAfterSeconds { get; init; }

    public string? Method { get; init; }

    public string? PathContains { get; init; }
}

/// <summary>What was done: the JSON members of Highflame.Dr.Rehearsal.SandboxFaultResult.</summary>
internal sealed record FaultAnswer(string Fault, string? Target, DateTimeOffset At, string? Detail);

/// <summary>Turns a fault's name into what it does to the real parts and to ARM. Throws <see cref="ArgumentException"/> with what is valid for a bad request.</summary>
internal sealed class FaultDesk(SandboxLayout layout, RealParts parts, FaultBoard board, TimeProvider time, ILogger<FaultDesk> log, CancellationToken stopping)
{
    private static readonly string[] s_names =
    [
        "RegionLost", "RegionRestored", "DatabaseCrash", "DatabaseStart", "Link", "GatewayDown", "GatewayUp", "HealthFailing", "HealthPassing",
        "DnsDown", "DnsUp", "NetworkDown", "NetworkUp",
        "SecretsEmpty", "SecretsRestored", "ApplicationRestart",
        "ReplayPaused", "ReplayResumed", "ReplicationBroken", "ReplicationRepaired", "CertificateExpired", "CertificateRenewed",
        "ArmThrottle", "ArmError", "ResponseLost", "OperationStuck", "OperationFails", "Clear",
    ];

    private static readonly string[] s_ofOnePair = ["GatewayDown", "GatewayUp", "HealthFailing", "HealthPassing"];

    private readonly HashSet<string> _paused = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _cutOff = [];

    /// <summary>Names of the servers that exist at a location; set by the composition.</summary>
    public Func<string, IReadOnlyList<string>> ServersAt { get; init; } = location => [.. layout.Regions.Where(r => r.Location == location).Select(r => r.DatabaseServer)];

    /// <summary>True for the name of an existing server.</summary>
    public Func<string, bool> ServerExists { get; init; } = _ => true;

    /// <summary>Puts a fault in, now or after its delay.</summary>
    public async Task<FaultAnswer> PutAsync(FaultRequest request, CancellationToken cancellationToken)
    {
        var name = s_names.FirstOrDefault(n => string.Equals(n, request.Fault, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"Unknown fault '{request.Fault}'. Valid: {string.Join(", ", s_names)}.");
        var (target, act) = Plan(name, request);
        if (request.DelaySeconds is not { } delay || delay <= 0)
        {
            var detail = await act(cancellationToken);
            log.LogInformation("Fault {Fault} {Target} {Detail}", name, target, detail);
            return new FaultAnswer(name, target, time.GetUtcNow(), detail);
        }

        if (delay > 3600) throw new ArgumentException("delaySeconds must be at most 3600.");
        _ = LaterAsync(name, target, TimeSpan.FromSeconds(delay), act);
        return new FaultAnswer(name, target, time.GetUtcNow(), $"in {delay} s");
    }

    private async Task LaterAsync(string name, string? target, TimeSpan delay, Func<CancellationToken, Task<string?>> act)
    {
        try
        {
            await Task.Delay(delay, time, stopping);
            var detail = await act(stopping);
            log.LogInformation("Delayed fault {Fault} {Target} {Detail}", name, target, detail);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The sandbox ends first.
        }
#pragma warning disable CA1031 // Nobody waits for a delayed fault: the log is where its failure goes.
        catch (Exception error)
#pragma warning restore CA1031
        {
            log.LogError(error, "Delayed fault {Fault} {Target} failed", name, target);
        }
    }

    /// <summary>Checks the request before anything is done; the function does it.</summary>
    private (string? Target, Func<CancellationToken, Task<string?>> Act) Plan(string name, FaultRequest request)
    {
        switch (name)
        {
            case "RegionLost":
                var lost = Region(request);
                return (lost, token => LoseAsync(lost, token));
            case "RegionRestored":
                var back = Region(request);
                return (back, token => RestoreAsync(back, token));
            case "DatabaseCrash":
                var crashed = Server(request);
                return (crashed, token => DoneAsync(parts.Databases.CrashAsync(crashed, token)));
            case "DatabaseStart":
                var started = Server(request);
                return (started, token => DoneAsync(parts.Databases.StartAsync(started, token)));
            case "Link":
                var from = request.Region is null ? null : Region(request);
                var settings = Link(request);
                return (from ?? "all", _ => Task.FromResult<string?>(SetLinks(from, settings)));
            case "GatewayDown" or "GatewayUp":
                var gateway = Region(request);
                return (Of(request, gateway), token => DoneAsync(InPairsAsync(request.Pair, p => p.SetGateway(gateway, request.Pair, name == "GatewayUp"), () => parts.Regions.SetGatewayAsync(gateway, name == "GatewayUp", token))));
            case "HealthFailing" or "HealthPassing":
                var health = Region(request);
                return (Of(request, health), token => DoneAsync(InPairsAsync(request.Pair, p => p.SetHealthFailing(health, request.Pair, name == "HealthFailing"), () => parts.Regions.SetHealthFailingAsync(health, name == "HealthFailing", token))));
            case "DnsDown" or "DnsUp":
                return (null, _ =>
                {
                    parts.SilenceNames(name == "DnsDown");
                    return Task.FromResult<string?>(null);
                });
            case "NetworkDown" or "NetworkUp":
                return (null, token => SetNetworkAsync(name == "NetworkDown", token));
            case "SecretsEmpty" or "SecretsRestored":
                var secrets = Region(request);
                return (secrets, async token =>
                {
                    SetSecrets(secrets, name == "SecretsEmpty");
                    await parts.Regions.RestartApplicationAsync(secrets, token);
                    return "the application was restarted with them";
                });
            case "ReplayPaused" or "ReplayResumed":
                var replayed = Server(request);
                return (replayed, token => DoneAsync(PauseReplayAsync(replayed, name == "ReplayPaused", token)));
            case "ReplicationBroken" or "ReplicationRepaired":
                var copied = Server(request);
                return (copied, token => DoneAsync(BreakReplicationAsync(copied, name == "ReplicationBroken", token)));
            case "CertificateExpired" or "CertificateRenewed":
                var shown = Region(request);
                return (shown, token => DoneAsync(parts.Regions.SetCertificateAsync(shown, name == "CertificateExpired", token)));
            case "ApplicationRestart":
                var restarted = Region(request);
                return (restarted, token => DoneAsync(parts.Regions.RestartApplicationAsync(restarted, token)));
            case "Clear":
                return (null, ClearAsync);
            default:
                var fault = ArmFault(name, request);
                return (request.PathContains, _ =>
                {
                    board.Add(fault);
                    return Task.FromResult<string?>($"next {fault.Remaining} {request.Method ?? "calls"}");
                });
        }
    }

    private async Task<string?> LoseAsync(string location, CancellationToken cancellationToken)
    {
        // ARM stops answering for the region first, then everything in it dies at once.
        board.SetLost(location, true, time.GetUtcNow());
        parts.PairGateways?.SetGateway(location, null, running: false);
        var servers = ServersAt(location);
        await Task.WhenAll(servers.Select(s => CrashIfRunningAsync(s, cancellationToken)).Append(parts.Regions.KillAsync(location, cancellationToken)));
        return $"killed {string.Join(", ", servers)}, application and gateway";
    }

    private async Task CrashIfRunningAsync(string server, CancellationToken cancellationToken)
    {
        if ((await parts.Databases.GetStateAsync(server, cancellationToken)).Running) await parts.Databases.CrashAsync(server, cancellationToken);
    }

    private async Task<string?> RestoreAsync(string location, CancellationToken cancellationToken)
    {
        var servers = ServersAt(location).Where(s => !IsStopped(s)).ToList();
        foreach (var server in servers)
        {
            if (!(await parts.Databases.GetStateAsync(server, cancellationToken)).Running) await parts.Databases.StartAsync(server, cancellationToken);
        }

        await parts.Regions.StartAsync(location, cancellationToken);
        parts.PairGateways?.SetGateway(location, null, running: true);
        board.SetLost(location, false);
        return $"started {string.Join(", ", servers)}, application and gateway";
    }

    /// <summary>Empties (true) or refills a region's database secrets; set by the composition.</summary>
    public Action<string, bool> SetSecrets { get; init; } = (_, _) => { };

    /// <summary>True for a server that its owner had stopped: a returning region does not start it.</summary>
    public Func<string, bool> IsStopped { get; init; } = _ => false;

    private string SetLinks(string? from, LinkSettings settings)
    {
        foreach (var one in layout.Regions)
        {
            foreach (var other in layout.Regions)
            {
                if (one.Location != other.Location && (from is null || one.Location == from)) parts.Links.Set(one.Location, other.Location, settings);
            }
        }

        return $"{settings.LatencyMilliseconds} ms, {(settings.BytesPerSecond is { } b ? $"{b} bytes/s" : "unlimited")}{(settings.Cut ? ", cut" : "")}";
    }

    // The regions go on and replicate: it is who looks from here that is cut off, and the clients beside them.
    private async Task<string?> SetNetworkAsync(bool down, CancellationToken cancellationToken)
    {
        parts.SilenceNames(down);
        if (parts.PairGateways is { } others) others.OutOfReach = down;
        string[] gateways;
        lock (_cutOff)
        {
            if (down) _cutOff.AddRange(parts.Regions.GetStates().Where(r => r.GatewayRunning).Select(r => r.Location));
            gateways = [.. _cutOff];
            if (!down) _cutOff.Clear();
        }

        await Task.WhenAll(gateways.Select(g => parts.Regions.SetGatewayAsync(g, !down, cancellationToken)));
        board.NetworkDown = down;
        return down ? "name servers, Azure, every other place and the gateways are out of reach" : null;
    }

    private async Task PauseReplayAsync(string server, bool paused, CancellationToken cancellationToken)
    {
        await parts.Databases.SetReplayPausedAsync(server, paused, cancellationToken);
        lock (_paused)
        {
            if (paused) _paused.Add(server);
            else _paused.Remove(server);
        }
    }

    private static async Task IfStillReplicaAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception gone) when (gone is InvalidOperationException or KeyNotFoundException)
        {
            // Promoted, stopped or deleted since: there is nothing to take back.
        }
    }

    // Azure says Broken, and the replica really receives nothing.
    private async Task BreakReplicationAsync(string server, bool broken, CancellationToken cancellationToken)
    {
        await parts.Databases.SetStreamingAsync(server, !broken, cancellationToken);
        board.SetBroken(server, broken);
    }

    /// <summary>Takes back what a call can take back: ARM faults, links, name servers and network, failing health, paused replay, broken replication, expired certificates. A lost region needs RegionRestored.</summary>
    private async Task<string?> ClearAsync(CancellationToken cancellationToken)
    {
        board.Clear();
        parts.SilenceNames(false);
        if (board.NetworkDown) await SetNetworkAsync(false, cancellationToken);
        SetLinks(null, new LinkSettings());
        parts.PairGateways?.ClearHealth();
        foreach (var region in parts.Regions.GetStates().Where(r => r.HealthFailing)) await parts.Regions.SetHealthFailingAsync(region.Location, false, cancellationToken);
        foreach (var region in parts.Regions.GetStates().Where(r => r.CertificateExpired)) await parts.Regions.SetCertificateAsync(region.Location, false, cancellationToken);
        foreach (var server in board.Broken) await IfStillReplicaAsync(() => BreakReplicationAsync(server, false, cancellationToken));
        string[] paused;
        lock (_paused) paused = [.. _paused];
        foreach (var server in paused) await IfStillReplicaAsync(() => PauseReplayAsync(server, false, cancellationToken));
        return "ARM faults, links, name servers and network, failing health, paused replay, broken replication and expired certificates; a lost region needs RegionRestored";
    }

    private static string Of(FaultRequest request, string location) => request.Pair is null ? location : $"{location} {request.Pair}";

    /// <summary>Does it to one pair or to all: the real one has processes, the others share a program.</summary>
    private async Task InPairsAsync(string? pair, Action<PairGateways> documents, Func<Task> real)
    {
        if (parts.PairGateways is { } gateways) documents(gateways);
        if (pair is null || string.Equals(pair, LayoutPlan.Project, StringComparison.OrdinalIgnoreCase)) await real();
    }

    private string Region(FaultRequest request)
    {
        var location = SandboxLayout.Normalize(request.Region ?? "");
        if (request.Pair is { } pair)
        {
            if (request.Fault is not { } fault || !s_ofOnePair.Contains(fault, StringComparer.OrdinalIgnoreCase)) throw new ArgumentException($"{request.Fault} happens to a whole region, not to one pair. Of one pair: {string.Join(", ", s_ofOnePair)}.");
            if (!layout.Pairs.Any(p => string.Equals(p.Name, pair, StringComparison.OrdinalIgnoreCase))) throw new ArgumentException($"There is no pair '{pair}' in this sandbox. It has: {string.Join(", ", layout.Pairs.Select(p => p.Name))}.");
        }

        return layout.Regions.Any(r => r.Location == location)
            ? location
            : throw new ArgumentException($"{request.Fault} needs a region of this sandbox, not '{request.Region}'. Valid: {string.Join(", ", layout.Regions.Select(r => r.Location))}.");
    }

    private string Server(FaultRequest request) =>
        request.Server is { Length: > 0 } server && ServerExists(server)
            ? server
            : throw new ArgumentException($"{request.Fault} needs a server of this sandbox, not '{request.Server}'. Valid: {string.Join(", ", layout.Regions.SelectMany(r => ServersAt(r.Location)))}.");

    private static LinkSettings Link(FaultRequest request)
    {
        if (request.LatencyMilliseconds is < 0 or > 60_000) throw new ArgumentException("latencyMilliseconds must be from 0 to 60000.");
        if (request.BytesPerSecond is < 1) throw new ArgumentException("bytesPerSecond must be at least 1; leave it out for no limit.");
        return new LinkSettings(request.LatencyMilliseconds ?? 0, request.BytesPerSecond, request.Cut ?? false);
    }

    private static ArmFault ArmFault(string name, FaultRequest request)
    {
        if (request.Count is < 1) throw new ArgumentException("count must be at least 1.");
        if (request.Status is < 400 or > 599) throw new ArgumentException("status must be from 400 to 599.");
        if (request.RetryAfterSeconds is < 0) throw new ArgumentException("retryAfterSeconds must be at least 0.");
        var kind = name switch
        {
            "ArmThrottle" => ArmFaultKind.Throttle,
            "ArmError" => ArmFaultKind.Error,
            "ResponseLost" => ArmFaultKind.ResponseLost,
            "OperationStuck" => ArmFaultKind.OperationStuck,
            _ => ArmFaultKind.OperationFails,
        };
        return new ArmFault(kind, request.Count ?? 1, request.Method, request.PathContains, request.Status ?? 503, request.RetryAfterSeconds);
    }

    private static async Task<string?> DoneAsync(Task work)
    {
        await work;
        return null;
    }
}
