using System.Management.Automation;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Connection and region pair, by name, by pipeline object and by property name.</summary>
public sealed class ConnectionBindingTests : CmdletBindingTests
{
    [Theory]
    [InlineData("Connect-HfAzure -Sandbox /tmp/sb/sandbox.json")]
    [InlineData("Connect-HfAzure /tmp/sb/sandbox.json")]
    [InlineData("Connect-HfAzure -SandboxPath /tmp/sb/sandbox.json")]
    [InlineData("Connect-HfAzure $sandbox")]
    [InlineData("$sandbox | Connect-HfAzure")]
    [InlineData("[pscustomobject]@{ Path = '/tmp/sb/sandbox.json' } | Connect-HfAzure")]
    public void ConnectHfAzure_Sandbox_GivesItsPath(string script)
    {
        Invoke(script, new { sandbox = Samples.Sandbox }).One<DrContext>();

        Assert.Equal("/tmp/sb/sandbox.json", Engine.Last<DrConnectionOptions>("Connect").SandboxPath);
    }

    [Fact]
    public void ConnectHfAzure_ClientSecret_PassesEveryOption()
    {
        var secret = new PSCredential("client", Secure("secret"));
        var database = new PSCredential("hfadmin", Secure("word"));

        Invoke(
            "Connect-HfAzure -Credential $secret -TenantId t -SubscriptionId s -ArmEndpoint https://arm -ArmAudience a -AuthorityHost https://auth -CaCertificatePath /ca.pem " +
            "-DatabaseCredential $database -Database d -DatabasePort 6000 -GatewayPort 8443 -Resolver 127.9.0.53:5353, 1.1.1.1, [::1]:54",
            new { secret, database }).EnsureNoErrors();

        var options = Engine.Last<DrConnectionOptions>("Connect");
        Assert.Equal(DrCredentialKind.ClientSecret, options.Credential);
        Assert.Equal(("client", "t", "s", "a", "/ca.pem"), (options.ClientId, options.TenantId, options.SubscriptionId, options.ArmAudience, options.CaCertificatePath));
        Assert.Equal(("https://arm/", "https://auth/"), (options.ArmEndpoint!.ToString(), options.AuthorityHost!.ToString()));
        Assert.Equal(("hfadmin", "d", 6000, 8443), (options.DatabaseUser, options.Database, options.DatabasePort, options.GatewayPort));
        Assert.Equal("secret", new System.Net.NetworkCredential("", options.ClientSecret).Password);
        Assert.Equal("word", new System.Net.NetworkCredential("", options.DatabasePassword).Password);
        Assert.Equal([new DnsServer("127.9.0.53", 5353), new DnsServer("1.1.1.1"), new DnsServer("::1", 54)], options.Resolvers);
    }

    [Fact]
    public void ConnectHfAzure_ManagedIdentity_PassesItsClientId()
    {
        Invoke("Connect-HfAzure -Identity -ClientId c").EnsureNoErrors();

        var options = Engine.Last<DrConnectionOptions>("Connect");
        Assert.Equal((DrCredentialKind.ManagedIdentity, "c"), (options.Credential, options.ClientId));
    }

    [Fact]
    public void ConnectHfAzure_ResolverThatIsNoAddress_HfResolverInvalid()
    {
        var result = Invoke("Connect-HfAzure -Resolver dns.example.com");

        Assert.Equal(["HfResolverInvalid,Highflame.Dr.Commands.ConnectHfAzureCommand"], result.ErrorIds);
        Assert.Empty(Engine.Calls);
    }

    [Theory]
    [InlineData("Import-HfRegionPair -Path /tmp/sb/region-pair.json")]
    [InlineData("Import-HfRegionPair /tmp/sb/region-pair.json")]
    [InlineData("'/tmp/sb/region-pair.json' | Import-HfRegionPair")]
    [InlineData("$sandbox | Import-HfRegionPair")]
    [InlineData("[pscustomobject]@{ PairPath = '/tmp/sb/region-pair.json' } | Import-HfRegionPair")]
    [InlineData("[pscustomobject]@{ FullName = '/tmp/sb/region-pair.json' } | Import-HfRegionPair")]
    public void ImportHfRegionPair_AnyWay_ReadsTheFile(string script)
    {
        Assert.Equal("/tmp/sb/region-pair.json", Invoke(script, new { sandbox = Samples.Sandbox }).One<RegionPair>().Path);
    }

    [Fact]
    public void ImportHfRegionPair_RelativePath_IsTheSessions()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            // Set-Location is not among the core commands: the session's location is set as a host does.
            Shell.Runspace.SessionStateProxy.Path.SetLocation(folder.FullName);

            var pair = Invoke("Import-HfRegionPair ./one.json").One<RegionPair>();

            Assert.Equal(Path.Combine(folder.FullName, "one.json"), pair.Path);
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Theory]
    [InlineData("Get-HfRegionPair")]
    [InlineData("Get-HfRegionPair highflame-prod")]
    [InlineData("Get-HfRegionPair -Name HIGH*")]
    [InlineData("'highflame-prod' | Get-HfRegionPair")]
    [InlineData("Import-HfRegionPair /pairs/highflame-prod.json | Get-HfRegionPair")]
    public void GetHfRegionPair_AnyWay_GivesItsStatus(string script) =>
        Assert.Equal("highflame-prod", Invoke(script).One<RegionPairStatus>().Name);
}
