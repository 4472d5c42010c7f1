using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Rehearsal;
using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Engine.Tests.Rehearsal;

public sealed class SandboxFileTests : IDisposable
{
    private const string Good = """
        { "version":1, "processId":123, "timeScale":20, "arm":"https://127.0.0.1:4001", "authority":"https://127.0.0.1:4001", "tenantId":"t","subscriptionId":"s","clientId":"c","clientSecret":"sandbox-secret",
          "caCertificate":"/d/ca.pem", "dns":{"address":"127.9.0.53","port":5300}, "control":"https://127.0.0.1:4002", "controlKey":"k", "regionPair":"/d/region-pair.json",
          "trafficManager":{"fqdn":"x.trafficmanager.net","profileId":"/p"}, "gatewayPort":8443,"databasePort":6432,
          "regions":[{"location":"eastus","resourceGroup":"g","gateway":{"address":"127.9.1.1","port":8443,"fqdn":"f"},"servers":[{"name":"pg","host":"127.9.1.100","port":6432,"user":"hfadmin","password":"db-secret","database":"highflame"}]}] }
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hfdr-test-");

    public void Dispose() => _directory.Delete(recursive: true);

    private string Write(string text)
    {
        var path = Path.Combine(_directory.FullName, "sandbox.json");
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Fill_NothingSet_TakesAllFromTheFile()
    {
        var options = SandboxFile.Read(Write(Good)).Fill(new());
        Assert.Equal((DrCredentialKind.ClientSecret, "t", "s", "c"), (options.Credential, options.TenantId, options.SubscriptionId, options.ClientId));
        Assert.Equal((new Uri("https://127.0.0.1:4001"), "https://management.azure.com/", "/d/ca.pem"), (options.ArmEndpoint, options.ArmAudience, options.CaCertificatePath));
        Assert.Equal(("hfadmin", "highflame", 6432, 8443), (options.DatabaseUser, options.Database, options.DatabasePort, options.GatewayPort));
        Assert.Equal([new DnsServer("127.9.0.53", 5300)], options.Resolvers);
        Assert.Equal(("sandbox-secret", "db-secret"), (SecretText.Reveal(options.ClientSecret!), SecretText.Reveal(options.DatabasePassword!)));
    }

    [Fact]
    public void Fill_WhatIsSet_Stays()
    {
        var options = SandboxFile.Read(Write(Good)).Fill(new() { ClientId = "mine", DatabaseUser = "me", Database = "other", Resolvers = [new("127.0.0.1")] });
        Assert.Equal(("mine", "me", "other"), (options.ClientId, options.DatabaseUser, options.Database));
        // Neither secret belongs to those names.
        Assert.Null(options.ClientSecret);
        Assert.Null(options.DatabasePassword);
        Assert.Equal([new DnsServer("127.0.0.1")], options.Resolvers);
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("{}", "no usable arm, authority, control, controlKey, tenantId, subscriptionId, caCertificate")]
    [InlineData("null", "empty")]
    public void Read_FileThatIsNone_TellsWhy(string text, string reason)
    {
        var failure = Assert.Throws<DrException>(() => SandboxFile.Read(Write(text)));
        Assert.Equal(("HfSandboxFileInvalid", DrErrorKind.MalformedData), (failure.ErrorId, failure.Kind));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFile_IsInvalidToo() => Assert.Equal("HfSandboxFileInvalid", Assert.Throws<DrException>(() => SandboxFile.Read(Path.Combine(_directory.FullName, "none.json"))).ErrorId);

    [Fact]
    public void Find_ProgramBesideTheModule_IsTaken()
    {
        var engine = Directory.CreateDirectory(Path.Combine(_directory.FullName, "module", "Highflame.Dr", "0.1.0", "deps")).FullName;
        var sandbox = Directory.CreateDirectory(Path.Combine(_directory.FullName, "sandbox")).FullName;
        var failure = Assert.Throws<DrException>(() => SandboxProgram.Find(new(), engine, null));
        Assert.Equal("HfSandboxProgramNotFound", failure.ErrorId);
        Assert.Contains(sandbox, failure.Message, StringComparison.Ordinal);

        var program = Path.Combine(sandbox, SandboxProgram.FileName);
        File.WriteAllText(program, "");
        Assert.Equal(program, SandboxProgram.Find(new(), engine, null));
        Assert.Equal(program, SandboxProgram.Find(new(), "/nowhere/a/b/c/d", sandbox));
        Assert.Equal(program, SandboxProgram.Find(new() { ProgramPath = program }, "/nowhere", null));
        Assert.Throws<DrException>(() => SandboxProgram.Find(new() { ProgramPath = "/no/such.dll" }, engine, sandbox));
    }
}
