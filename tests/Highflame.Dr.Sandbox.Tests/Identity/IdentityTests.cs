using System.Buffers.Text;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Tests.Arm;

namespace Highflame.Dr.Sandbox.Tests.Identity;

/// <summary>The token endpoint and both forms of the managed identity.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    private RunningSandbox _arm = null!;

    public async Task InitializeAsync() => _arm = await RunningSandbox.StartAsync();

    public Task DisposeAsync() => _arm.DisposeAsync().AsTask();

    [Fact]
    public async Task Token_OfTheServicePrincipal_HasTheClaims()
    {
        var parts = (await _arm.TokenAsync()).Split('.');
        Assert.Equal("ES256", JsonNode.Parse(Base64Url.DecodeFromChars(parts[0])).Text("alg"));
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]));
        var identity = _arm.Sandbox.Identity;
        Assert.Equal(("https://management.azure.com/", identity.ClientId, identity.ObjectId, identity.TenantId), (claims.Text("aud"), claims.Text("appid"), claims.Text("oid"), claims.Text("tid")));
        Assert.Equal(_arm.Time.GetUtcNow().ToUnixTimeSeconds() + 3599, claims.Whole("exp"));
    }

    [Theory]
    [InlineData("client_secret", "wrong", 401, "invalid_client", 7000215)]
    [InlineData("client_secret", "", 401, "invalid_client", 7000218)]
    [InlineData("client_id", "00000000-0000-0000-0000-000000000000", 400, "unauthorized_client", 700016)]
    [InlineData("grant_type", "password", 400, "unsupported_grant_type", 70003)]
    [InlineData("grant_type", "", 400, "invalid_request", 900144)]
    [InlineData("scope", "https://management.azure.com/user", 400, "invalid_scope", 1002012)]
    [InlineData("scope", "https://other.example.com/.default", 400, "invalid_resource", 500011)]
    public async Task Token_BadRequest_IsRefusedAsEntraDoes(string field, string value, int status, string error, int code)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = _arm.Sandbox.Identity.ClientId,
            ["client_secret"] = _arm.Sandbox.Identity.ClientSecret,
            ["scope"] = "https://management.azure.com/.default",
            [field] = value,
        };
        using var content = new FormUrlEncodedContent(form);
        using var response = await _arm.Http.PostAsync(Authority($"{_arm.Sandbox.Identity.TenantId}/oauth2/v2.0/token"), content);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((status, error, code), ((int)response.StatusCode, body.Text("error"), (int)body!["error_codes"]![0]!));
        Assert.DoesNotContain(_arm.Sandbox.Identity.ClientSecret, body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_UnknownTenant_IsRefused()
    {
        using var content = new FormUrlEncodedContent([]);
        using var response = await _arm.Http.PostAsync(Authority("00000000-0000-0000-0000-000000000000/oauth2/v2.0/token"), content);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("AADSTS90002", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_OpenIdAndDiscovery_PointHere()
    {
        var tenant = _arm.Sandbox.Identity.TenantId;
        var metadata = JsonNode.Parse(await _arm.Http.GetStringAsync(Authority($"{tenant}/v2.0/.well-known/openid-configuration")));
        Assert.Equal(Authority($"{tenant}/oauth2/v2.0/token").ToString(), metadata.Text("token_endpoint"));
        var keys = JsonNode.Parse(await _arm.Http.GetStringAsync(new Uri(metadata.Text("jwks_uri")!)));
        Assert.Equal("P-256", keys!["keys"]![0].Text("crv"));
        var discovery = JsonNode.Parse(await _arm.Http.GetStringAsync(Authority("common/discovery/instance?api-version=1.1&authorization_endpoint=https://x/y")));
        Assert.Equal(_arm.Sandbox.Authority.Authority, discovery!["metadata"]![0]!["aliases"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task ManagedIdentity_AutomationForm_GivesATokenThatArmTakes()
    {
        var answer = await ManagedAsync("/MSI/token?api-version=2019-08-01&resource=https://management.azure.com/", ("X-IDENTITY-HEADER", _arm.Sandbox.Identity.ManagedIdentityHeader));
        Assert.Equal(200, answer.Status);
        Assert.Equal(_arm.Sandbox.Identity.ManagedIdentityClientId, answer.Body.Text("client_id"));
        Assert.Equal(200, (await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", answer.Body.Text("access_token"))).Status);
    }

    [Fact]
    public async Task ManagedIdentity_ImdsForm_GivesATokenThatArmTakes()
    {
        var answer = await ManagedAsync("/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/", ("Metadata", "true"));
        Assert.Equal((200, "3599"), (answer.Status, answer.Body.Text("expires_in")));
        Assert.Equal(200, (await _arm.SendAsync("GET", "/subscriptions", null, "2022-12-01", answer.Body.Text("access_token"))).Status);
    }

    [Theory]
    [InlineData("/MSI/token?api-version=2019-08-01&resource=x", "X-IDENTITY-HEADER", "wrong", 401)]
    [InlineData("/MSI/token?api-version=2019-08-01&resource=x", "Metadata", "true", 401)]
    [InlineData("/MSI/token?api-version=2000-01-01&resource=x", "X-IDENTITY-HEADER", "{header}", 400)]
    [InlineData("/MSI/token?api-version=2019-08-01", "X-IDENTITY-HEADER", "{header}", 400)]
    [InlineData("/MSI/token?api-version=2019-08-01&resource=x&client_id=other", "X-IDENTITY-HEADER", "{header}", 400)]
    [InlineData("/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x", "Accept", "*/*", 400)]
    [InlineData("/metadata/identity/oauth2/token?resource=x", "Metadata", "true", 400)]
    public async Task ManagedIdentity_BadRequest_IsRefused(string path, string header, string value, int status)
    {
        var answer = await ManagedAsync(path, (header, value.Replace("{header}", _arm.Sandbox.Identity.ManagedIdentityHeader, StringComparison.Ordinal)));
        Assert.Equal(status, answer.Status);
        Assert.Null(answer.Body.At("access_token"));
    }

    [Fact]
    public async Task Certificates_ClientWithoutTheCa_CannotConnect()
    {
        using var client = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(_arm.Sandbox.Arm));
    }

    [Fact]
    public void Certificates_PrivateKeyFile_IsReadableByTheOwnerOnly()
    {
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_arm.Sandbox.Layout.ServerKeyPath));
        SandboxFile.Write(_arm.Sandbox);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_arm.Sandbox.Layout.SandboxFile));
    }

    private Uri Authority(string path) => new($"{_arm.Sandbox.Authority.OriginalString}/{path}");

    private async Task<Answer> ManagedAsync(string path, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _arm.Sandbox.ManagedIdentity.OriginalString + path);
        request.Headers.Add(header.Name, header.Value);
        using var response = await _arm.Http.SendAsync(request);
        return new Answer((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync()), response.Headers);
    }
}
