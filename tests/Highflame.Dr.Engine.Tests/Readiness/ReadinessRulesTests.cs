using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Readiness;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Vaults;
using Highflame.Dr.Health;
using Highflame.Dr.Parity;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Engine.Tests.Readiness;

/// <summary>The preflight's rules on plain facts: a clean pair, and one thing spoiled at a time.</summary>
public sealed class ReadinessRulesTests
{
    private static readonly RegionPair Pair = Pairs.Create() with
    {
        Regions = [Pairs.Create().Regions[0] with { GatewayId = "/gw1" }, Pairs.Create().Regions[1] with { GatewayId = "/gw2" }],
        Health = new() { HostName = "control.example.com" },
    };

    private static readonly TrafficEndpoint Endpoint = new() { Name = "e", ResourceId = Pair.Traffic.ProfileId + "/externalEndpoints/e", ProfileName = "global", ProfileResourceId = Pair.Traffic.ProfileId, Type = "ExternalEndpoints", Target = "20.1.1.1", Status = "Enabled" };

    private static readonly TrafficEndpoint Second = Endpoint with { Name = "f", ResourceId = Pair.Traffic.ProfileId + "/externalEndpoints/f", Target = "gw2.westus.cloudapp.azure.com" };

    private static readonly MonitorConfigWire Monitor = new(null, "HTTPS", 443, "/healthz", 30, 5, 3);

    private static readonly ResourceLock ReadOnly = new("freeze", "ReadOnly", "/subscriptions/s");

    private static TrafficProfile Profile(params TrafficEndpoint[] endpoints) => new() { Name = "global", ResourceId = Pair.Traffic.ProfileId, ResourceGroup = "rg1", Fqdn = "global.trafficmanager.net", RoutingMethod = "Priority", Ttl = 30, Status = "Enabled", Endpoints = endpoints };

    private static GatewaySight Gateway(params string[] hosts) => new("gw", "Running", [new("http", false, hosts, true), new("https", true, hosts, true)]);

    private static Glimpse<T> See<T>(T value)
        where T : class
        => new(value, null);

    private static Glimpse<T> Fail<T>(string problem, string? id = null)
        where T : class
        => new(null, problem, id is null ? null : new DrException(id, DrErrorKind.NotFound, problem));

    private static CertificateSight Certificate(double fromDays = -1, double untilDays = 90, string? trouble = null) => new("CN=x", Seen.At.AddDays(fromDays), Seen.At.AddDays(untilDays), trouble);

    private static HealthVerdict Verdict(bool healthy) => new() { Via = HealthPath.Gateway, Url = "https://x", Healthy = healthy, Reason = healthy ? null : "status 503 instead of 200" };

    private static HostSight Host(CertificateSight certificate, bool healthy = true) => new("control.example.com") { Certificate = See(certificate), Health = See(Verdict(healthy)) };

    private static VaultItem Key(bool enabled = true, double? untilDays = null) => new("postgres", enabled, untilDays is { } days ? Seen.At.AddDays(days) : null, null, null, false, null);

    private static ServerSight Server(string name, bool promoted, VaultItem? key = null, double percent = 10) => new(name, promoted) { KeyId = "https://kv.vault.azure.net/keys/postgres", KeyStatus = "Valid", Key = See(key ?? Key()), StorageGB = 128, StoragePercent = See<object>(percent) };

    private static PermissionSight May(string step, bool promotes, string[] needed, params string[] granted) => new(step, "/scope/x", needed, promotes, See<IReadOnlyList<Grant>>([new Grant(granted, [])]));

    private static TrafficRoute Route(string resolver, string address, bool current = true, string? failure = null) => new() { Name = "global.trafficmanager.net", Resolver = resolver, Addresses = [address], Current = current, Ttl = 30, Failure = failure };

    private static SecretsSight Secrets(SecretSight? one = null) => new([one ?? new SecretSight("kv2", [], [], "r", true, null)], []);

    private static ReadinessObservation Clean(FailoverMode mode = FailoverMode.Planned) => new()
    {
        At = Seen.At,
        Pair = Pair,
        To = Pair.Regions[1],
        Mode = mode,
        Servers = See<IReadOnlyList<DbServer>>([Seen.Replica]),
        Failover = See(mode == FailoverMode.Planned ? Seen.Healthy : Seen.RegionLost),
        Traffic = See(new TrafficSight(Profile(Endpoint, Second), Monitor)),
        TrafficLocks = See<IReadOnlyList<ResourceLock>>([]),
        Dns = See<IReadOnlyList<TrafficRoute>>([Route("1.1.1.1", "20.1.1.1"), Route("8.8.8.8", "20.1.1.1")]),
        Gateway = See(Gateway("control.example.com")),
        OtherGateway = mode == FailoverMode.Planned ? See(Gateway("control.example.com")) : default,
        Hosts = [Host(Certificate())],
        Secrets = See(Secrets()),
        Details = [Server("r", true)],
        Permissions = [May("Invoke-HfDbFailover", true, PermissionRules.Promotion, "Microsoft.DBforPostgreSQL/*"), May("Set-HfTrafficEndpoint", false, PermissionRules.Endpoint, "*")],
        Clocks = [See(new ClockSight("Azure", 1.2, 0.6))],
        Account = "operator",
    };

    // The last failover left the region that shall take over now.
    private static LastFailover Back(double minutes = 5.1) => new("run-1", "westus", "eastus", Seen.At.AddMinutes(-minutes));

    private static ParityReport Report(DriftSeverity severity) => new()
    {
        Pair = Pair.Name,
        ReferenceLocation = "eastus",
        DifferenceLocation = "westus",
        ReferenceTakenAt = Seen.At,
        DifferenceTakenAt = Seen.At,
        Drifts = [new ParityDrift { Pair = Pair.Name, Severity = severity, Kind = DriftKind.Different, Type = "t", Reference = "a", Difference = "b", ReferenceLocation = "eastus", DifferenceLocation = "westus", Property = "p", ReferenceValue = "1", DifferenceValue = "2", Why = "It stops.", Remedy = "Mend it." }],
    };

    /// <summary>What is spoiled, the code it must be found by, and how heavy it is in a planned and in a forced failover.</summary>
    private static Dictionary<string, (Func<ReadinessObservation, ReadinessObservation> Spoil, string Code, ReadinessSeverity Planned, ReadinessSeverity Forced)> Spoiled
    {
        get
        {
            const ReadinessSeverity R = ReadinessSeverity.Refusal, W = ReadinessSeverity.Warning;
            ReadinessObservation Database(ReadinessObservation seen, Func<FailoverObservation, FailoverObservation> spoil) => seen with { Failover = See(spoil(seen.Failover.Value!)) };
            ReadinessObservation Traffic(ReadinessObservation seen, TrafficProfile profile, MonitorConfigWire? monitor = null) => seen with { Traffic = See(new TrafficSight(profile, monitor ?? Monitor)) };
            ReadinessObservation Secret(ReadinessObservation seen, SecretSight secret) => seen with { Secrets = See(Secrets(secret)) };
            return new()
            {
                ["no replica"] = (s => s with { Servers = See<IReadOnlyList<DbServer>>([]), Failover = default }, "HfNoReplica", R, R),
                ["servers hidden"] = (s => s with { Servers = Fail<IReadOnlyList<DbServer>>("403", "HfPermissionDenied"), Failover = default }, "HfPermissionDenied", R, R),
                ["replica broken"] = (s => Database(s, f => f with { ReplicationState = "Broken" }), "HfReplicationBroken", R, R),
                ["replay paused"] = (s => Database(s, f => f with { ReplicaDatabase = f.ReplicaDatabase! with { ReplayPaused = true } }), "HfReplayPaused", R, W),
                ["replica locked"] = (s => Database(s, f => f with { ReplicaLocks = [ReadOnly] }), "HfReplicaLocked", R, R),
                ["wrong database password"] = (s => Database(s, f => f with { ReplicaDatabase = null, ReplicaProblem = "refused", ReplicaFailure = new DrException("HfDatabaseSignInFailed", DrErrorKind.PermissionDenied, "refused") }), "HfDatabaseSignInFailed", R, default),
                ["lag over the objective"] = (s => Database(s, f => f with { PrimaryDatabase = f.PrimaryDatabase is { } p ? p with { Lsn = "0/900" } : null, ReplicaDatabase = f.ReplicaDatabase! with { ReplayAgeSeconds = 61 } }), "HfLagTooHigh", W, W),
                ["disconnected"] = (s => Database(s, f => f with { Senders = [] }), "HfReplicationDisconnected", W, default),
                ["catching up"] = (s => Database(s, f => f with { Senders = [new("r", "catchup", null, null, 9)] }), "HfReplicationCatchingUp", W, default),
                ["profile gone"] = (s => s with { Traffic = Fail<TrafficSight>("none", "HfProfileNotFound") }, "HfProfileNotFound", R, W),
                ["profile disabled"] = (s => Traffic(s, Profile(Endpoint, Second) with { Status = "Disabled" }), "HfTrafficProfileDisabled", R, W),
                ["endpoint gone"] = (s => Traffic(s, Profile(Second)), "HfEndpointNotFound", R, W),
                ["endpoint disabled"] = (s => Traffic(s, Profile(Endpoint with { Status = "Disabled" }, Second)), "HfTrafficEndpointDisabled", R, W),
                ["one endpoint"] = (s => Traffic(s, Profile(Endpoint)), "HfTrafficNeverFailsOver", W, W),
                ["always served"] = (s => Traffic(s, Profile(Endpoint with { AlwaysServe = true }, Second)), "HfTrafficNeverFailsOver", W, W),
                ["monitor path"] = (s => Traffic(s, Profile(Endpoint, Second), Monitor with { Path = "/" }), "HfTrafficMonitorPath", W, W),
                ["TTL over the objective"] = (s => Traffic(s, Profile(Endpoint, Second) with { Ttl = 841 }), "HfTrafficTooSlow", W, W),
                ["profile locked"] = (s => s with { TrafficLocks = See<IReadOnlyList<ResourceLock>>([ReadOnly, new("keep", "CanNotDelete", "/")]) }, "HfTrafficLocked", R, W),
                ["target refused"] = (s => s with { Retarget = See(new EndpointPlan { Title = "t", ObservedAt = Seen.At, Request = new EndpointRequest { EndpointId = "e" }, Refusals = [new Refusal { Code = "HfTargetPrivate", Kind = DrErrorKind.InvalidArgument, Resource = "e", Observed = "o", Required = "r", Remedy = "m" }] }) }, "HfTargetPrivate", R, W),
                ["gateway gone"] = (s => s with { Gateway = Fail<GatewaySight>("none", "HfGatewayMissing") }, "HfGatewayMissing", R, W),
                ["gateway stopped"] = (s => s with { Gateway = See(Gateway("control.example.com") with { OperationalState = "Stopped" }) }, "HfGatewayStopped", R, W),
                ["no listener"] = (s => s with { Gateway = See(new GatewaySight("gw", "Running", [new("http", false, ["control.example.com"], true)])), Hosts = [] }, "HfListenerMissing", R, W),
                ["listener without a rule"] = (s => s with { Gateway = See(new GatewaySight("gw", "Running", [new("https", true, ["control.example.com"], false)])), Hosts = [] }, "HfListenerMissing", R, W),
                ["certificate expired"] = (s => s with { Hosts = [Host(Certificate(untilDays: -1), healthy: false)] }, "HfCertificateExpired", R, W),
                ["certificate not valid yet"] = (s => s with { Hosts = [Host(Certificate(fromDays: 1), healthy: false)] }, "HfCertificateExpired", R, W),
                ["certificate of another host"] = (s => s with { Hosts = [Host(Certificate(trouble: "it is not issued for this host"), healthy: false)] }, "HfCertificateUntrusted", R, W),
                ["certificate expires soon"] = (s => s with { Hosts = [Host(Certificate(untilDays: 13))] }, "HfCertificateExpiring", W, W),
                ["unhealthy"] = (s => s with { Hosts = [Host(Certificate(), healthy: false)] }, "HfGatewayUnhealthy", R, W),
                ["nobody listens"] = (s => s with { Hosts = [new HostSight("control.example.com") { Certificate = Fail<CertificateSight>("refused"), Health = Fail<HealthVerdict>("refused") }] }, "HfGatewayUnhealthy", R, W),
                ["DNS silent"] = (s => s with { Dns = See<IReadOnlyList<TrafficRoute>>([Route("1.1.1.1", "20.1.1.1"), Route("8.8.8.8", "", failure: "timed out")]) }, "HfDnsFailed", W, W),
                ["DNS disagrees"] = (s => s with { Dns = See<IReadOnlyList<TrafficRoute>>([Route("1.1.1.1", "20.1.1.1"), Route("8.8.8.8", "20.9.9.9")]) }, "HfDnsDisagree", W, W),
                ["DNS stale"] = (s => s with { Dns = See<IReadOnlyList<TrafficRoute>>([Route("1.1.1.1", "20.9.9.9", current: false), Route("8.8.8.8", "20.9.9.9")]) }, "HfDnsStale", W, W),
                ["secret empty"] = (s => Secret(s, new SecretSight("kv2", ["password"], [], "r", null, null)), "HfSecretEmpty", R, W),
                ["secret empty that no pod needs"] = (s => Secret(s, new SecretSight("kv2", ["privateip"], [], "r", true, null)), "HfSecretEmpty", W, W),
                ["secret missing"] = (s => Secret(s, new SecretSight("kv2", [], ["username"], "r", null, null)), "HfSecretMissing", R, W),
                ["secret names another server"] = (s => Secret(s, new SecretSight("kv2", [], [], "q", true, null)), "HfSecretHostElsewhere", R, W),
                ["secret does not log in"] = (s => Secret(s, new SecretSight("kv2", [], [], "r", false, "user or password is wrong")), "HfSecretLoginFailed", R, W),
                ["no secrets"] = (s => s with { Secrets = See(new SecretsSight([], [])) }, "HfSecretsNotFound", W, W),
                ["key disabled"] = (s => s with { Details = [Server("r", true, Key(enabled: false))] }, "HfKeyDisabled", R, R),
                ["key of the primary disabled"] = (s => s with { Details = [Server("r", true), Server("p", false, Key(enabled: false))] }, "HfKeyDisabled", R, W),
                ["key gone"] = (s => s with { Details = [Server("r", true) with { Key = Fail<VaultItem>("404", "HfKeyNotFound") }] }, "HfKeyDisabled", R, R),
                ["key expired"] = (s => s with { Details = [Server("r", true, Key(untilDays: -1))] }, "HfKeyExpired", R, R),
                ["key expires soon"] = (s => s with { Details = [Server("r", true, Key(untilDays: 3))] }, "HfKeyExpiring", W, W),
                ["key invalid"] = (s => s with { Details = [Server("r", true) with { KeyStatus = "Invalid" }] }, "HfKeyStatusInvalid", R, R),
                ["disk full"] = (s => s with { Details = [Server("r", true, percent: 95)] }, "HfStorageFull", R, W),
                ["little room"] = (s => s with { Details = [Server("r", true, percent: 90) with { StorageGB = 32 }] }, "HfStorageFull", R, W),
                ["disk nearly full"] = (s => s with { Details = [Server("r", true, percent: 86)] }, "HfStorageNearlyFull", W, W),
                ["no right to promote"] = (s => s with { Permissions = [May("Invoke-HfDbFailover", true, PermissionRules.Promotion, "*/read")] }, "HfPermissionMissing", R, R),
                ["no right to move traffic"] = (s => s with { Permissions = [May("Set-HfTrafficEndpoint", false, PermissionRules.Endpoint, "*/read")] }, "HfPermissionMissing", R, W),
                ["clock"] = (s => s with { Clocks = [See(new ClockSight("r", -7, 0.1))] }, "HfClockSkew", W, W),
                ["too soon after the last failover"] = (s => s with { Last = Back(minutes: 4.9) }, "HfFailoverTooRecent", R, W),
                ["clock set back since the last failover"] = (s => s with { Last = Back(minutes: -60) }, "HfFailoverTooRecent", R, W),
                ["drift that blocks the way back"] = (s => s with { Last = Back(), Parity = See(Report(DriftSeverity.BlocksFailover)) }, "HfFailbackDrift", R, W),
                ["regions could not be compared"] = (s => s with { Last = Back(), Parity = Fail<ParityReport>("403") }, "HfNotObserved", W, W),
                ["probe failed"] = (s => s with { Dns = Fail<IReadOnlyList<TrafficRoute>>("no answer within 8 s.") }, "HfNotObserved", W, W),
            };
        }
    }

    public static TheoryData<string> Names => [.. Spoiled.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Judge_OneThingWrong_IsFoundWithItsCode(string name)
    {
        var (spoil, code, planned, forced) = Spoiled[name];

        var found = Heavy(spoil(Clean()));

        Assert.Equal([(code, planned)], found.Select(f => (f.Code, f.Severity)));
        Assert.All(found, f => Assert.All([f.Resource, f.Observed, f.Required, f.Remedy], text => Assert.False(string.IsNullOrWhiteSpace(text))));
        if (name is "wrong database password" or "disconnected" or "catching up") return;
        Assert.Equal([(code, forced)], Heavy(spoil(Clean(FailoverMode.Forced))).Where(f => f.Code != "HfDataLossConsentRequired").Select(f => (f.Code, f.Severity)));
    }

    [Theory]
    [InlineData("disconnected", "HfReplicationDisconnected HfFailbackNotInStep")]
    [InlineData("catching up", "HfReplicationCatchingUp HfFailbackNotInStep")]
    [InlineData("lag over the objective", "HfLagTooHigh HfFailbackNotInStep")]
    public void Judge_WayBackWithAReplicaOutOfStep_RefusesWhatOnlyWarnsOnTheWayThere(string name, string codes)
    {
        var seen = Spoiled[name].Spoil(Clean() with { Last = Back() });

        Assert.Equal(codes.Split(' ').Order(), Heavy(seen).Select(f => f.Code).Order());
        Assert.Equal(ReadinessSeverity.Refusal, Assert.Single(Heavy(seen), f => f.Code == "HfFailbackNotInStep").Severity);
        // The last failover went to this region: this is no way back.
        Assert.DoesNotContain(Heavy(seen with { Last = Back() with { From = "eastus", To = "westus" } }), f => f.Code == "HfFailbackNotInStep");
    }

    [Fact]
    public void Judge_WayBackWithEverythingRight_RefusesNothing()
    {
        Assert.Empty(Heavy(Clean() with { Last = Back(), Parity = See(Report(DriftSeverity.BreaksApplication)) }));
        Assert.Empty(Heavy(Clean() with { Last = Back(minutes: 0.1), Pair = Pair with { Failback = new() { CooldownSeconds = 5 } } }));
    }

    [Fact]
    public void Judge_CleanPair_RefusesAndWarnsOfNothingAndEndsWithItsSummary()
    {
        var found = ReadinessRules.Judge(Clean());

        Assert.All(found, f => Assert.Equal(ReadinessSeverity.Information, f.Severity));
        Assert.Equal("HfReadinessSummary", found[^1].Code);
        Assert.Contains("Planned failover from eastus to westus: ready. 0 refusals, 0 warnings", found[^1].Observed, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_Forced_TellsTheLossAndWhatItSkipped()
    {
        var found = ReadinessRules.Judge(Clean(FailoverMode.Forced));

        Assert.DoesNotContain(found, f => f.Severity == ReadinessSeverity.Refusal);
        Assert.Contains("Seconds behind: 2.5", Assert.Single(found, f => f.Code == "HfDataLossConsentRequired").Observed, StringComparison.Ordinal);
        Assert.Equal(4, found.Count(f => f is { Code: "HfSkipped", Severity: ReadinessSeverity.Skipped }));
    }

    [Fact]
    public void Judge_LocksThatTheRunMayTakeAway_AreStepsAndNotRefusals()
    {
        var resource = new ResourceLock("mine", "ReadOnly", Seen.Replica.ResourceId);
        var group = new ResourceLock("whole", "ReadOnly", "/subscriptions/s/resourceGroups/rg1");
        var seen = Clean() with
        {
            Failover = See(Seen.Healthy with { ReplicaLocks = [resource], PrimaryLocks = [group, new("keep", "CanNotDelete", Seen.Primary.ResourceId)] }),
            TrafficLocks = See<IReadOnlyList<ResourceLock>>([group]),
        };
        Assert.Equal(["HfPrimaryLocked", "HfReplicaLocked", "HfTrafficLocked"], Heavy(seen).Select(f => f.Code).Order(StringComparer.Ordinal));
        // The refusal says what makes a step of it.
        Assert.All(Heavy(seen), f => Assert.Contains("-Unlock", f.Remedy, StringComparison.Ordinal));

        var found = ReadinessRules.Judge(seen with { Unlock = true });

        Assert.DoesNotContain(found, f => f.Severity == ReadinessSeverity.Refusal);
        Assert.Equal([Seen.Replica.ResourceId, group.Scope], found.Where(f => f is { Code: "HfLockTakenAway", Severity: ReadinessSeverity.Information }).Select(f => f.Resource).Order(StringComparer.Ordinal));
        Assert.Contains("NOTHING in that whole resource group", Assert.Single(found, f => f is { Code: "HfLockWide", Severity: ReadinessSeverity.Warning }).Observed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Microsoft.Authorization/locks/read,Microsoft.Authorization/locks/write", false)]
    [InlineData("Microsoft.Authorization/locks/*", true)]
    public void Judge_MayNotTakeLocksAway_IsRefusedBeforeAnythingIsChanged(string granted, bool may)
    {
        var seen = Clean() with { Unlock = true, Permissions = [May("Unlock-HfResource", false, PermissionRules.Locks, granted.Split(','))] };

        if (may) Assert.Empty(Heavy(seen));
        else Assert.Contains("unlocker.json", Assert.Single(Heavy(seen), f => f is { Code: "HfPermissionMissing", Severity: ReadinessSeverity.Refusal }).Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret empty", "HfSecretEmpty")]
    [InlineData("certificate expired", "HfCertificateExpired")]
    public void Judge_ForcedAndNobodyIsThere_RefusesWhatWouldNotServe(string what, string code)
    {
        var seen = Spoiled[what].Spoil(Clean(FailoverMode.Forced));

        Assert.Equal(ReadinessSeverity.Warning, Assert.Single(ReadinessRules.Judge(seen), f => f.Code == code).Severity);
        Assert.Equal(ReadinessSeverity.Refusal, Assert.Single(ReadinessRules.Judge(seen, unattended: true), f => f.Code == code).Severity);
        Assert.DoesNotContain(ReadinessRules.Judge(Clean(FailoverMode.Forced), unattended: true), f => f.Severity == ReadinessSeverity.Refusal);
    }

    [Fact]
    public void Judge_ManyThingsWrong_TellsAllWorstFirst()
    {
        var seen = Spoiled["disk nearly full"].Spoil(Spoiled["secret empty"].Spoil(Spoiled["certificate expired"].Spoil(Spoiled["replica locked"].Spoil(Clean()))));

        var found = ReadinessRules.Judge(seen);

        Assert.Equal(["HfReplicaLocked", "HfCertificateExpired", "HfSecretEmpty", "HfStorageNearlyFull"], found.Where(f => f.Severity <= ReadinessSeverity.Warning).Select(f => f.Code));
        Assert.Equal(found.Select(f => f.Severity).Order(), found.Select(f => f.Severity));
        Assert.Contains("NOT READY. 3 refusals, 1 warnings", found[^1].Observed, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_PromotionUnderWay_RefusesNothingAnyMore()
    {
        var seen = Spoiled["certificate expired"].Spoil(Clean()) with { Failover = See(Seen.Healthy with { Recorded = Seen.Recorded(FailoverMode.Planned), Replica = Seen.Replica with { Role = DbRole.Primary }, ReplicaDatabase = Seen.ReplicaDatabase with { InRecovery = false } }) };

        var found = ReadinessRules.Judge(seen);

        Assert.Contains(found, f => f is { Code: "HfFailoverUnderWay", Severity: ReadinessSeverity.Information });
        Assert.Equal(["HfCertificateExpired"], found.Where(f => f.Severity == ReadinessSeverity.Warning).Select(f => f.Code));
        Assert.DoesNotContain(found, f => f.Severity == ReadinessSeverity.Refusal);
    }

    [Theory]
    [InlineData(30, 5, 3, 125)]
    [InlineData(10, 5, 2, 35)]
    [InlineData(10, 5, 0, 15)]
    [InlineData(null, null, null, 130)]
    public void DetectionSeconds_OfAMonitor_IsIntervalAndToleratedIntervalsAndTimeout(int? interval, int? timeout, int? tolerated, long seconds) =>
        Assert.Equal(seconds, TrafficRules.DetectionSeconds(Monitor with { IntervalInSeconds = interval, TimeoutInSeconds = timeout, ToleratedNumberOfFailures = tolerated }));

    [Theory]
    [InlineData("*", "Microsoft.Network/trafficManagerProfiles/write", true)]
    [InlineData("*/read", "Microsoft.Network/trafficManagerProfiles/read", true)]
    [InlineData("*/read", "Microsoft.Network/trafficManagerProfiles/write", false)]
    [InlineData("microsoft.network/*/WRITE", "Microsoft.Network/trafficManagerProfiles/externalEndpoints/write", true)]
    [InlineData("Microsoft.Network/trafficManagerProfiles/*", "Microsoft.Network/trafficManagerProfilesX/read", false)]
    [InlineData("Microsoft.Network/trafficManagerProfiles/write", "Microsoft.Network/trafficManagerProfiles/write", true)]
    [InlineData("Microsoft.Network/trafficManagerProfiles/write", "Microsoft.Network/trafficManagerProfiles/writer", false)]
    [InlineData("", "a", false)]
    public void Allows_Wildcard_MatchesAsAzureDoes(string pattern, string action, bool allowed) => Assert.Equal(allowed, new Grant([pattern], []).Allows(action));

    [Fact]
    public void Allows_NotActions_TakeAwayFromTheirOwnRoleOnly()
    {
        var contributor = new Grant(["*"], ["Microsoft.DBforPostgreSQL/flexibleServers/stop/*"]);

        Assert.False(contributor.Allows("Microsoft.DBforPostgreSQL/flexibleServers/stop/action"));
        Assert.True(contributor.Allows("Microsoft.DBforPostgreSQL/flexibleServers/write"));
        var seen = Clean() with { Permissions = [new("Complete-HfFence", "/s", PermissionRules.Fence, false, See<IReadOnlyList<Grant>>([contributor, new Grant(["Microsoft.DBforPostgreSQL/flexibleServers/stop/action"], [])]))] };
        Assert.Empty(Heavy(seen));
    }

    [Fact]
    public void Choose_SeveralServers_TakesTheReadyReplicaOfTheOtherRegion()
    {
        var group = new PairRegion { Location = "eastus", ResourceGroup = "rg", GatewayTarget = "x" };
        var stopped = Seen.Replica with { Name = "a", State = "Stopped" };
        var foreign = Seen.Replica with { Name = "b", SourceServerResourceId = "/subscriptions/s/resourceGroups/other/providers/Microsoft.DBforPostgreSQL/flexibleServers/z" };
        var primary = Seen.Primary with { Location = "westus" };

        Assert.Equal("r", ReadinessSurvey.Choose([primary, stopped, foreign, Seen.Replica], group, ofRun: false)!.Name);
        Assert.Null(ReadinessSurvey.Choose([primary], group, ofRun: false));
        Assert.Equal(primary, ReadinessSurvey.Choose([primary], group, ofRun: true));
    }

    private static ReadinessFinding[] Heavy(ReadinessObservation seen) => [.. ReadinessRules.Judge(seen).Where(f => f.Severity <= ReadinessSeverity.Warning)];
}
