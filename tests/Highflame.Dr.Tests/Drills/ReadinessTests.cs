using System.Diagnostics;
using System.Text.Json.Nodes;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Two real regions, one thing seeded wrong at a time by Azure's own calls where there are such: the preflight finds exactly that, and nothing when it is put right.</summary>
public sealed class ReadinessTests(SharedRehearsal regions) : IClassFixture<SharedRehearsal>, IDisposable
{
    private const string Replica = "highflame-prod-dr-postgres";
    private const string Vault = "highflame-prod-dr-db-kv";

    /// <summary>What the users' environment is known for; the failover works all the same.</summary>
    private static readonly string[] s_warts = ["HfTrafficMonitorPath", "HfTrafficNeverFailsOver"];

    private readonly SandboxWire _azure = new(regions.Session.Sandbox.Path);

    private RehearsalSession Session => regions.Session;

    private string Group => $"{_azure.Subscription}/resourceGroups/highflame-prod-dr-rg";

    private string Server => $"{Group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{Replica}";

    private string Gateway => $"{Group}/providers/Microsoft.Network/applicationGateways/highflame-prod-dr-aks-appgw";

    private string VaultId => $"{Group}/providers/Microsoft.KeyVault/vaults/{Vault}";

    public void Dispose() => _azure.Dispose();

    [Theory]
    [InlineData("paused replay", "HfReplayPaused", ReadinessSeverity.Refusal, "pg_wal_replay_resume")]
    [InlineData("broken replica", "HfReplicationBroken", ReadinessSeverity.Refusal, "New-HfReadReplica")]
    [InlineData("ReadOnly lock", "HfReplicaLocked", ReadinessSeverity.Refusal, "-Unlock: it takes the lock 'freeze' away")]
    [InlineData("empty secret", "HfSecretEmpty", ReadinessSeverity.Refusal, Vault)]
    [InlineData("missing listener", "HfListenerMissing", ReadinessSeverity.Refusal, "ingress controller")]
    [InlineData("expired certificate", "HfCertificateExpired", ReadinessSeverity.Refusal, "Renew it")]
    [InlineData("wrong password", "HfSecretLoginFailed", ReadinessSeverity.Refusal, Vault)]
    [InlineData("missing permission", "HfPermissionMissing", ReadinessSeverity.Refusal, "Highflame.Dr Operator")]
    [InlineData("disabled key", "HfKeyDisabled", ReadinessSeverity.Refusal, "Enable the key")]
    [InlineData("lag over the objective", "HfLagTooHigh", ReadinessSeverity.Warning, "Get-HfReplication")]
    public async Task Readiness_EachSeededFault_IsFoundAlone(string fault, string code, ReadinessSeverity severity, string remedy)
    {
        AssertClean();
        var putRight = await SeedAsync(fault);
        try
        {
            var found = fault == "lag over the objective" ? Until(f => f.Any(x => x.Code == code)) : Found();

            Assert.Equal([.. s_warts.Append(code).Order(StringComparer.Ordinal)], Codes(found));
            var one = Assert.Single(found, f => f.Code == code);
            Assert.Equal(severity, one.Severity);
            Assert.Contains(remedy, one.Remedy, StringComparison.Ordinal);
            Assert.Equal(severity != ReadinessSeverity.Refusal, Session.Shell.Invoke("Test-HfReadiness -Pair $pair -To westus -Quiet", new { pair = Pair }).One<bool>());
        }
        finally
        {
            await putRight();
        }

        _pair = null;
        AssertClean(Until(f => Codes(f).SequenceEqual(s_warts)));
    }

    [Fact]
    public void Readiness_ForcedWithTheRegionLost_CallsNothingOfIt()
    {
        AssertClean();
        Session.Shell.Invoke("$null = Invoke-HfSandboxFault RegionLost -Region eastus -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
        try
        {
            var before = Session.Requests().Count;
            var clock = Stopwatch.StartNew();

            var found = Found("-Mode Forced");

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), $"It took {clock.Elapsed}.");
            Assert.DoesNotContain(found, f => f.Severity == ReadinessSeverity.Refusal);
            Assert.Contains(found, f => f is { Code: "HfSkipped", Severity: ReadinessSeverity.Skipped });
            Assert.Contains(found, f => f.Code == "HfDataLossConsentRequired" && f.Observed.Contains("Seconds behind", StringComparison.Ordinal));
            Assert.DoesNotContain(found, f => f.Code == "HfNotObserved");
            // The group of the lost region holds the Traffic Manager profile, which is global.
            Assert.All(
                Session.Requests().Skip(before).Where(r => r.Path.Contains("/highflame-prod-rg/", StringComparison.OrdinalIgnoreCase)),
                r => Assert.Matches("trafficManagerProfiles|/highflame-prod-rg/providers/Microsoft.Authorization/locks$", r.Path));
        }
        finally
        {
            Session.Shell.Invoke("$null = Invoke-HfSandboxFault RegionRestored -Region eastus -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
        }

        AssertClean(Until(f => Codes(f).SequenceEqual(s_warts)));
    }

    [Fact]
    public async Task Runbook_WithARefusal_TellsItEndsWithCode4AndChangesNothing()
    {
        var putRight = await SeedAsync("empty secret");
        try
        {
            var writes = Session.Writes();

            var result = Session.Shell.Invoke("& $runbook -PairPath $path -To westus -Confirm:$false -ErrorAction SilentlyContinue; $LASTEXITCODE", new { runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1"), path = Session.Pair.Path });

            Assert.Equal(4, Assert.Single(result.Output).BaseObject);
            Assert.Contains(result.Errors, e => e.FullyQualifiedErrorId.StartsWith("HfSecretEmpty", StringComparison.Ordinal) && e.ErrorDetails.RecommendedAction.Contains(Vault, StringComparison.Ordinal));
            Assert.Contains(result.Warnings, w => w.StartsWith("HfTrafficNeverFailsOver:", StringComparison.Ordinal));
            Assert.Equal(writes, Session.Writes());
            Assert.Null(Session.Status().UnfinishedRun);
        }
        finally
        {
            await putRight();
        }

        Until(f => Codes(f).SequenceEqual(s_warts));
    }

    [Fact]
    public async Task Watch_RegionLostWhileARunIsHeldAndThePreflightRefuses_AsksForNothingUntilBothAreGone()
    {
        var store = Directory.CreateTempSubdirectory("hfdr-watch-").FullName;
        var pair = Session.Pair with { RunStore = store, Watch = Session.Pair.Watch with { Automatic = WatchAutomatic.Failover, HoldOffSeconds = 4, CooldownSeconds = 0.001, IntervalSeconds = 0.3 } };
        WatchEvent[] Watch(int count) => Session.Shell.Invoke($"Watch-HfRegionPair -Pair $pair -Count {count}", new { pair }).EnsureNoErrors().As<WatchEvent>();
        Assert.All(Watch(2), f => Assert.Equal(WatchVerdict.Healthy, f.Verdict));
        var putRight = await SeedAsync("empty secret");
        Session.Shell.Invoke("$null = Invoke-HfSandboxFault RegionLost -Region eastus -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
        try
        {
            Session.Shell.Invoke("$null = Start-HfRun -Pair $pair -To westus -Mode Forced", new { pair });

            var held = new List<WatchEvent>();
            for (var limit = Stopwatch.StartNew(); limit.Elapsed < TimeSpan.FromSeconds(60) && held.LastOrDefault()?.Refusals.Length is not >= 2;) held.AddRange(Watch(2));

            Assert.Equal((WatchVerdict.Region, WatchPhase.Due), (held[^1].Verdict, held[^1].Phase));
            Assert.DoesNotContain(held, f => f.Action == WatchAction.Failover);
            Assert.Equal(["HfRunHeld", "HfSecretEmpty"], held[^1].Refusals.Select(r => r.Code).Order(StringComparer.Ordinal));
            Assert.Contains(held, f => f.Action == WatchAction.Alert && f.Alert!.Contains("forbidden", StringComparison.Ordinal));

            Session.Shell.Invoke("$null = Complete-HfRun -Outcome Failed");
            Assert.Contains(Watch(1)[0].Refusals, r => r.Code == "HfSecretEmpty");

            await putRight();
            Assert.Equal(WatchAction.Failover, Watch(1)[0].Action);
        }
        finally
        {
            await putRight();
            Session.Shell.Invoke("$null = Invoke-HfSandboxFault RegionRestored -Region eastus -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
            Directory.Delete(store, true);
        }

        AssertClean(Until(f => Codes(f).SequenceEqual(s_warts)));
    }

    private RegionPair? _pair;

    private RegionPair Pair => _pair ?? Session.Pair;

    private void AssertClean(ReadinessFinding[]? found = null)
    {
        found ??= Found();
        Assert.True(Codes(found).SequenceEqual(s_warts), string.Join("\n", found.Select(f => f.ToString())));
        Assert.Equal(("HfReadinessSummary", ReadinessSeverity.Information), (found[^1].Code, found[^1].Severity));
    }

    private ReadinessFinding[] Found(string more = "") => Session.Shell.Invoke($"Test-HfReadiness -Pair $pair -To westus {more}", new { pair = Pair }).EnsureNoErrors().As<ReadinessFinding>();

    // What a region needs to be itself again, and lag to come about, takes its time.
    private ReadinessFinding[] Until(Func<ReadinessFinding[], bool> isSo)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            var found = Found();
            if (isSo(found) || limit.Elapsed > TimeSpan.FromSeconds(40)) return found;
        }
    }

    private static string[] Codes(IEnumerable<ReadinessFinding> found) => [.. found.Where(f => f.Severity <= ReadinessSeverity.Warning).Select(f => f.Code).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Seeds a fault; the answer puts it right.</summary>
    private async Task<Func<Task>> SeedAsync(string fault)
    {
        switch (fault)
        {
            case "paused replay":
                return Switch($"ReplayPaused -Server {Replica}", $"ReplayResumed -Server {Replica}");
            case "broken replica":
                return Switch($"ReplicationBroken -Server {Replica}", $"ReplicationRepaired -Server {Replica}");
            case "expired certificate":
                return Switch("CertificateExpired -Region westus", "CertificateRenewed -Region westus");
            case "ReadOnly lock":
                var held = $"{Server}/providers/Microsoft.Authorization/locks/freeze?api-version=2020-05-01";
                await _azure.ArmAsync("PUT", held, new { properties = new { level = "ReadOnly" } });
                return () => _azure.ArmAsync("DELETE", held);
            case "empty secret" or "wrong password":
                var good = (string)(await _azure.VaultAsync("GET", VaultId, "secrets/password"))!["value"]!;
                await _azure.VaultAsync("PUT", VaultId, "secrets/password", new { value = fault == "empty secret" ? "" : "not-it" });
                return () => _azure.VaultAsync("PUT", VaultId, "secrets/password", new { value = good });
            case "disabled key":
                await _azure.VaultAsync("PATCH", VaultId, "keys/postgres", new { attributes = new { enabled = false } });
                return () => _azure.VaultAsync("PATCH", VaultId, "keys/postgres", new { attributes = new { enabled = true } });
            case "missing listener":
                return await TakeListenerAsync();
            case "missing permission":
                return await TakePermissionAsync();
            case "lag over the objective":
                return Lag();
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, null);
        }
    }

    private Func<Task> Switch(string on, string off)
    {
        void Put(string what) => Session.Shell.Invoke($"$null = Invoke-HfSandboxFault {what} -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
        Put(on);
        return () =>
        {
            Put(off);
            return Task.CompletedTask;
        };
    }

    // A gateway that the ingress controller never synchronised has its HTTP listener only.
    private async Task<Func<Task>> TakeListenerAsync()
    {
        var whole = (await _azure.ArmAsync("GET", $"{Gateway}?api-version=2024-05-01"))!;
        var bare = whole.DeepClone();
        Keep("httpListeners", i => (string)i["properties"]!["protocol"]! != "Https");
        Keep("requestRoutingRules", _ => false);
        await PutAsync(bare);
        return () => PutAsync(whole);

        void Keep(string list, Func<JsonNode, bool> kept) => bare["properties"]![list] = new JsonArray([.. bare["properties"]![list]!.AsArray().Where(i => kept(i!)).Select(i => i!.DeepClone())]);

        async Task PutAsync(JsonNode document)
        {
            await _azure.ArmAsync("PUT", $"{Gateway}?api-version=2024-05-01", document.ToJsonString());
            while ((string)(await _azure.ArmAsync("GET", $"{Gateway}?api-version=2024-05-01"))!["properties"]!["provisioningState"]! == "Updating") await Task.Delay(20);
        }
    }

    // The one who is tested owns the subscription; instead it gets the operator's role less one action.
    private async Task<Func<Task>> TakePermissionAsync()
    {
        const string Version = "?api-version=2022-04-01";
        var roles = $"{_azure.Subscription}/providers/Microsoft.Authorization/roleDefinitions";
        var assignments = $"{_azure.Subscription}/providers/Microsoft.Authorization/roleAssignments";
        var all = (await _azure.ArmAsync("GET", $"{roles}{Version}"))!["value"]!.AsArray();
        var role = all.Single(r => (string)r!["properties"]!["roleName"]! == "Highflame.Dr Operator")!;
        var less = role["properties"]!["permissions"]![0]!["actions"]!.AsArray().Select(a => (string)a!).Where(a => a != "Microsoft.Network/trafficManagerProfiles/externalEndpoints/write").ToArray();
        var mine = Guid.NewGuid();
        await _azure.ArmAsync("PUT", $"{roles}/{mine}{Version}", new { properties = new { roleName = "Nearly an operator", permissions = new[] { new { actions = less } }, assignableScopes = new[] { _azure.Subscription } } });

        var owner = (string)all.Single(r => (string)r!["properties"]!["roleName"]! == "Owner")!["id"]!;
        var tested = await _azure.ApplicationAsync();
        var owned = (await _azure.ArmAsync("GET", $"{assignments}{Version}"))!["value"]!.AsArray()
            .Single(a => (string)a!["properties"]!["principalId"]! == tested && (string)a["properties"]!["roleDefinitionId"]! == owner)!;
        var scopes = new[] { "highflame-prod-rg", "highflame-prod-dr-rg" }.Select(g => $"{_azure.Subscription}/resourceGroups/{g}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}{Version}").ToArray();
        foreach (var scope in scopes) await _azure.ArmAsync("PUT", scope, new { properties = new { roleDefinitionId = $"{roles}/{mine}", principalId = tested, principalType = "ServicePrincipal" } });
        await _azure.ArmAsync("DELETE", $"{owned["id"]}{Version}");
        return async () =>
        {
            await _azure.ArmAsync("PUT", $"{owned["id"]}{Version}", new { properties = new { roleDefinitionId = owner, principalId = tested, principalType = "ServicePrincipal" } });
            foreach (var scope in scopes) await _azure.ArmAsync("DELETE", scope);
            await _azure.ArmAsync("DELETE", $"{roles}/{mine}{Version}");
        };
    }

    // Clients write, and the link between the regions holds everything up for three seconds; the objective is one.
    private Func<Task> Lag()
    {
        _pair = Session.Pair with { Objectives = Session.Pair.Objectives with { RpoSeconds = 1 } };
        Session.Shell.Invoke("$null = Start-HfSandboxLoad -Sandbox $path; $null = Invoke-HfSandboxFault Link -LatencyMilliseconds 3000 -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
        return () =>
        {
            Session.Shell.Invoke("$null = Invoke-HfSandboxFault Link -Sandbox $path; $null = Stop-HfSandboxLoad -Sandbox $path", new { path = Session.Sandbox.Path }).EnsureNoErrors();
            return Task.CompletedTask;
        };
    }
}
