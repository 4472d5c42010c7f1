using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;
using Highflame.Dr.Traffic;

namespace Highflame.Dr.Tests.Fakes;

/// <summary>One object of each kind, as the users' environment has them.</summary>
internal static partial class Samples
{
    public const string Subscription = "11111111-2222-3333-4444-555555555555";
    public const string PrimaryName = "highflame-prod-postgres";
    public const string ReplicaName = "highflame-prod-dr-postgres";
    public const string ProfileId = $"/subscriptions/{Subscription}/resourceGroups/highflame-prod-rg/providers/Microsoft.Network/trafficManagerProfiles/highflame-prod-global";
    public const string EndpointId = $"{ProfileId}/externalEndpoints/global-endpoint";

    public static readonly string PrimaryId = ServerId("highflame-prod-rg", PrimaryName);
    public static readonly string ReplicaId = ServerId("highflame-prod-dr-rg", ReplicaName);

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static DrContext Context => new()
    {
        Environment = "Sandbox",
        SubscriptionId = Subscription,
        SubscriptionName = "highflame-prod",
        TenantId = "tenant",
        Account = "app",
        Credential = DrCredentialKind.ClientSecret,
        ArmEndpoint = new Uri("https://127.0.0.1:1234"),
        DatabaseUser = "hfadmin",
        Resolvers = [new DnsServer("127.9.0.53", 5353)],
    };

    public static DbServer Primary => Server(PrimaryName, "highflame-prod-rg", "eastus", DbRole.Primary);

    public static DbServer Replica => Server(ReplicaName, "highflame-prod-dr-rg", "westus", DbRole.Replica) with { SourceServerResourceId = PrimaryId };

    public static TrafficEndpoint Endpoint => new()
    {
        Name = "global-endpoint",
        ResourceId = EndpointId,
        ProfileName = "highflame-prod-global",
        ProfileResourceId = ProfileId,
        Type = "ExternalEndpoints",
        Target = "127.9.1.1",
        Status = "Enabled",
        MonitorStatus = "Online",
        AlwaysServe = true,
        Priority = 1,
        Weight = 1,
    };

    public static TrafficProfile Profile => new()
    {
        Name = "highflame-prod-global",
        ResourceId = ProfileId,
        ResourceGroup = "highflame-prod-rg",
        Fqdn = "highflame-prod-global.trafficmanager.net",
        RoutingMethod = "Weighted",
        Ttl = 30,
        Status = "Enabled",
        MonitorStatus = "Online",
        Monitor = "HTTPS:443/ every 30 s, timeout 5 s, 3 tolerated",
        Endpoints = [Endpoint],
    };

    public static ReplicationStatus Replication => new()
    {
        Name = ReplicaName,
        ResourceId = ReplicaId,
        Location = "westus",
        Primary = PrimaryName,
        PrimaryResourceId = PrimaryId,
        State = "streaming",
        LagBytes = 4096,
        LagSeconds = 0.4,
        Source = LagSource.Database,
        MeasuredAt = Noon,
    };

    public static HealthVerdict Verdict => new()
    {
        Via = HealthPath.Gateway,
        Url = "https://127.9.1.1/healthz",
        Healthy = true,
        Region = "eastus",
        Server = PrimaryName,
        Role = DbRole.Primary,
        StatusCode = 200,
        FunctionIntact = true,
        Probes = [new HealthProbe { At = Noon, Url = "https://127.9.1.1/healthz", StatusCode = 200, Milliseconds = 2.5, Region = "eastus", Server = PrimaryName }],
    };

    public static TrafficRoute Route => new()
    {
        Name = "highflame-prod-global.trafficmanager.net",
        Resolver = "127.9.0.53:5353",
        Addresses = ["127.9.1.1"],
        Ttl = 30,
        Location = "eastus",
        Current = true,
        Milliseconds = 0.3,
    };

    public static StepResult Step => new()
    {
        Name = "PromoteReplica",
        Target = ReplicaId,
        Started = Noon,
        Finished = Noon.AddSeconds(0.2),
        Outcome = StepOutcome.Succeeded,
        Detail = "promoted",
    };

    public static DrRun Run => new()
    {
        Id = "run-1",
        Pair = "highflame-prod",
        From = "eastus",
        To = "westus",
        Mode = FailoverMode.Planned,
        Outcome = StepOutcome.Pending,
        FencingNumber = 7,
        Started = Noon,
        JournalPath = "/runs/run-1.jsonl",
        Before = new RunBefore { Active = "eastus", PrimaryResourceId = PrimaryId, ReplicaResourceId = ReplicaId, Ttl = 30 },
        Steps = [Step],
    };

    public static RunEvidence Evidence => new()
    {
        RunId = "run-1",
        Pair = "highflame-prod",
        From = "eastus",
        To = "westus",
        Mode = "Planned",
        Outcome = StepOutcome.Succeeded,
        Started = Noon,
        Finished = Noon.AddMinutes(1),
        Rto = new ObjectiveResult(900, 1.25),
        Rpo = new ObjectiveResult(60, 0),
        ZeroLossProven = true,
        ReportedLost = 0,
        Steps = [Step],
        Topology = new EvidenceTopology("westus", [new EvidenceServer(ReplicaName, "westus", "Primary")], new EvidenceEndpoint("global-endpoint", "127.9.2.1")),
        JournalPath = "/runs/run-1.jsonl",
        JournalHash = "abc123",
        Path = "/runs/run-1.evidence.json",
    };

    public static EvidenceCheck Check => new() { Path = "/runs/run-1.evidence.json", Kind = "Evidence", Intact = true, RunId = "run-1", ProvenLines = 12, LastHash = "abc123" };

    public static LostWrite Lost => new() { TransactionId = 1000, Rows = 2, Tables = ["highflame: public.entries"], Certain = true, OldPrimary = PrimaryName, OldPrimaryResourceId = PrimaryId, NewPrimaryResourceId = ReplicaId };

    public static Documentation.RegionDocument Document => new()
    {
        Name = "highflame-prod",
        State = PairState.Protected,
        Active = "eastus",
        Passive = "westus",
        SwitchSeconds = 90,
        Procedures = ["A. Planned failover to westus"],
        Unread = ["redis of highflame-prod-rg: no."],
        MarkdownPath = "/out/highflame-prod-regions.md",
        HtmlPath = "/out/highflame-prod-regions.html",
        ObservedAt = Noon,
    };

    public static LostWriteExport Salvage => new() { Path = "/out/lost.jsonl", OldPrimary = PrimaryName, NewPrimary = ReplicaName, Transactions = 2, WithRows = 1, Rows = 2, Tables = ["highflame: public.entries (2)"], Certain = true };

    public static WriterCheck Writer => new() { Name = PrimaryName, ResourceId = PrimaryId, Location = "eastus", AcceptsWrites = true, Observed = "it is a primary and takes writes" };

    public static ReadinessFinding Finding => new()
    {
        Code = "HfReplicaLocked",
        Severity = ReadinessSeverity.Refusal,
        Resource = ReplicaId,
        Observed = "Lock 'freeze' at /subscriptions/s is ReadOnly and forbids the promotion.",
        Required = "No ReadOnly lock.",
        Remedy = "Remove the lock 'freeze', then run this again.",
    };

    public static LockChange Lock => new()
    {
        Name = "freeze", LockId = ProfileId + "/providers/Microsoft.Authorization/locks/freeze", Level = "ReadOnly", Scope = ProfileId, Reach = LockReach.Resource, Notes = "Change freeze", State = LockState.Owed, Outcome = StepOutcome.Succeeded,
    };

    public static DbSettingChange Setting => new() { Kind = DbSettingKind.Parameter, Name = "work_mem", Server = ReplicaName, Before = "4096", After = "8192", Outcome = StepOutcome.Succeeded };

    public static VirtualEndpoint VirtualEndpoint => new()
    {
        Name = "highflame-prod",
        ResourceId = PrimaryId + "/virtualendpoints/highflame-prod",
        Server = PrimaryName,
        ServerResourceId = PrimaryId,
        Reader = ReplicaName,
        WriterHost = "highflame-prod.writer.postgres.database.azure.com",
        ReaderHost = "highflame-prod.reader.postgres.database.azure.com",
    };

    public static DbBinding Binding => new()
    {
        Name = "highflame-prod-postgres-2",
        ResourceId = ServerId("highflame-prod-rg", "highflame-prod-postgres-2"),
        Location = "eastus",
        Outcome = StepOutcome.Succeeded,
        Vault = "highflame-prod-db-kv",
        Written = ["host", "id", "privateip"],
    };

    public static CapacityChange Capacity => new()
    {
        Part = CapacityPart.Pool,
        Name = "general",
        ResourceId = $"/subscriptions/{Subscription}/resourceGroups/highflame-prod-dr-rg/providers/Microsoft.ContainerService/managedClusters/highflame-prod-dr-aks/agentPools/general",
        Location = "westus",
        Role = RegionRole.Active,
        Before = "1 node, autoscaled 1 to 3",
        After = "3 nodes, autoscaled 3 to 6",
        Outcome = StepOutcome.Succeeded,
    };

    public static RunStatus RunStatus => new()
    {
        Id = "run-1",
        Pair = "highflame-prod",
        From = "eastus",
        To = "westus",
        Mode = FailoverMode.Planned,
        Outcome = StepOutcome.Pending,
        Hold = RunHold.Held,
        Step = "PromoteReplica",
        Holder = "process 4711 on here (root)",
        HeldSince = Noon,
        FencingNumber = 3,
        Started = Noon,
        JournalPath = "/runs/run-1.jsonl",
    };

    public static DrOperation Operation(string id, StepOutcome outcome = StepOutcome.Pending) => new()
    {
        Id = id,
        Name = "Promote",
        Target = ReplicaId,
        OperationUrl = $"https://127.0.0.1:1234/operations/{id}?t=1&c=signed",
        Outcome = outcome,
        Status = outcome == StepOutcome.Pending ? "InProgress" : outcome.ToString(),
        Started = Noon,
    };

    public static RegionPair Pair(string name, string path) => new()
    {
        Name = name,
        Path = path,
        SubscriptionId = Subscription,
        Regions =
        [
            new PairRegion { Location = "eastus", ResourceGroup = "highflame-prod-rg", GatewayTarget = "127.9.1.1" },
            new PairRegion { Location = "westus", ResourceGroup = "highflame-prod-dr-rg", GatewayTarget = "127.9.2.1" },
        ],
        Traffic = new PairTraffic { ProfileId = ProfileId, EndpointName = "global-endpoint" },
        Health = new PairHealth { HostName = "control.example.com" },
        Objectives = new PairObjectives(),
    };

    public static RegionPairStatus Status(RegionPair pair) => new()
    {
        Name = pair.Name,
        Pair = pair,
        State = PairState.Protected,
        Active = "eastus",
        Passive = "westus",
        PrimaryServer = PrimaryName,
        PrimaryResourceId = PrimaryId,
        ReplicaServer = ReplicaName,
        ReplicaResourceId = ReplicaId,
        EndpointTarget = "127.9.1.1",
        Ttl = 30,
        Servers = [Primary, Replica],
        ObservedAt = Noon,
    };

    public static string ServerId(string group, string name) =>
        $"/subscriptions/{Subscription}/resourceGroups/{group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}";

    private static DbServer Server(string name, string group, string location, DbRole role) => new()
    {
        Name = name,
        ResourceId = ServerId(group, name),
        ResourceGroup = group,
        Location = location,
        Role = role,
        State = "Ready",
        HostName = $"{name}.postgres.database.azure.com",
        Version = "16",
        Sku = "Standard_D4ads_v5",
    };
}
