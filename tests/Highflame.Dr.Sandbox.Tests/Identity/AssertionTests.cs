using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Identity;
using Highflame.Dr.Sandbox.Tests.Arm;

namespace Highflame.Dr.Sandbox.Tests.Identity;

/// <summary>An application proves itself with its certificate or with the token of an issuer that it trusts; a user with a device code or in the browser.</summary>
public sealed class AssertionTests : IAsyncLifetime
{
    private const string Arm = "https://management.azure.com/.default";
    private RunningSandbox _arm = null!;

    private SandboxIdentity Identity => _arm.Sandbox.Identity;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public async Task DisposeAsync() => await _arm.DisposeAsync();

    [Theory]
    [InlineData("RS256", "x5t", false)]
    [InlineData("PS256", "x5t#S256", false)]
    [InlineData("PS256", "x5t#S256", true)]
    public async Task Certificate_Registered_GivesATokenThatArmTakes(string algorithm, string thumbprint, bool timesAsText)
    {
        var answer = await ApplicationAsync(Signed(_arm.Sandbox.Credentials.Certificate, algorithm, thumbprint, timesAsText: timesAsText));
        Assert.Equal(200, answer.Status);
        Assert.Equal(200, (await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", answer.Body.Text("access_token"))).Status);
    }

    [Fact]
    public async Task Certificate_Other_IsNotRegistered()
    {
        using var key = RSA.Create(2048);
        using var other = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(_arm.Time.GetUtcNow().AddDays(-1), _arm.Time.GetUtcNow().AddDays(1));
        AssertRefused(700027, await ApplicationAsync(Signed(other, "PS256", "x5t#S256")));
        // The right thumbprint does not help another key.
        AssertRefused(700027, await ApplicationAsync(Signed(other, "PS256", "x5t#S256", named: _arm.Sandbox.Credentials.Certificate)));
    }

    [Fact]
    public async Task Certificate_WrongClaims_AreRefused()
    {
        var certificate = _arm.Sandbox.Credentials.Certificate;
        AssertRefused(700023, await ApplicationAsync(Signed(certificate, "PS256", "x5t#S256", audience: "https://elsewhere.example/token")));
        AssertRefused(700024, await ApplicationAsync(Signed(certificate, "PS256", "x5t#S256", age: TimeSpan.FromHours(1))));
        AssertRefused(700021, await ApplicationAsync(Signed(certificate, "PS256", "x5t#S256", subject: Guid.NewGuid().ToString())));
        AssertRefused(50027, await ApplicationAsync("not.a.token"));
    }

    [Fact]
    public async Task FederatedToken_OfTheTrustedIssuer_GivesATokenThatArmTakes()
    {
        var answer = await ApplicationAsync(_arm.Sandbox.Credentials.FederatedToken());
        Assert.Equal(200, answer.Status);
        Assert.Equal(200, (await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", answer.Body.Text("access_token"))).Status);
        var metadata = JsonNode.Parse(await _arm.Http.GetStringAsync(new Uri($"{_arm.Sandbox.Authority.OriginalString}/oidc/.well-known/openid-configuration")));
        Assert.Equal($"{_arm.Sandbox.Authority.OriginalString}/oidc", metadata.Text("issuer"));
        Assert.Contains(_arm.Sandbox.Credentials.FederatedKeyId, await _arm.Http.GetStringAsync(new Uri(metadata.Text("jwks_uri")!)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FederatedToken_OfAnotherSubjectAudienceOrTime_IsRefused()
    {
        var credentials = _arm.Sandbox.Credentials;
        AssertRefused(700213, await ApplicationAsync(credentials.FederatedToken(subject: "system:serviceaccount:other:pod")));
        AssertRefused(700212, await ApplicationAsync(credentials.FederatedToken(audience: "https://kubernetes.default.svc")));
        AssertRefused(700024, await ApplicationAsync(credentials.FederatedToken(lifetime: TimeSpan.FromHours(-1))));
        var good = credentials.FederatedToken().Split('.');
        AssertRefused(50013, await ApplicationAsync($"{good[0]}.{good[1]}.{Base64Url.EncodeToString(new byte[64])}"));
    }

    [Fact]
    public async Task DeviceCode_IsPendingUntilTheUserApproves()
    {
        var client = Guid.NewGuid().ToString();
        var device = await FormAsync("organizations/oauth2/v2.0/devicecode", ("client_id", client), ("scope", $"{Arm} offline_access"));
        Task<Answer> PollAsync() => FormAsync($"{Identity.TenantId}/oauth2/v2.0/token", ("grant_type", "device_code"), ("client_id", client), ("device_code", device.Body.Text("device_code")!));

        Assert.Equal("authorization_pending", (await PollAsync()).Body.Text("error"));
        Assert.Equal("slow_down", (await PollAsync()).Body.Text("error"));
        Assert.Equal(200, await DecideAsync(device, "approve"));
        Assert.Equal(400, await DecideAsync(device, "approve"));
        var answer = await PollAsync();
        Assert.Equal(200, answer.Status);
        Assert.Equal(Identity.UserName, Claims(answer.Body.Text("access_token")!).Text("upn"));
        Assert.Equal(Identity.UserName, Claims(answer.Body.Text("id_token")!).Text("preferred_username"));
        Assert.Equal(200, (await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", answer.Body.Text("access_token"))).Status);
        Assert.Equal("bad_verification_code", (await PollAsync()).Body.Text("error"));

        var renewed = await FormAsync($"{Identity.TenantId}/oauth2/v2.0/token", ("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", answer.Body.Text("refresh_token")!));
        Assert.Equal(200, renewed.Status);
        Assert.Equal("invalid_grant", (await FormAsync($"{Identity.TenantId}/oauth2/v2.0/token", ("grant_type", "refresh_token"), ("client_id", Guid.NewGuid().ToString()), ("refresh_token", answer.Body.Text("refresh_token")!))).Body.Text("error"));
    }

    [Theory]
    [InlineData(true, "authorization_declined")]
    [InlineData(false, "expired_token")]
    public async Task DeviceCode_DeclinedOrTooLate_EndsThePolling(bool decline, string error)
    {
        var client = Guid.NewGuid().ToString();
        var device = await FormAsync($"{Identity.TenantId}/oauth2/v2.0/devicecode", ("client_id", client), ("scope", Arm));
        if (decline) Assert.Equal(200, await DecideAsync(device, "decline"));
        else _arm.Time.Advance(TimeSpan.FromMinutes(16));
        var poll = await FormAsync($"{Identity.TenantId}/oauth2/v2.0/token", ("grant_type", "device_code"), ("client_id", client), ("device_code", device.Body.Text("device_code")!));
        Assert.Equal(error, poll.Body.Text("error"));
    }

    [Fact]
    public async Task AuthorizationCode_NeedsItsVerifierAndIsGoodOnce()
    {
        var (client, verifier) = (Guid.NewGuid().ToString(), "a-verifier-of-at-least-forty-three-characters-long");
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        async Task<string> CodeAsync()
        {
            var query = $"client_id={client}&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A8400&scope={Uri.EscapeDataString(Arm)}&state=s1&code_challenge={challenge}&code_challenge_method=S256";
            using var response = await _arm.Http.GetAsync(new Uri($"{_arm.Sandbox.Authority.OriginalString}/{Identity.TenantId}/oauth2/v2.0/authorize?{query}"));
            var answer = System.Web.HttpUtility.ParseQueryString(response.Headers.Location!.Query);
            Assert.Equal("s1", answer["state"]);
            return answer["code"]!;
        }

        Task<Answer> RedeemAsync(string code, string proof) => FormAsync(
            $"{Identity.TenantId}/oauth2/v2.0/token", ("grant_type", "authorization_code"), ("client_id", client), ("code", code), ("redirect_uri", "http://localhost:8400"), ("code_verifier", proof));
        var code = await CodeAsync();
        Assert.Equal(200, (await RedeemAsync(code, verifier)).Status);
        Assert.Equal("invalid_grant", (await RedeemAsync(code, verifier)).Body.Text("error"));
        Assert.Equal("invalid_grant", (await RedeemAsync(await CodeAsync(), "another-verifier")).Body.Text("error"));
        using var elsewhere = await _arm.Http.GetAsync(new Uri($"{_arm.Sandbox.Authority.OriginalString}/{Identity.TenantId}/oauth2/v2.0/authorize?client_id={client}&response_type=code&redirect_uri=https%3A%2F%2Fevil.example&code_challenge=x&code_challenge_method=S256"));
        Assert.Equal(400, (int)elsewhere.StatusCode);
    }

    [Fact]
    public async Task CloudMetadata_WithoutAToken_SaysWhereToSignIn()
    {
        using var response = await _arm.Http.GetAsync(new Uri($"{_arm.Sandbox.Arm.OriginalString}/metadata/endpoints?api-version=2022-09-01"));
        var cloud = JsonNode.Parse(await response.Content.ReadAsStringAsync())![0];
        Assert.Equal(_arm.Sandbox.Authority.OriginalString, cloud.Text("authentication.loginEndpoint"));
    }

    private string Signed(X509Certificate2 certificate, string algorithm, string thumbprint, X509Certificate2? named = null, string? audience = null, TimeSpan age = default, string? subject = null, bool timesAsText = false)
    {
        var now = (_arm.Time.GetUtcNow() - age).ToUnixTimeSeconds();
        JsonNode Time(long at) => timesAsText ? $"{at}" : at;
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT", [thumbprint] = Base64Url.EncodeToString((named ?? certificate).GetCertHash(thumbprint == "x5t" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256)) };
        var payload = new JsonObject
        {
            ["aud"] = audience ?? $"{_arm.Sandbox.Authority.OriginalString}/{Identity.TenantId}/oauth2/v2.0/token",
            ["iss"] = Identity.ClientId,
            ["sub"] = subject ?? Identity.ClientId,
            ["jti"] = Guid.NewGuid().ToString(),
            ["nbf"] = Time(now),
            ["exp"] = Time(now + 600),
        };
        var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload.ToJsonString()))}";
        using var key = certificate.GetRSAPrivateKey()!;
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1))}";
    }

    private Task<Answer> ApplicationAsync(string assertion) => FormAsync(
        $"{Identity.TenantId}/oauth2/v2.0/token",
        ("grant_type", "client_credentials"),
        ("client_id", Identity.ClientId),
        ("scope", Arm),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion));

    private async Task<int> DecideAsync(Answer device, string decision)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["user_code"] = device.Body.Text("user_code")!, ["decision"] = decision });
        using var response = await _arm.Http.PostAsync(new Uri(device.Body.Text("verification_uri")!), form);
        return (int)response.StatusCode;
    }

    private async Task<Answer> FormAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var response = await _arm.Http.PostAsync(new Uri($"{_arm.Sandbox.Authority.OriginalString}/{path}"), form);
        return new Answer((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()), response.Headers);
    }

    private static JsonNode Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;

    private static void AssertRefused(int code, Answer answer)
    {
        Assert.Equal((401, "invalid_client"), (answer.Status, answer.Body.Text("error")));
        Assert.StartsWith($"AADSTS{code}: ", answer.Body.Text("error_description"), StringComparison.Ordinal);
    }
}
