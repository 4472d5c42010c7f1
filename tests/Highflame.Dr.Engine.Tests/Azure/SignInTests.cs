using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Tests.Support;

namespace Highflame.Dr.Engine.Tests.Azure;

public sealed class SignInTests
{
    private static Task<AzureConnection> OpenAsync(DrConnectionOptions options) =>
        new SignIn(TimeProvider.System, (_, _) => throw new NotSupportedException(), (_, _, _, _) => throw new NotSupportedException()).OpenAsync(options, new RecordingObserver(), CancellationToken.None);

    [Theory]
    [InlineData("https://management.azure.com/")]
    [InlineData("https://management.azure.com")]
    public void ScopeOf_Audience_HasOneSlash(string audience) => Assert.Equal("https://management.azure.com/.default", ArmPipeline.ScopeOf(audience));

    [Fact]
    public async Task OpenAsync_NoHttps_IsRefusedBeforeAnySecretIsSent()
    {
        var failure = await Assert.ThrowsAsync<DrException>(() => OpenAsync(new() { ArmEndpoint = new Uri("http://127.0.0.1:1/") }));
        Assert.Equal("HfEndpointInvalid", failure.ErrorId);
    }

    [Fact]
    public async Task OpenAsync_NoCaFile_IsCaCertificateInvalid()
    {
        var failure = await Assert.ThrowsAsync<DrException>(() => OpenAsync(new() { CaCertificatePath = "/no/ca.pem" }));
        Assert.Equal(("HfCaCertificateInvalid", "/no/ca.pem"), (failure.ErrorId, failure.Target));
    }

    [Fact]
    public async Task OpenAsync_ClientSecretWithoutTenant_SaysWhatIsMissing()
    {
        var failure = await Assert.ThrowsAsync<DrException>(() => OpenAsync(new() { Credential = DrCredentialKind.ClientSecret, ClientId = "c", ClientSecret = SecretText.Secure("hush") }));
        Assert.Equal(("HfSignInFailed", DrErrorKind.AuthenticationFailed), (failure.ErrorId, failure.Kind));
        Assert.Contains("tenant id", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"appid":"app","oid":"o"}""", "app")]
    [InlineData("""{"upn":"me@example.com","appid":"app"}""", "me@example.com")]
    [InlineData("{}", null)]
    public void NameIn_Token_IsWhoItIsFor(string claims, string? expected)
    {
        var payload = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Assert.Equal(expected, TokenClaims.NameIn($"e30.{payload}.sig"));
    }

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.!!!.c")]
    public void NameIn_OtherToken_IsNobody(string token) => Assert.Null(TokenClaims.NameIn(token));
}
