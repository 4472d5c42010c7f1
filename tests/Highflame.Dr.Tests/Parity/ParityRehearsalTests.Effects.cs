using System.Text.Json.Nodes;
using Highflame.Dr.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Parity;

/// <summary>What Sync-HfSecret and Set-HfTag really write, templates against live regions, and the facts of the users' environment, each by its number.</summary>
public sealed partial class ParityRehearsalTests
{
    private const string SecondVault = "highflame-prod-dr-db-kv";

    [Fact]
    public async Task SyncHfSecret_MissingAndEmpty_AreReallyWrittenInTheRegionsOwnNamesAndNeverShown()
    {
        var (first, second) = (await VaultUriAsync("highflame-prod-db-kv", Azure.First), await VaultUriAsync(SecondVault));
        string[] names = ["dbname", "username", "password", "privateip"];
        var before = await Task.WhenAll(names.Select(n => SecretAsync(second, n)));
        await Azure.VaultAsync(HttpMethod.Put, first, "secrets/api-key", new() { ["value"] = "only-the-first-region-has-it", ["contentType"] = "text/plain" });
        Shell.Invoke("$null = Invoke-HfSandboxFault SecretsEmpty -Region westus").EnsureNoErrors();
        try
        {
            Assert.Equal("", await SecretAsync(second, "password"));

            var result = Shell.Invoke("Test-HfParity -Pair $pair -Verbose | Sync-HfSecret -Confirm:$false -Verbose", new { pair = rehearsal.PairPath }).EnsureNoErrors();

            var copied = result.As<SecretSync>();
            Assert.Equal(["api-key missing", "dbname EMPTY", "password EMPTY", "privateip EMPTY", "username EMPTY"], copied.Select(c => $"{c.Name} {c.Before}").Order(StringComparer.Ordinal));
            Assert.All(copied, c => Assert.Equal((StepOutcome.Succeeded, SecondVault), (c.Outcome, c.ToVault)));
            // As they were: the region's own address, and the same login as the replica's primary has.
            Assert.Equal(before, await Task.WhenAll(names.Select(n => SecretAsync(second, n))));
            Assert.NotEqual(await SecretAsync(first, "privateip"), await SecretAsync(second, "privateip"));
            Assert.Equal("only-the-first-region-has-it", await SecretAsync(second, "api-key"));
            Assert.Equal("text/plain", (string?)(await Azure.VaultAsync(HttpMethod.Get, second, "secrets/api-key"))["contentType"]);
            var shown = string.Join('\n', result.Lines.Concat(result.Verbose).Concat(result.Warnings).Concat(copied.Select(c => System.Text.Json.JsonSerializer.Serialize(c))));
            foreach (var value in new[] { "only-the-first-region-has-it", await SecretAsync(second, "password") }) Assert.DoesNotContain(value, shown, StringComparison.Ordinal);
            Assert.Empty(Live("-Pair $pair"));
            Assert.Empty(Shell.Invoke("Sync-HfSecret -Pair $pair -From eastus -Confirm:$false", new { pair = rehearsal.PairPath }).EnsureNoErrors().Output);
        }
        finally
        {
            Shell.Invoke("$null = Invoke-HfSandboxFault SecretsRestored -Region westus").EnsureNoErrors();
            foreach (var vault in new[] { first, second }) await Azure.VaultAsync(HttpMethod.Delete, vault, "secrets/api-key");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("get list")]
    public async Task SyncHfSecret_VaultWithoutPermission_IsItsOwnErrorAndWritesNothing(string permissions)
    {
        var (second, id) = (await VaultUriAsync(SecondVault), $"{Azure.Second}/providers/Microsoft.KeyVault/vaults/{SecondVault}");
        var original = await Azure.GetAsync(id, VaultVersion);
        string[] names = ["dbname", "username", "password", "privateip"], left;
        Shell.Invoke("$null = Invoke-HfSandboxFault SecretsEmpty -Region westus").EnsureNoErrors();
        try
        {
            var closed = (JsonObject)original.DeepClone();
            closed["properties"]!["enableRbacAuthorization"] = false;
            closed["properties"]!["accessPolicies"] = permissions.Length == 0 ? new JsonArray() : new JsonArray(new JsonObject
            {
                ["tenantId"] = (string)closed["properties"]!["tenantId"]!,
                ["objectId"] = await Azure.PrincipalAsync(),
                ["permissions"] = new JsonObject { ["secrets"] = new JsonArray([.. permissions.Split(' ').Select(p => (JsonNode)p)]) },
            });
            await Azure.PutAsync(id, VaultVersion, closed);

            var result = Shell.Invoke("Sync-HfSecret -Pair $pair -From eastus -Confirm:$false", new { pair = rehearsal.PairPath });

            if (permissions.Length > 0)
            {
                // Readable and not writable: each secret fails by itself.
                Assert.Equal(4, result.As<SecretSync>().Length);
                Assert.All(result.As<SecretSync>(), s => Assert.Equal(StepOutcome.Failed, s.Outcome));
                Assert.Equal(["HfSecretNotCopied"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]).Distinct());
                Assert.All(result.Errors, e => Assert.Contains("HfVaultForbidden", e.Exception.Message, StringComparison.Ordinal));
            }
            else
            {
                Assert.Equal(["HfVaultForbidden"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
                Assert.Empty(result.Output);
                // Nor does a comparison call equal what it could not read.
                var unread = Live("-Pair $pair");
                Assert.Contains(unread, d => d is { Kind: DriftKind.Unread, Property: "secrets", DifferenceValue: "HfVaultForbidden" });
                Assert.DoesNotContain(unread, d => d.Property.StartsWith("secrets[", StringComparison.Ordinal));
            }
        }
        finally
        {
            await Azure.PutAsync(id, VaultVersion, original);
            left = await Task.WhenAll(names.Select(n => SecretAsync(second, n)));
            Shell.Invoke("$null = Invoke-HfSandboxFault SecretsRestored -Region westus").EnsureNoErrors();
        }

        Assert.All(left, value => Assert.Equal("", value));
    }

    [Fact]
    public async Task SetHfTag_ResourcesWithTags_GetTheirsMergedAndKeepTheRest()
    {
        var id = $"{Azure.Second}/providers/Microsoft.Cache/redis/highflame-prod-dr-redis";
        var before = await Azure.GetAsync(id, "2024-11-01");
        TagChange[] Tag(string tier) => Shell.Invoke("Set-HfTag -Pair $pair -Tag @{ 'dr-owner' = 'platform'; 'dr-tier' = $tier } -Confirm:$false", new { pair = rehearsal.PairPath, tier }).EnsureNoErrors().As<TagChange>();
        var changed = Tag("2");
        try
        {
            Assert.All(changed, c => Assert.Equal((StepOutcome.Succeeded, 3), (c.Outcome, c.Added.Count)));
            var after = await Azure.GetAsync(id, "2024-11-01");
            Assert.Equal("Environment=prod, ManagedBy=Terraform, Project=highflame, dr-owner=platform, dr-pair=clean, dr-tier=2", Words(after));
            Assert.True(JsonNode.DeepEquals(before["properties"], after["properties"]));

            // What is there already is no change; what is another says what it was.
            Assert.Empty(Tag("2"));
            var again = Tag("1");
            Assert.Equal(changed.Length, again.Length);
            Assert.All(again, c => Assert.Equal(("1", "2", 0), (c.Changed["dr-tier"], c.Before["dr-tier"], c.Added.Count)));
            // The regions stay equal.
            Assert.Empty(Live("-Pair $pair"));

            // What others own is refused, before anything is written.
            var writes = rehearsal.Session.Writes();
            Assert.Equal("HfTagInvalid", Assert.Single(Shell.Invoke("Set-HfTag -Pair $pair -Tag @{ ManagedBy = 'me'; more = 'x' } -Confirm:$false", new { pair = rehearsal.PairPath }).Errors).FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(writes, rehearsal.Session.Writes());
        }
        finally
        {
            var gone = new JsonObject { ["dr-owner"] = "platform", ["dr-pair"] = "clean", ["dr-tier"] = "1" };
            foreach (var change in changed)
                await Azure.ArmAsync(HttpMethod.Patch, $"{change.ResourceId}/providers/Microsoft.Resources/tags/default", "2022-09-01", new() { ["operation"] = "Delete", ["properties"] = new JsonObject { ["tags"] = gone.DeepClone() } });
        }

        Assert.Equal(Words(before), Words(await Azure.GetAsync(id, "2024-11-01")));

        static string Words(JsonObject document) => string.Join(", ", ((JsonObject)document["tags"]!).Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TestHfParity_Template_ShowsWhatIsNotAsItSaysLiveAndOnFile()
    {
        // The users' Terraform is not this template: no identity of the gateway, Log Analytics, HTTP left to the ingress controller; the replica is open by construction.
        string[] expected =
        [
            "BlocksFailover Missing (resource)", "BlocksFailover Different routes[Http control.example.com 80]", "BreaksApplication Different addons[omsagent].enabled",
            "BreaksApplication Different publicNetworkAccess", "BreaksApplication Different identity.assigned", "BreaksApplication Different identity.type",
        ];
        var live = Live("-Pair $pair -Reference Template -Difference westus").Where(d => d.Property != "version").ToArray();
        Assert.Equal(expected.Order(StringComparer.Ordinal), live.Select(d => $"{d.Severity} {d.Kind} {d.Property}").Order(StringComparer.Ordinal));
        Assert.All(live, d => Assert.Equal(("westus", "westus"), (d.ReferenceLocation, d.DifferenceLocation)));
        Assert.DoesNotContain(Live("-Pair $pair -Reference Template -Difference eastus"), d => d.Property == "publicNetworkAccess");

        // The snapshot and the shipped file, without asking Azure anything.
        var requests = rehearsal.Session.Requests().Count;
        var file = Shell.Invoke("Test-HfParity -Pair $pair -Reference $template -Difference $east", new { pair = rehearsal.PairPath, template = Path.Combine(BuiltModule.Directory, "Templates", "region.json"), east = rehearsal.Reference }).EnsureNoErrors();
        Assert.Equal(expected.Where(e => !e.EndsWith("publicNetworkAccess", StringComparison.Ordinal)).Order(StringComparer.Ordinal), file.As<ParityDrift>().Where(d => d.Property != "version").Select(d => $"{d.Severity} {d.Kind} {d.Property}").Order(StringComparer.Ordinal));
        Assert.Equal(requests, rehearsal.Session.Requests().Count);
        Assert.Equal("HfSameSide", Assert.Single(Shell.Invoke("Test-HfParity -Pair $pair -Reference Template -Difference Template", new { pair = rehearsal.PairPath }).Errors).FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public async Task UsersEnvironment_EachOfItsFactsThatApplies_IsFound()
    {
        var drifts = Live("-Pair highflame-prod");
        var readiness = Shell.Invoke("Test-HfReadiness westus -Pair highflame-prod").EnsureNoErrors().As<ReadinessFinding>();
        var support = Shell.Invoke("Test-HfRegionSupport -Pair highflame-prod -FromLocation eastus").EnsureNoErrors().As<RegionSupport>();
        Shell.Invoke("$null = Invoke-HfSandboxFault SecretsEmpty -Region westus").EnsureNoErrors();
        var empty = Live("-Pair highflame-prod").Where(d => d.ReferenceValue == "set" && d.DifferenceValue == "EMPTY").ToArray();
        Shell.Invoke("$null = Invoke-HfSandboxFault SecretsRestored -Region westus").EnsureNoErrors();
        ParityDrift[] unsynchronised;
        await using (await SeedAsync(SeededDrifts.All.First(d => d.Properties.Any(p => p.StartsWith("listeners[Https", StringComparison.Ordinal))))) unsynchronised = Live("-Pair highflame-prod");
        var snapshot = File.ReadAllText(rehearsal.Reference);
        bool Drift(string property, DriftKind kind) => drifts.Any(d => d.Property == property && d.Kind == kind);
        bool Says(string code) => readiness.Any(f => f.Code == code);

        // By the numbers of "What that means for disaster recovery". The eleventh, Terraform's state, is wrong only after a failover.
        (string Fact, bool Found)[] facts =
        [
            ("1 one endpoint: never fails over by itself", Drift("endpoints", DriftKind.Unfit) && Says("HfTrafficNeverFailsOver")),
            ("1 the endpoint is always served", Drift("endpoint[global-endpoint].alwaysServe", DriftKind.Unfit)),
            ("2 the monitor path is /", Drift("monitor.path", DriftKind.Unfit) && Says("HfTrafficMonitorPath")),
            ("3 a passive gateway that was never synchronised has no HTTPS listener", unsynchronised.Any(d => d.Severity == DriftSeverity.BlocksFailover && d.Property.StartsWith("listeners[Https", StringComparison.Ordinal))),
            ("4 the replica's database secrets are empty", empty.Length == 4 && empty.All(d => d.Severity == DriftSeverity.BlocksFailover)),
            ("5 the replica is open by construction", Drift("publicNetworkAccess", DriftKind.Different)),
            ("6 CanNotDelete locks keep the name and let a promotion pass", readiness.Any(f => f is { Code: "HfDeleteLocked", Severity: ReadinessSeverity.Information }) && snapshot.Contains("locks[CanNotDelete]", StringComparison.Ordinal)),
            ("7 key and identity are each region's own, and compared", snapshot.Contains("\"encryption.key\": \"@Microsoft.KeyVault/vaults/{P}", StringComparison.Ordinal) && snapshot.Contains("encryption.identity", StringComparison.Ordinal) && !drifts.Any(d => d.Property.StartsWith("encryption", StringComparison.Ordinal))),
            ("8 Redis is cold after a failover", Drift("persistence", DriftKind.Unfit)),
            ("9 the cluster's tier is Free", Drift("sku.tier", DriftKind.Unfit)),
            ("9 who may talk to the cluster's API is compared", snapshot.Contains("apiServer.authorizedIpRanges", StringComparison.Ordinal)),
            ("9 capacity and quota for the real size", support.Any(s => s is { Location: "westus", Service: "Quota" }) && support.Any(s => s is { Location: "westus", Service: "Compute" })),
            ("10 identical address ranges: equal in shape, and they overlap", Drift("addressSpace", DriftKind.Overlap) && !drifts.Any(d => d.Property == "addressSpace.shape")),
        ];
        Assert.Equal(13, facts.Length);
        Assert.Empty(facts.Where(f => !f.Found).Select(f => f.Fact));
    }

    private async Task<string> SecretAsync(string vault, string name) => (string)(await Azure.VaultAsync(HttpMethod.Get, vault, $"secrets/{name}"))["value"]!;

    private async Task<string> VaultUriAsync(string name, string group) => (string)(await Azure.GetAsync($"{group}/providers/Microsoft.KeyVault/vaults/{name}", VaultVersion))["properties"]!["vaultUri"]!;
}
