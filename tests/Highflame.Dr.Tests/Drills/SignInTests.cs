using System.Diagnostics;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Highflame.Dr.Tests.Hosting;
using Highflame.Dr.Tests.Probe;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Every way of signing in against one running sandbox, whose authority checks secrets, certificates, federated tokens and codes.</summary>
public sealed partial class SignInTests(SharedRehearsal shared) : IClassFixture<SharedRehearsal>
{
    private const string Refused = "HfSignInFailed,Highflame.Dr.Commands.ConnectHfAzureCommand";
    private readonly JsonNode _file = JsonNode.Parse(File.ReadAllText(shared.Session.Sandbox.Path))!;

    private RehearsalSession Session => shared.Session;

    private string ClientId => Text("clientId");

    [Fact]
    public void ClientCertificate_PemFile_SignsIn() =>
        AssertSignedIn(DrCredentialKind.ClientCertificate, ClientId, "Connect-HfAzure -Sandbox $sandbox -CertificatePath $pem -ClientId $client", new { pem = Text("clientCertificate") });

    [Fact]
    public void ClientCertificate_Pkcs12WithPasswordOrObject_SignsIn()
    {
        using var certificate = X509Certificate2.CreateFromPemFile(Text("clientCertificate"));
        var pfx = Path.Combine(Session.Sandbox.Root, "client.pfx");
        File.WriteAllBytes(pfx, certificate.Export(X509ContentType.Pkcs12, "of the file"));

        AssertSignedIn(DrCredentialKind.ClientCertificate, ClientId, "Connect-HfAzure -Sandbox $sandbox -CertificatePath $pfx -CertificatePassword $password -ClientId $client", new { pfx, password = Secure("of the file") });
        AssertSignedIn(DrCredentialKind.ClientCertificate, ClientId, "Connect-HfAzure -Sandbox $sandbox -Certificate $certificate -ClientId $client", new { certificate });
        AssertRefused("HfCertificateInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand", "Connect-HfAzure -Sandbox $sandbox -CertificatePath $pfx -CertificatePassword $password -ClientId $client", new { pfx, password = Secure("wrong") });
        AssertRefused("HfCertificateInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand", "Connect-HfAzure -Sandbox $sandbox -CertificatePath $ca -ClientId $client", new { ca = Text("caCertificate") });
    }

    [Fact]
    public void WorkloadIdentity_TokenFile_SignsInAndAnotherTokenIsRefusedBySubject()
    {
        AssertSignedIn(DrCredentialKind.WorkloadIdentity, ClientId, "Connect-HfAzure -Sandbox $sandbox -WorkloadIdentity -TokenFilePath $path", new { path = Text("federatedTokenFile") });

        var other = Path.Combine(Session.Sandbox.Root, "other-token");
        File.WriteAllText(other, "e30.eyJpc3MiOiJodHRwczovL290aGVyIn0.c2ln");
        var message = AssertRefused(Refused, "Connect-HfAzure -Sandbox $sandbox -WorkloadIdentity -TokenFilePath $other", new { other });
        Assert.Contains("workload identity", message, StringComparison.Ordinal);
        Assert.Contains("AADSTS700211", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ClientSecret_Wrong_SaysWhichCredentialAndWhatTheAuthoritySaid()
    {
        var message = AssertRefused(Refused, "Connect-HfAzure -Sandbox $sandbox -Credential ([pscredential]::new($client, $secret))", new { secret = Secure("not the secret") });

        Assert.Contains($"a client secret (client id {ClientId}, tenant {Text("tenantId")})", message, StringComparison.Ordinal);
        Assert.Contains("AADSTS7000215: Invalid client secret provided.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("not the secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AccessToken_HandedIn_IsUsedAndAnOldOneIsRefused()
    {
        var token = await TokenAsync();
        AssertSignedIn(DrCredentialKind.AccessToken, ClientId, "Connect-HfAzure -Sandbox $sandbox -AccessToken $token", new { token = Secure(token) });
        var old = $"e30.{Convert.ToBase64String("{\"exp\":1700000000}"u8).TrimEnd('=')}.c2ln";
        Assert.Contains("expired at 2023-11-14", AssertRefused(Refused, "Connect-HfAzure -Sandbox $sandbox -AccessToken $old", new { old = Secure(old) }), StringComparison.Ordinal);
        AssertRefused(Refused, "Connect-HfAzure -Sandbox $sandbox -AccessToken $none", new { none = Secure("opaque") });
    }

    [Fact]
    public void Environment_UrlOfTheResourceManager_SaysItselfWhereToSignIn()
    {
        const string Script = "Connect-HfAzure -Environment $arm -CaCertificatePath $ca -TenantId $tenant -Credential ([pscredential]::new($client, $secret))";
        var context = AssertSignedIn(DrCredentialKind.ClientSecret, ClientId, Script, new { arm = Text("arm"), ca = Text("caCertificate"), tenant = Text("tenantId"), secret = Secure(Text("clientSecret")) });

        Assert.Equal(("HighflameSandbox", Text("subscriptionId")), (context.Environment, context.SubscriptionId));
        AssertRefused("HfEnvironmentUnknown,Highflame.Dr.Commands.ConnectHfAzureCommand", "Connect-HfAzure -Environment AzureMoon", null);
    }

    [Fact]
    public void DatabaseVault_OfARegion_GivesTheDatabaseUserAndAWrongSecretIsSaid()
    {
        var vault = new Uri((string)SandboxArm.Get(Session.Sandbox.Path, $"/subscriptions/{Text("subscriptionId")}/resourceGroups/highflame-prod-rg/providers/Microsoft.KeyVault/vaults/highflame-prod-db-kv", "2026-02-01")["properties"]!["vaultUri"]!);

        var context = AssertSignedIn(DrCredentialKind.ClientSecret, ClientId, "Connect-HfAzure -Sandbox $sandbox -DatabaseVault $vault", new { vault });

        Assert.Equal("highflame", context.DatabaseUser);
        AssertRefused("HfSecretNotFound,Highflame.Dr.Commands.ConnectHfAzureCommand", "Connect-HfAzure -Sandbox $sandbox -DatabaseVault $vault -DatabasePasswordSecret none", new { vault });
    }

    [Fact]
    public void Disconnect_Connected_NextCmdletSaysSo()
    {
        Session.Shell.Invoke("$null = Connect-HfAzure -Sandbox $sandbox", Variables(null)).EnsureNoErrors();
        Assert.StartsWith("HfNotConnected,", Assert.Single(Session.Shell.Invoke("Disconnect-HfAzure; Get-HfDbServer").ErrorIds), StringComparison.Ordinal);
        Session.Shell.Invoke("$null = Connect-HfAzure -Sandbox $sandbox; Get-HfDbServer", Variables(null)).EnsureNoErrors();
    }

    [Fact]
    public async Task DefaultChain_EnvironmentVariables_SignIn()
    {
        var seen = await ConnectAsync("-Sandbox $sandbox -DefaultChain", ("AZURE_TENANT_ID", Text("tenantId")), ("AZURE_CLIENT_ID", ClientId), ("AZURE_CLIENT_SECRET", Text("clientSecret")));
        Assert.Equal([$"Sandbox|Default|environment variables|{ClientId}"], seen.Contexts);

        seen = await ConnectAsync("-Sandbox $sandbox -DefaultChain", ("AZURE_TENANT_ID", Text("tenantId")), ("AZURE_CLIENT_ID", ClientId), ("AZURE_CLIENT_CERTIFICATE_PATH", Text("clientCertificate")));
        Assert.Equal([$"Sandbox|Default|environment variables|{ClientId}"], seen.Contexts);
    }

    [Fact]
    public async Task DefaultChain_WrongSecretInTheEnvironment_IsNotHiddenByTheNextLink()
    {
        var seen = await ConnectAsync("-Sandbox $sandbox -DefaultChain", [("AZURE_TENANT_ID", Text("tenantId")), ("AZURE_CLIENT_ID", ClientId), ("AZURE_CLIENT_SECRET", "wrong"), .. AppService()]);
        Assert.Equal([Refused], seen.ErrorIds);
        Assert.Contains("environment variables: AADSTS7000215", seen.Messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task DefaultChain_WorkloadIdentityVariables_SignIn()
    {
        var seen = await ConnectAsync("-Sandbox $sandbox -DefaultChain", ("AZURE_TENANT_ID", Text("tenantId")), ("AZURE_CLIENT_ID", ClientId), ("AZURE_FEDERATED_TOKEN_FILE", Text("federatedTokenFile")));
        Assert.Equal([$"Sandbox|Default|workload identity|{ClientId}"], seen.Contexts);
    }

    [Fact]
    public async Task DefaultChain_NothingSetUp_SaysOfEachLinkWhyNot()
    {
        // Nobody answers at the metadata service's address.
        var seen = await ConnectAsync("-Sandbox $sandbox -DefaultChain", ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9"), ("PATH", Path.GetDirectoryName(Environment.ProcessPath)!));
        Assert.Equal([Refused], seen.ErrorIds);
        foreach (var link in new[] { "environment variables: ", "workload identity: ", "managed identity: no metadata service at http://127.0.0.1:9", "Azure CLI: ", "Azure PowerShell: ", "Visual Studio Code: " })
            Assert.Contains(link, seen.Messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManagedIdentity_AutomationAndAppService_SystemAndUserAssigned()
    {
        var seen = await ConnectAsync("-Sandbox $sandbox -Identity", AppService());
        Assert.Equal([$"Sandbox|ManagedIdentity||{Managed("clientId")}"], seen.Contexts);
        seen = await ConnectAsync("-Sandbox $sandbox -DefaultChain", AppService());
        Assert.Equal([$"Sandbox|Default|managed identity|{Managed("clientId")}"], seen.Contexts);
        seen = await ConnectAsync($"-Sandbox $sandbox -Identity -ClientId {Managed("userAssignedClientId")}", AppService());
        Assert.Equal([$"Sandbox|ManagedIdentity||{Managed("userAssignedClientId")}"], seen.Contexts);
        seen = await ConnectAsync("-Sandbox $sandbox -Identity -ClientId 00000000-0000-0000-0000-000000000000", AppService());
        Assert.Equal([Refused], seen.ErrorIds);
        Assert.Contains("the managed identity (client id 00000000-0000-0000-0000-000000000000", seen.Messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManagedIdentity_MetadataService_SystemAndUserAssigned()
    {
        var imds = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", Managed("imds"));
        Assert.Equal([$"Sandbox|ManagedIdentity||{Managed("clientId")}"], (await ConnectAsync("-Sandbox $sandbox -Identity", imds)).Contexts);
        Assert.Equal([$"Sandbox|Default|managed identity|{Managed("clientId")}"], (await ConnectAsync("-Sandbox $sandbox -DefaultChain", imds)).Contexts);
        Assert.Equal([$"Sandbox|ManagedIdentity||{Managed("userAssignedClientId")}"], (await ConnectAsync($"-Sandbox $sandbox -Identity -ClientId {Managed("userAssignedClientId")}", imds)).Contexts);
    }

    [Fact]
    public async Task DeviceCode_ApprovedOnThePage_SignsTheUserIn()
    {
        using var process = Start("Connect-HfAzure -Sandbox $sandbox -DeviceCode -TenantId $tenant 3>&1 | ForEach-Object { if ($_ -is [System.Management.Automation.WarningRecord]) { [Console]::Error.WriteLine($_.Message) } else { $_ } }");
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            string? line;
            while ((line = await process.StandardError.ReadLineAsync(limit.Token)) is not null && !line.Contains("enter the code", StringComparison.Ordinal))
            {
            }

            var shown = Shown().Match(line!);
            await PostAsync(shown.Groups["page"].Value, ("user_code", shown.Groups["code"].Value), ("decision", "approve"));
            var seen = JsonSerializer.Deserialize<ConnectResult>(await process.StandardOutput.ReadToEndAsync(limit.Token))!;
            Assert.Empty(seen.Messages);
            Assert.Equal([$"Sandbox|DeviceCode||{Text("user")}"], seen.Contexts);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Interactive_BrowserThatIsSignedIn_SignsTheUserIn()
    {
        if (OperatingSystem.IsWindows()) return;
        // A browser that follows the way from the authority back to the client, as a person's would.
        var folder = Directory.CreateDirectory(Path.Combine(Session.Sandbox.Root, "browser")).FullName;
        var browser = Path.Combine(folder, "xdg-open");
        File.WriteAllText(browser, $"#!/bin/sh\nexec '{Environment.ProcessPath}' '{typeof(SignInTests).Assembly.Location}' browse \"$1\" '{Text("caCertificate")}' >/dev/null 2>&1 &\n");
        File.SetUnixFileMode(browser, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var seen = await ConnectAsync("-Sandbox $sandbox -Interactive -TenantId $tenant", ("PATH", $"{folder}:{Environment.GetEnvironmentVariable("PATH")}"));

        Assert.Equal([$"Sandbox|InteractiveBrowser||{Text("user")}"], seen.Contexts);
    }

    [GeneratedRegex(@"open the page (?<page>\S+) and enter the code (?<code>\S+)")]
    private static partial Regex Shown();

    private string Text(string name) => (string)_file[name]!;

    private string Managed(string name) => (string)_file["managedIdentity"]![name]!;

    private (string, string)[] AppService() => [("IDENTITY_ENDPOINT", Managed("endpoint")), ("IDENTITY_HEADER", Managed("header"))];

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var character in text) secure.AppendChar(character);
        return secure;
    }

    private Dictionary<string, object?> Variables(object? more)
    {
        var variables = new Dictionary<string, object?> { ["sandbox"] = Session.Sandbox.Path, ["client"] = ClientId };
        foreach (var property in more?.GetType().GetProperties() ?? []) variables[property.Name] = property.GetValue(more);
        return variables;
    }

    private DrContext AssertSignedIn(DrCredentialKind kind, string account, string script, object? variables)
    {
        var context = Session.Shell.Invoke(script, Variables(variables)).One<DrContext>();
        Assert.Equal((kind, account), (context.Credential, context.Account));
        // The token is good for more than the sign-in.
        Session.Shell.Invoke("Get-HfTrafficProfile -ResourceId $id", new { id = Session.Pair.Traffic.ProfileId }).EnsureNoErrors();
        return context;
    }

    private string AssertRefused(string id, string script, object? variables)
    {
        var error = Assert.Single(Session.Shell.Invoke(script, Variables(variables)).Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId);
        return error.Exception.Message;
    }

    private async Task<string> TokenAsync()
    {
        var answer = await PostAsync(
            $"{Text("authority")}/{Text("tenantId")}/oauth2/v2.0/token",
            ("grant_type", "client_credentials"), ("client_id", ClientId), ("client_secret", Text("clientSecret")), ("scope", "https://management.azure.com/.default"));
        return (string)JsonNode.Parse(answer)!["access_token"]!;
    }

    private async Task<string> PostAsync(string url, params (string Name, string Value)[] fields)
    {
        using var http = Browser.Trusting(Text("caCertificate"));
        using var form = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var response = await http.PostAsync(new Uri(url), form);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<ConnectResult> ConnectAsync(string arguments, params (string Name, string Value)[] environment)
    {
        using var process = Start($"Connect-HfAzure {arguments}", environment);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, text + await errors);
            return JsonSerializer.Deserialize<ConnectResult>(text)!;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>A process of its own: the client of the managed identity keeps what it found for as long as its process lives.</summary>
    private Process Start(string script, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(SignInTests).Assembly.Location);
        start.ArgumentList.Add("connect");
        start.ArgumentList.Add($"$sandbox = '{Session.Sandbox.Path}'; $tenant = '{Text("tenantId")}'; {script}");
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("AZURE_", StringComparison.Ordinal) || k.StartsWith("IDENTITY_", StringComparison.Ordinal) || k.StartsWith("MSI_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
