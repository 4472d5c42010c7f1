using System.Text.Json;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Settings;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Settings;

public sealed class SettingPlannerTests
{
    private static readonly DbServer s_server = Pairs.Server("new", "westus", DbRole.Primary);

    private static readonly ServerSettings s_old = new()
    {
        ServerId = Pairs.Id("old"),
        TakenAt = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
        HighAvailability = "ZoneRedundant",
        BackupRetentionDays = 14,
        GeoRedundantBackup = "Enabled",
        EntraAuthentication = true,
        Administrators = [new("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "dba", "Group", "t")],
        Parameters = [new("work_mem", "8192", true), new("max_connections", "500", false), new("pgbouncer.enabled", "true", true), new("same", "1", true)],
        Locks = [new("keep", "CanNotDelete", "why")],
        Tags = new() { ["Project"] = "highflame", ["Owner"] = "me" },
    };

    private static readonly ServerSettings s_new = new()
    {
        ServerId = Pairs.Id("new"),
        TakenAt = s_old.TakenAt,
        BackupRetentionDays = 7,
        GeoRedundantBackup = "Disabled",
        Administrators = [],
        Locks = [],
        Tags = new() { ["project"] = "other" },
        Values = new Dictionary<string, string> { ["work_mem"] = "4096", ["max_connections"] = "100", ["pgbouncer.enabled"] = "false", ["same"] = "1" },
    };

    [Fact]
    public void Plan_AllThatIsNotCarriedOver_IsRestoredInAnOrderThatWorks()
    {
        var plan = Plan(s_old, s_new);

        Assert.Equal(
            ["RestoreTags", "RestoreAuthentication", "RestoreAdministrator", "RestoreBackup", "RestoreParameter", "RestoreParameter", "RestoreParameter", "RestoreHighAvailability", "RestoreLock"],
            plan.Steps.Select(s => s.Name));
        Assert.Equal(["max_connections", "pgbouncer.enabled", "work_mem"], plan.Items.Where(i => i.Kind == DbSettingKind.Parameter).Select(i => i.Name));
        // What is there besides is left alone.
        Assert.Equal("""{"tags":{"project":"other","Owner":"me"}}""", plan.Items[0].Body);
        Assert.Equal("""{"properties":{"level":"CanNotDelete","notes":"why"}}""", plan.Items[^1].Body);
        Assert.EndsWith("/new/providers/Microsoft.Authorization/locks/keep", plan.Items[^1].Path, StringComparison.Ordinal);
        Assert.Contains(plan.Warnings, w => w.Contains("Geo-redundant backup", StringComparison.Ordinal) && w.Contains("when a server is created", StringComparison.Ordinal));
        Assert.Contains(plan.Warnings, w => w.EndsWith("restart of new: max_connections.", StringComparison.Ordinal));
        Assert.Equal(["RestoreLock"], Plan(s_old, s_new, DbSettingKind.Lock).Steps.Select(s => s.Name));
    }

    [Fact]
    public void Plan_NothingDiffers_ChangesNothing() => Assert.True(Plan(s_new with { ServerId = Pairs.Id("old") }, s_new).NoChange);

    [Fact]
    public void Plan_NoSnapshot_IsAWarningAndAReplicaIsRefused()
    {
        Assert.Contains("nothing is restored", Assert.Single(Plan(null, s_new).Warnings), StringComparison.Ordinal);
        var refusal = Assert.Single(SettingPlanner.Plan(s_old, s_new, Pairs.Server("new", "westus", DbRole.Replica, "old"), new() { Server = "new" }, default).Refusals);
        Assert.Equal("HfNotPrimary", refusal.Code);
    }

    [Fact]
    public void Read_Documents_LeavesTheFenceAndWhatNobodySetOut()
    {
        static JsonElement Parameter(string name, string value, string source, bool dynamic = true, bool readOnly = false) =>
            ScriptedArm.Json(JsonSerializer.Serialize(new { name, properties = new { value, source, isDynamicConfig = dynamic, isReadOnly = readOnly } }));
        var settings = ServerSettings.From(
            ScriptedArm.Json("""{"tags":{"a":"b"},"properties":{"highAvailability":{"mode":"SameZone"},"backup":{"backupRetentionDays":9,"geoRedundantBackup":"Disabled"},"authConfig":{"activeDirectoryAuth":"Enabled"}}}"""),
            [Parameter("default_transaction_read_only", "on", "user-override"), Parameter("transaction_read_only", "on", "user-override"), Parameter("work_mem", "8192", "user-override"), Parameter("x", "1", "system-default"), Parameter("y", "1", "user-override", readOnly: true)],
            [ScriptedArm.Json("""{"id":"/s/old/providers/Microsoft.Authorization/locks/own","name":"own","properties":{"level":"CanNotDelete"}}"""), ScriptedArm.Json("""{"id":"/s/providers/Microsoft.Authorization/locks/above","name":"above","properties":{"level":"ReadOnly"}}""")],
            null, "/s/old", default);

        Assert.Equal(("SameZone", 9, true), (settings.HighAvailability, settings.BackupRetentionDays, settings.EntraAuthentication));
        Assert.Equal(["work_mem"], settings.Parameters.Select(p => p.Name));
        Assert.Equal(["own"], settings.Locks!.Select(l => l.Name));
        Assert.Null(settings.Administrators);
        // What the journal keeps reads back the same.
        var kept = JsonSerializer.Deserialize<ServerSettings>(JsonSerializer.Serialize(settings, JournalJson.Line), JournalJson.Line)!;
        Assert.Equal(("SameZone", "b", "8192"), (kept.HighAvailability, kept.Tags["a"], kept.Parameters[0].Value));
        Assert.Empty(kept.Values);
    }

    private static SettingPlan Plan(ServerSettings? from, ServerSettings now, params DbSettingKind[] kinds) => SettingPlanner.Plan(from, now, s_server, new() { Server = "new", Kinds = kinds }, default);
}
