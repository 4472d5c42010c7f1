using System.Text.Json.Nodes;
using Highflame.Dr.Parity;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Parity;

/// <summary>A sandbox, a pair file that declares what the users know of their environment, and region 1 on file.</summary>
public sealed class ParityRehearsal : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-parity-").FullName;

    public ParityRehearsal()
    {
        Session = new();
        Azure = new SandboxAzure(Session.Sandbox.Path);
        var pair = JsonNode.Parse(File.ReadAllText(Session.Pair.Path))!;
        pair["name"] = "clean";
        pair["runStore"] = Path.Combine(_folder, "runs");
        pair["differences"] = new JsonArray(
            Declared("Microsoft.DBforPostgreSQL/flexibleServers", "publicNetworkAccess", "The replica's module leaves the setting out."),
            Declared("Microsoft.Cache/redis", "persistence", "The cache is cold after a failover: the database carries it."),
            Declared("Microsoft.ContainerService/managedClusters", "sku.tier", "Free is accepted."),
            Declared("Microsoft.Network/trafficManagerProfiles", "endpoint*", "The failover is changing the one endpoint's target."),
            Declared("Microsoft.Network/trafficManagerProfiles", "monitor.path", "The real path is probed by Test-HfHealth."),
            Declared("Microsoft.Network/virtualNetworks", "addressSpace", "The guide asks for equal ranges; the networks stay apart."));
        PairPath = Path.Combine(_folder, "clean.json");
        File.WriteAllText(PairPath, pair.ToJsonString());
        Reference = Path.Combine(_folder, "eastus.json");
        Session.Shell.Invoke("Export-HfRegionSnapshot eastus $path -Pair $pair", new { path = Reference, pair = PairPath }).EnsureNoErrors();
    }

    public RehearsalSession Session { get; }

    internal SandboxAzure Azure { get; }

    /// <summary>Pair file with every fact declared.</summary>
    public string PairPath { get; }

    /// <summary>Snapshot of region 1.</summary>
    public string Reference { get; }

    public string Folder => _folder;

    public void Dispose()
    {
        Azure.Dispose();
        Session.Dispose();
        Directory.Delete(_folder, true);
    }

    private static JsonObject Declared(string type, string property, string reason) => new() { ["type"] = type, ["property"] = property, ["reason"] = reason };
}

/// <summary>Parity, secrets and tags on the users' own environment, live in a sandbox.</summary>
public sealed partial class ParityRehearsalTests(ParityRehearsal rehearsal) : IClassFixture<ParityRehearsal>
{
    private const string VaultVersion = "2026-02-01";

    private HostedShell Shell => rehearsal.Session.Shell;

    private SandboxAzure Azure => rehearsal.Azure;

    [Fact]
    public void TestHfParity_UsersEnvironment_FindsTheFactsThatApply()
    {
        var before = rehearsal.Session.Requests().Count;
        var drifts = Live("-Pair highflame-prod");
        var reads = rehearsal.Session.Requests().Skip(before).ToList();

        string[] expected =
        [
            "BreaksApplication Different publicNetworkAccess: Disabled <> Enabled",
            "Cosmetic Overlap addressSpace: 10.51.0.0/16 <> 10.51.0.0/16",
            "Cosmetic Unfit endpoint[global-endpoint].alwaysServe: Enabled <> ",
            "Cosmetic Unfit endpoints: 1 <> ",
            "Cosmetic Unfit monitor.path: / <> ",
            "Cosmetic Unfit persistence: false <> false",
            "Cosmetic Unfit sku.tier: Free <> Free",
        ];
        Assert.Equal(expected, drifts.Select(d => $"{d.Severity} {d.Kind} {d.Property}: {d.ReferenceValue} <> {d.DifferenceValue}").Order(StringComparer.Ordinal));
        Assert.All(drifts, d => Assert.True(d.Why.Length > 20 && d.Remedy.Length > 10 && !d.Why.Contains('{', StringComparison.Ordinal) && !d.Remedy.Contains('{', StringComparison.Ordinal), $"{d.Property}: {d.Why} {d.Remedy}"));
        Assert.All(reads, r => Assert.Equal("GET", r.Method));
        Assert.InRange(reads.Count, 20, 60);
    }

    [Fact]
    public void TestHfParity_EverythingDeclared_IsCleanAndSaysWhatIsDeclared()
    {
        Assert.True(Shell.Invoke("Test-HfParity -Pair $pair -Quiet", new { pair = rehearsal.PairPath }).One<bool>());

        var declared = Shell.Invoke("Test-HfParity -Pair $pair -IncludeDeclared", new { pair = rehearsal.PairPath }).EnsureNoErrors().As<ParityDrift>();
        Assert.Equal(7, declared.Length);
        Assert.All(declared, d => Assert.NotNull(d.Declared));
    }

    [Fact]
    public async Task TestHfParity_SeededDrifts_AreEachFoundWithTheirSeverityAndNoOther()
    {
        var drifts = SeededDrifts.All.ToList();
        var port = (int)JsonNode.Parse(File.ReadAllText(rehearsal.Session.Sandbox.Path))!["gatewayPort"]!;
        var problems = new List<string>();
        Assert.Empty(Judge());
        foreach (var drift in drifts)
        {
            await using var seeded = await SeedAsync(drift);
            var found = Judge();
            var expected = drift.Properties.Select(p => p.Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)).Order(StringComparer.Ordinal);
            if (!found.Select(f => f.Property).Order(StringComparer.Ordinal).SequenceEqual(expected) || found.Any(f => f.Severity != drift.Severity || f.Why.Length == 0 || f.Remedy.Length == 0))
                problems.Add($"{drift} ({drift.Severity}): {string.Join("; ", found.Select(f => $"{f.Severity} {f.Property}: {f.ReferenceValue} <> {f.DifferenceValue}"))}");
        }

        foreach (var harmless in SeededDrifts.Harmless)
        {
            await using var seeded = await SeedAsync(harmless);
            problems.AddRange(Judge().Select(f => $"harmless {harmless.Name}: {f.Property}: {f.ReferenceValue} <> {f.DifferenceValue}"));
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.True(drifts.Count >= 40, $"{drifts.Count} drifts");
        Assert.Empty(Judge());
    }

    [Fact]
    public async Task TestHfParity_DriftsOutsideDocuments_AreFound()
    {
        var server = $"{Azure.Second}/providers/Microsoft.DBforPostgreSQL/flexibleServers/highflame-prod-dr-postgres";
        var vault = await VaultUriAsync("highflame-prod-dr-db-kv");

        await SetParameterAsync(server, "work_mem", "8192");
        Found(DriftSeverity.BreaksApplication, "parameters[work_mem]");
        await SetParameterAsync(server, "work_mem", "4096");

        // The server's own document, and the group's.
        static JsonObject Grow(string word) => new() { ["properties"] = new JsonObject { ["storage"] = new JsonObject { ["autoGrow"] = word } } };
        await Azure.PutAsync(server, "2025-08-01", Grow("Disabled"), HttpMethod.Patch);
        Found(DriftSeverity.BlocksFailover, "autoGrow");
        await Azure.PutAsync(server, "2025-08-01", Grow("Enabled"), HttpMethod.Patch);
        var group = (JsonObject)(await Azure.GetAsync(Azure.Second, "2022-09-01"))["tags"]!.DeepClone();
        var changed = (JsonObject)group.DeepClone();
        changed["Environment"] = "dev";
        await Azure.ArmAsync(HttpMethod.Patch, Azure.Second, "2022-09-01", new() { ["tags"] = changed });
        Found(DriftSeverity.Cosmetic, "tags[Environment]");
        await Azure.ArmAsync(HttpMethod.Patch, Azure.Second, "2022-09-01", new() { ["tags"] = group });

        var locks = $"{server}/providers/Microsoft.Authorization/locks/postgres-lock";
        await Azure.DeleteAsync(locks, "2020-05-01");
        Found(DriftSeverity.BreaksApplication, "locks[CanNotDelete]");
        await Azure.ArmAsync(HttpMethod.Put, locks, "2020-05-01", new() { ["properties"] = new JsonObject { ["level"] = "CanNotDelete" } });

        var assignments = await Azure.GetAsync($"{Azure.Second}/providers/Microsoft.Authorization/roleAssignments", "2022-04-01");
        var role = (JsonObject)assignments["value"]!.AsArray().First(a => ((string)a!["properties"]!["scope"]!).EndsWith("highflame-prod-dr-db-kv", StringComparison.Ordinal))!;
        await Azure.DeleteAsync((string)role["id"]!, "2022-04-01");
        Found(DriftSeverity.BreaksApplication, "roles[Key Vault Secrets User @Microsoft.KeyVault/vaults/highflame-prod-db-kv]");
        await Azure.ArmAsync(HttpMethod.Put, (string)role["id"]!, "2022-04-01", new() { ["properties"] = new JsonObject { ["roleDefinitionId"] = (string)role["properties"]!["roleDefinitionId"]!, ["principalId"] = (string)role["properties"]!["principalId"]!, ["principalType"] = "ServicePrincipal" } });

        // A secret that the other region has not, one of another value, one that is expired, a certificate that is disabled.
        await Azure.VaultAsync(HttpMethod.Delete, vault, "secrets/engine");
        Found(DriftSeverity.BlocksFailover, "secrets[engine]");
        await Azure.VaultAsync(HttpMethod.Post, vault, "deletedsecrets/engine/recover");
        await Azure.VaultAsync(HttpMethod.Patch, vault, "secrets/engine", new() { ["attributes"] = new JsonObject { ["exp"] = 1700000000 } });
        Found(DriftSeverity.BlocksFailover, "secrets[engine].state");
        await Azure.VaultAsync(HttpMethod.Patch, vault, "secrets/engine", new() { ["attributes"] = new JsonObject { ["exp"] = 4100000000 } });
        await Azure.VaultAsync(HttpMethod.Put, vault, "secrets/password", new() { ["value"] = "not-the-same-at-all" });
        var drift = Assert.Single(Live("-Pair $pair"));
        Assert.Equal((DriftSeverity.BreaksApplication, "secrets[password].value", "(a value)", "(another value)"), (drift.Severity, drift.Property, drift.ReferenceValue, drift.DifferenceValue));
        Shell.Invoke("$null = Invoke-HfSandboxFault SecretsRestored -Region westus").EnsureNoErrors();
        // Not even a value that names the other region's database is equal.
        await Azure.VaultAsync(HttpMethod.Put, vault, "secrets/host", new() { ["value"] = "highflame-prod-postgres.privatelink.postgres.database.azure.com" });
        Assert.Equal(["secrets[host].value"], Live("-Pair $pair").Select(d => d.Property));
        Shell.Invoke("$null = Invoke-HfSandboxFault SecretsRestored -Region westus").EnsureNoErrors();

        var ssl = (await Azure.GetAsync($"{Azure.Second}/providers/Microsoft.KeyVault/vaults", VaultVersion))["value"]!.AsArray().Select(v => (string)v!["name"]!).First(n => n.StartsWith("jn-prod-ssl", StringComparison.Ordinal));
        var tls = await VaultUriAsync(ssl);
        await Azure.VaultAsync(HttpMethod.Patch, tls, "certificates/highflame-tls", new() { ["attributes"] = new JsonObject { ["enabled"] = false } });
        Found(DriftSeverity.BlocksFailover, "certificates[highflame-tls].state");
        await Azure.VaultAsync(HttpMethod.Patch, tls, "certificates/highflame-tls", new() { ["attributes"] = new JsonObject { ["enabled"] = true } });
        Assert.Empty(Live("-Pair $pair"));
    }

    private async Task SetParameterAsync(string server, string name, string value)
    {
        var id = $"{server}/configurations/{name}";
        await Azure.ArmAsync(HttpMethod.Put, id, "2025-08-01", new() { ["properties"] = new JsonObject { ["value"] = value, ["source"] = "user-override" } });
        for (var i = 0; i < 500; i++)
        {
            var seen = await Azure.GetAsync(id, "2025-08-01");
            if ((string?)seen["properties"]!["value"] == value && (string?)(await Azure.GetAsync(server, "2025-08-01"))["properties"]!["state"] == "Ready") return;
            await Task.Delay(20);
        }

        Assert.Fail($"{name} did not become {value}.");
    }

    private void Found(DriftSeverity severity, params string[] properties)
    {
        var found = Judge();
        Assert.Equal(properties, found.Select(f => f.Property));
        Assert.All(found, f => Assert.Equal(severity, f.Severity));
    }

    /// <summary>Region 2 as it is now against region 1 on file: half the calls.</summary>
    private ParityDrift[] Judge() =>
        Shell.Invoke("Test-HfParity -Pair $pair -Reference $reference -Difference westus -WarningAction Ignore", new { pair = rehearsal.PairPath, reference = rehearsal.Reference }).EnsureNoErrors().As<ParityDrift>();

    private ParityDrift[] Live(string arguments) => Shell.Invoke($"Test-HfParity {arguments}", new { pair = rehearsal.PairPath }).EnsureNoErrors().As<ParityDrift>();

    private async Task<string> VaultUriAsync(string name) => (string)(await Azure.GetAsync($"{Azure.Second}/providers/Microsoft.KeyVault/vaults/{name}", VaultVersion))["properties"]!["vaultUri"]!;

    private async Task<Seeded> SeedAsync(SeededDrift drift)
    {
        var id = Azure.Second + drift.Path;
        var original = await Azure.GetAsync(id, drift.Version);
        if (drift.Change is null) await Azure.DeleteAsync(id, drift.Version);
        else
        {
            var changed = (JsonObject)original.DeepClone();
            drift.Change(changed);
            await Azure.PutAsync(id, drift.Version, changed);
        }

        return new(Azure, id, drift.Version, original);
    }

    private sealed record Seeded(SandboxAzure Azure, string Id, string Version, JsonObject Original) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Azure.PutAsync(Id, Version, Original);
    }
}
