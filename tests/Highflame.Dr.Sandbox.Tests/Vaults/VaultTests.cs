using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Tests.Arm;

namespace Highflame.Dr.Sandbox.Tests.Vaults;

/// <summary>Key Vault's data plane: challenge, roles, secrets and their versions, soft deletion.</summary>
public sealed class VaultTests : IAsyncLifetime
{
    private const string East = "highflame-prod-db-kv";
    private const string West = "highflame-prod-dr-db-kv";
    private RunningSandbox _arm = null!;
    private string? _token;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public async Task DisposeAsync() => await _arm.DisposeAsync();

    [Fact]
    public async Task Request_WithoutToken_IsChallengedForTheVaultsResource()
    {
        var answer = await SendAsync("GET", "secrets/password", token: "");
        Assert.Equal((401, "Unauthorized"), (answer.Status, answer.Code));
        Assert.Equal(
            $"Bearer authorization=\"{_arm.Sandbox.Authority.OriginalString}/{_arm.Sandbox.Identity.TenantId}\", resource=\"https://vault.azure.net\"", answer.Header("WWW-Authenticate"));
        // What Microsoft's clients verify before they send a token.
        Assert.EndsWith(".vault.azure.net", _arm.Sandbox.Vaults.UriOf(East).Host, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithArmToken_IsRefused()
    {
        var answer = await SendAsync("GET", "secrets/password", token: await _arm.TokenAsync());
        Assert.Equal(401, answer.Status);
        Assert.StartsWith("AKV10022", answer.Body.Text("error.message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seed_BothRegions_HoldWhatAPodNeeds()
    {
        foreach (var (vault, server) in new[] { (East, "highflame-prod-postgres"), (West, "highflame-prod-dr-postgres") })
        {
            Assert.Equal($"{server}.privatelink.postgres.database.azure.com", (await SendAsync("GET", "secrets/host", vault: vault)).Body.Text("value"));
            Assert.Equal("highflame", (await SendAsync("GET", "secrets/username", vault: vault)).Body.Text("value"));
            Assert.Equal(_arm.Fleet.AddressOf(server), (await SendAsync("GET", "secrets/privateip", vault: vault)).Body.Text("value"));
            var names = (await SendAsync("GET", "secrets", vault: vault)).Body!["value"]!.AsArray().Select(s => s.Text("id")!.Split('/')[^1]);
            Assert.Equal(["dbname", "engine", "host", "id", "password", "port", "privateip", "username"], names);
        }
    }

    [Fact]
    public async Task Vault_UriFromArm_IsTheOneThatAnswersAndResolves()
    {
        var vault = await _arm.GetAsync(VaultId(East), "2026-02-01");
        Assert.Equal(_arm.Sandbox.Vaults.UriOf(East).ToString(), vault.Body.Text("properties.vaultUri"));
        Assert.True(_arm.Traffic.Names.ContainsKey($"{East}.vault.azure.net"));
    }

    [Fact]
    public async Task Vault_MadeAndDeletedInArm_AnswersOnlyInBetween()
    {
        Assert.Equal(404, (await SendAsync("GET", "secrets", vault: "made-here")).Status);
        var body = $$$"""{"location":"westus","properties":{"tenantId":"{{{_arm.Sandbox.Identity.TenantId}}}","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true}}""";
        var made = await _arm.SendAsync("PUT", VaultId("made-here"), body, "2026-02-01");
        Assert.Equal(201, made.Status);
        Assert.Equal(_arm.Sandbox.Vaults.UriOf("made-here").ToString(), made.Body.Text("properties.vaultUri"));
        Assert.Equal(200, (await SendAsync("PUT", "secrets/one", """{"value":"1"}""", "made-here")).Status);
        await _arm.SendAsync("DELETE", VaultId("made-here"), null, "2026-02-01");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await SendAsync("GET", "secrets", vault: "made-here")).Status != 404) limit.Token.ThrowIfCancellationRequested();
        Assert.False(_arm.Traffic.Names.ContainsKey("made-here.vault.azure.net"));
    }

    [Fact]
    public async Task Secret_SetTwice_HasTwoVersionsAndTheLastIsCurrent()
    {
        var first = await SendAsync("PUT", "secrets/rotated", """{"value":"one","contentType":"text/plain","tags":{"owner":"dr"},"attributes":{"enabled":true,"nbf":1700000000,"exp":1900000000}}""");
        var second = await SendAsync("PUT", "secrets/rotated", """{"value":""}""");
        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.Equal(("one", "text/plain", "dr", 1900000000L), (first.Body.Text("value"), first.Body.Text("contentType"), first.Body.Text("tags.owner"), first.Body.Whole("attributes.exp")));
        Assert.Equal("CustomizedRecoverable", first.Body.Text("attributes.recoveryLevel"));
        Assert.Equal("", (await SendAsync("GET", "secrets/rotated")).Body.Text("value"));
        Assert.Equal("one", (await SendAsync("GET", $"secrets/rotated/{first.Body.Text("id")!.Split('/')[^1]}")).Body.Text("value"));
        var versions = (await SendAsync("GET", "secrets/rotated/versions")).Body!["value"]!.AsArray();
        Assert.Equal(2, versions.Count);
        Assert.All(versions, v => Assert.Null(v.At("value")));
    }

    [Fact]
    public async Task Secret_Disabled_IsNotGivenOut()
    {
        var changed = await SendAsync("PATCH", "secrets/password", """{"attributes":{"enabled":false}}""");
        Assert.Equal(200, changed.Status);
        Assert.Null(changed.Body.At("value"));
        var refused = await SendAsync("GET", "secrets/password");
        Assert.Equal((403, "Forbidden", "SecretDisabled"), (refused.Status, refused.Code, refused.Body.Text("error.innererror.code")));
        await SendAsync("PATCH", "secrets/password", """{"attributes":{"enabled":true,"exp":1}}""");
        // Key Vault tells an expiry and does not enforce it.
        Assert.Equal((200, 1L), ((await SendAsync("GET", "secrets/password")).Status, (await SendAsync("GET", "secrets/password")).Body.Whole("attributes.exp")));
    }

    [Fact]
    public async Task List_MoreThanAPage_FollowsItsLinks()
    {
        for (var n = 0; n < 30; n++) await SendAsync("PUT", $"secrets/many-{n:00}", """{"value":"x"}""");
        var seen = new List<string>();
        for (var link = "secrets?maxresults=20"; link is not null;)
        {
            var page = await SendAsync("GET", link);
            seen.AddRange(page.Body!["value"]!.AsArray().Select(s => s.Text("id")!));
            link = page.Body.Text("nextLink");
        }

        Assert.Equal(38, seen.Count);
        Assert.Equal(38, seen.Distinct().Count());
    }

    [Fact]
    public async Task Secret_Deleted_KeepsItsNameUntilItIsRecovered()
    {
        var deleted = await SendAsync("DELETE", "secrets/password");
        Assert.Equal(200, deleted.Status);
        Assert.Equal(7 * 86400, deleted.Body.Whole("scheduledPurgeDate") - deleted.Body.Whole("deletedDate"));
        Assert.Equal("SecretNotFound", (await SendAsync("GET", "secrets/password")).Code);
        Assert.Equal((409, "ObjectIsDeletedButRecoverable"), ((await SendAsync("PUT", "secrets/password", """{"value":"x"}""")).Status, (await SendAsync("PUT", "secrets/password", """{"value":"x"}""")).Body.Text("error.innererror.code")));
        Assert.Equal(200, (await SendAsync("GET", "deletedsecrets/password")).Status);
        Assert.Equal(403, (await SendAsync("DELETE", "deletedsecrets/password")).Status);
        Assert.Equal(200, (await SendAsync("POST", "deletedsecrets/password/recover")).Status);
        Assert.Equal(200, (await SendAsync("GET", "secrets/password")).Status);
        await SendAsync("DELETE", "secrets/password");
        _arm.Time.Advance(TimeSpan.FromDays(8));
        _token = null;
        Assert.Equal(404, (await SendAsync("GET", "deletedsecrets/password")).Status);
    }

    [Theory]
    [InlineData("GET", "secrets/nonesuch", null, 404, "SecretNotFound")]
    [InlineData("GET", "secrets/password/0123", null, 404, "SecretNotFound")]
    [InlineData("PUT", "secrets/bad_name", """{"value":"x"}""", 400, "BadParameter")]
    [InlineData("PUT", "secrets/none", "{}", 400, "BadParameter")]
    [InlineData("PUT", "secrets/none", "not json", 400, "BadParameter")]
    [InlineData("PUT", "secrets/none", """{"value":"x","attributes":{"nbf":2,"exp":1}}""", 400, "BadParameter")]
    [InlineData("GET", "secrets?maxresults=26", null, 400, "BadParameter")]
    [InlineData("GET", "secrets?api-version=1.0", null, 400, "BadParameter")]
    [InlineData("GET", "storage", null, 404, "NotFound")]
    public async Task Request_Wrong_IsRefusedInKeyVaultsShape(string method, string path, string? body, int status, string code)
    {
        var answer = await SendAsync(method, path, body);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task ApplicationIdentity_ReadsItsOwnRegionsSecretsAndNothingElse()
    {
        var client = _arm.Sandbox.Identity.Applications[0].ClientId;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_arm.Sandbox.ManagedIdentity.OriginalString}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net&client_id={client}");
        request.Headers.Add("Metadata", "true");
        using var response = await _arm.Http.SendAsync(request);
        var token = JsonNode.Parse(await response.Content.ReadAsStringAsync()).Text("access_token")!;
        Assert.Equal(200, (await SendAsync("GET", "secrets/password", token: token)).Status);
        var other = await SendAsync("GET", "secrets/password", vault: West, token: token);
        Assert.Equal((403, "ForbiddenByRbac"), (other.Status, other.Body.Text("error.innererror.code")));
        Assert.Equal(403, (await SendAsync("PUT", "secrets/password", """{"value":"x"}""", token: token)).Status);
    }

    [Fact]
    public async Task AccessPolicies_VaultWithoutRbac_Decide()
    {
        var policy = $$$"""[{"tenantId":"{{{_arm.Sandbox.Identity.TenantId}}}","objectId":"{{{_arm.Sandbox.Identity.ObjectId}}}","permissions":{"secrets":["get"]}}]""";
        await _arm.SendAsync("PUT", VaultId("by-policy"), $$$"""{"location":"westus","properties":{"tenantId":"{{{_arm.Sandbox.Identity.TenantId}}}","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":false,"accessPolicies":{{{policy}}}}}""", "2026-02-01");
        Assert.Equal(404, (await SendAsync("GET", "secrets/x", vault: "by-policy")).Status);
        var refused = await SendAsync("PUT", "secrets/x", """{"value":"x"}""", "by-policy");
        Assert.Equal((403, "AccessDenied"), (refused.Status, refused.Body.Text("error.innererror.code")));
    }

    [Fact]
    public async Task RegionLost_ItsVaults_DoNotAnswer()
    {
        Assert.Equal(200, (await _arm.ControlAsync("POST", "/faults", """{"fault":"RegionLost","region":"eastus"}""")).Status);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => SendAsync("GET", "secrets/host"));
        Assert.Equal(200, (await SendAsync("GET", "secrets/host", vault: West)).Status);
    }

    [Fact]
    public async Task SecretsFault_EmptiesWhatTerraformLeavesEmptyAndRestartsTheApplication()
    {
        await _arm.ControlAsync("POST", "/faults", """{"fault":"SecretsEmpty","region":"westus"}""");
        Assert.Equal("", (await SendAsync("GET", "secrets/password", vault: West)).Body.Text("value"));
        Assert.NotEqual("", (await SendAsync("GET", "secrets/host", vault: West)).Body.Text("value"));
        Assert.NotEqual("", (await SendAsync("GET", "secrets/password")).Body.Text("value"));
        await _arm.ControlAsync("POST", "/faults", """{"fault":"SecretsRestored","region":"westus"}""");
        Assert.NotEqual("", (await SendAsync("GET", "secrets/password", vault: West)).Body.Text("value"));
        Assert.Equal(["westus", "westus"], _arm.Regions.Restarts);
    }

    private string VaultId(string name) => $"{_arm.Subscription}/resourceGroups/{(name == East ? "highflame-prod-rg" : "highflame-prod-dr-rg")}/providers/Microsoft.KeyVault/vaults/{name}";

    /// <param name="path">Below the vault, or a whole link as the vault gave it.</param>
    /// <param name="token">Null takes a good one, empty sends none.</param>
    private async Task<Answer> SendAsync(string method, string path, string? body = null, string vault = East, string? token = null)
    {
        _token ??= await _arm.TokenAsync("https://vault.azure.net/.default");
        var uri = _arm.Sandbox.Vaults.UriOf(vault);
        if (path.StartsWith("https", StringComparison.Ordinal)) path = new Uri(path).PathAndQuery.TrimStart('/');
        if (!path.Contains("api-version", StringComparison.Ordinal)) path += $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}api-version=7.6";
        // The loopback address with the vault's name as Host and SNI: as the sandbox's DNS would lead a client.
        using var request = new HttpRequestMessage(new HttpMethod(method), $"https://127.0.0.1:{uri.Port}/{path}");
        request.Headers.Host = uri.Authority;
        if (token is not "") request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? _token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _arm.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response.Headers);
    }
}
