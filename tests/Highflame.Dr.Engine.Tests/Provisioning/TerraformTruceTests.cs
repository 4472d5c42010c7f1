using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Provisioning;

/// <summary>Which blocks keep a plan of the users' modules from destroying a database, and that Terraform itself agrees.</summary>
public sealed class TerraformTruceTests
{
    private const string Group = "/subscriptions/s/resourceGroups/highflame-prod-rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/";

    private static DbServer Server(string name, DbRole role, string? version = "16") => new()
    {
        Name = name, ResourceId = Group + name, ResourceGroup = "highflame-prod-rg", Location = "eastus", Role = role, State = "Ready", HostName = name, Version = version, StorageGB = 128,
    };

    private static TruceFacts Facts(DbServer server, params DbServer[] left) => new()
    {
        Location = "eastus",
        ResourceGroup = "highflame-prod-rg",
        ModuleName = "highflame-prod-postgres",
        Server = server,
        Left = left,
        SourceId = server.Role == DbRole.Replica ? Group + "highflame-prod-dr-postgres" : null,
        AdministratorLogin = "highflame",
        StorageGB = 128,
        StorageTier = "P30",
        SkuName = "GP_Standard_D4ads_v5",
        Databases = ["javelin_data", "postgres"],
    };

    private static TruceFacts Rebuilt => Facts(Server("highflame-prod-postgres-2", DbRole.Replica), Server("highflame-prod-postgres", DbRole.Primary));

    private static TruceFacts Promoted => Facts(Server("highflame-prod-postgres", DbRole.Primary));

    private static TruceFacts Swapped => Facts(Server("highflame-prod-postgres", DbRole.Replica));

    private static readonly Dictionary<string, TruceFacts[]> Scenes = new()
    {
        // The state at first, then what each export finds.
        ["primary: replica of another name"] = [Rebuilt],
        ["secondary: promoted"] = [Promoted],
        ["secondary: promoted, of another administrator"] = [Promoted with { AdministratorLogin = "hfadmin" }],
        ["primary: swapped"] = [Swapped],
        ["secondary: nothing has changed"] = [Swapped],
        ["primary: nothing has changed"] = [Promoted],
        ["none: promoted and unknown"] = [Promoted],
        ["primary: there, and rebuilt again under a third name"] = [Rebuilt, Facts(Server("highflame-prod-postgres-3", DbRole.Replica), Server("highflame-prod-postgres-2", DbRole.Primary))],
        ["primary: swapped there and back"] = [Swapped, Promoted],
        ["primary: rebuilt, then under the module's name again"] = [Rebuilt, Facts(Server("highflame-prod-postgres", DbRole.Replica), Server("highflame-prod-postgres-2", DbRole.Primary))],
    };

    public static TheoryData<string> SceneNames => [.. Scenes.Keys];

    [Theory]
    [InlineData("fits", "module.postgres_primary[0].azurerm_postgresql_flexible_server.postgres")]
    [InlineData("administrator", "azurerm_postgresql_flexible_server.hf_highflame_prod_postgres")]
    [InlineData("version", "azurerm_postgresql_flexible_server.hf_highflame_prod_postgres")]
    [InlineData("backup", "azurerm_postgresql_flexible_server.hf_highflame_prod_postgres")]
    public void Of_PrimaryThatTheModuleWouldReplace_IsKeptByAResourceOfItsOwn(string what, string address)
    {
        var facts = what switch
        {
            "administrator" => Promoted with { AdministratorLogin = "hfadmin" },
            "version" => Promoted with { Server = Server("highflame-prod-postgres", DbRole.Primary, "18") },
            "backup" => Promoted with { GeoRedundantBackup = true },
            _ => Promoted,
        };

        var truce = TerraformTruce.Of(facts);

        Assert.Equal(address, truce.Address);
        Assert.Equal(what == "fits", truce.EnablePrimary);
        Assert.Equal(what != "fits", truce.Notes.Any(n => n.Contains("would replace", StringComparison.Ordinal)));
    }

    [Fact]
    public void Variables_ServerThatHasGrown_NeverAskForLess()
    {
        var text = TruceText.Variables(TerraformTruce.Of(Swapped));

        Assert.Contains("postgres_storage_mb       = 131072\n", text, StringComparison.Ordinal);
        Assert.Contains("enable_postgres_primary   = false\nenable_postgres_secondary = true\n", text, StringComparison.Ordinal);
        Assert.Contains($"postgres_source_server_id = \"{Group}highflame-prod-dr-postgres\"\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(SceneNames))]
    public void Of_EveryRecordedAddress_IsMovedForgottenOrStays(string scene)
    {
        foreach (var truce in Scenes[scene].Select(TerraformTruce.Of))
        {
            var home = truce.EnablePrimary ? TerraformTruce.Primary : truce.EnableSecondary ? TerraformTruce.Secondary : "-";
            foreach (var address in TerraformPlay.Recorded.Select(a => a.Split('[') is [var module, var rest, ..] ? $"{module}[{rest}" : a))
                Assert.True(address.StartsWith(home, StringComparison.Ordinal) || truce.Moves.Any(m => m.From == address) || truce.Forgotten.Any(f => f.From == address), $"{address} would be destroyed");
        }
    }

    [TerraformTheory]
    [MemberData(nameof(SceneNames))]
    public void Plan_ByTerraformItself_DestroysNothingAndIsThenSettled(string scene)
    {
        using var play = new TerraformPlay();
        play.Start(scene[..scene.IndexOf(':', StringComparison.Ordinal)]);
        foreach (var truce in Scenes[scene].Select(TerraformTruce.Of))
        {
            play.Write(TruceText.Blocks(truce), TruceText.Variables(truce));
            Assert.Equal((0, ""), play.Format(TruceText.Blocks(truce), TruceText.Variables(truce)));

            var (code, said) = play.Run("plan", "-no-color", "-input=false");
            Assert.True(code == 0 && (said.Contains(", 0 to destroy.", StringComparison.Ordinal) || said.Contains("No changes.", StringComparison.Ordinal) || !said.Contains("Plan:", StringComparison.Ordinal)), said);
            Assert.DoesNotContain("will be destroyed", said, StringComparison.Ordinal);
            Assert.DoesNotContain("must be replaced", said, StringComparison.Ordinal);

            Assert.Equal(0, play.Run("apply", "-auto-approve", "-no-color", "-input=false").Code);
            (code, said) = play.Run("plan", "-no-color", "-input=false", "-detailed-exitcode");
            Assert.True(code == 0, said);
            Assert.Equal([TerraformPlay.Renamed(truce.Address)], play.Run("state", "list").Said.Split('\n').Where(l => l.Contains($"{TerraformTruce.ServerType}__", StringComparison.Ordinal)));
        }
    }
}
