using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Settings;

/// <summary>From the old primary's settings and the promoted server's to the writes that restore them. Pure. Nothing that the new primary has besides is taken away.</summary>
internal static class SettingPlanner
{
    public static SettingPlan Plan(ServerSettings? from, ServerSettings now, DbServer server, SettingRequest request, DateTimeOffset at)
    {
        var plan = new SettingPlan { Title = $"Restore the settings of {server.Name}", Request = request, Server = server, ObservedAt = at };
        if (server.Role != DbRole.Primary && !request.AssumePromoted)
            return plan with { Refusals = [Refuse.Make("HfNotPrimary", DrErrorKind.InvalidState, server.Name, $"{server.Name} is {(server.Role == DbRole.Replica ? "a replica" : "of an unknown role")}.", "A primary: a replica takes its settings when it is promoted.", "Promote it first, or name the promoted server.")] };
        if (from is null) return plan with { Warnings = [$"No run of the pair has kept the settings of {(request.From is { } old ? AzureId.NameOf(old) : "the old primary")}, and Azure does not show them: nothing is restored on {server.Name}."] };
        SettingItem[] items = AzureId.Same(from.ServerId, now.ServerId) ? [] : [.. ItemsOf(from, now).Where(i => request.Kinds.Length == 0 || request.Kinds.Contains(i.Kind))];
        var late = items.Where(i => i.Kind == DbSettingKind.Parameter && i.Path is not null && from.Parameters.Any(p => p.Name == i.Name && !p.Dynamic)).Select(i => i.Name).ToArray();
        return plan with
        {
            Title = $"Restore the settings of {server.Name} from {AzureId.NameOf(from.ServerId)}, as they were at {from.TakenAt:u}",
            FromId = from.ServerId,
            TakenAt = from.TakenAt,
            Items = items,
            Steps = [.. items.Where(i => i.Path is not null).Select(StepOf)],
            Warnings =
            [
                .. items.Where(i => i.Shortfall is not null).Select(i => $"{Word(i)} of {server.Name} stays {i.Before}: {i.Shortfall}."),
                .. late.Length == 0 ? Array.Empty<string>() : [$"Parameters that take effect with the next restart of {server.Name}: {string.Join(", ", late)}."],
                .. from.Administrators is null && from.EntraAuthentication ? ["The Entra administrators of the old primary are not known."] : Array.Empty<string>(),
            ],
        };
    }

    public static PlanStep StepOf(SettingItem item) => new($"Restore{item.Kind}", item.Path!, $"{Word(item)}: {item.Before} -> {item.After}", StepClass.Reversible);

    private static string Word(SettingItem item) => item.Kind switch
    {
        DbSettingKind.Parameter => $"Parameter {item.Name}",
        DbSettingKind.Administrator => $"Administrator {item.Name}",
        DbSettingKind.Lock => $"Lock {item.Name}",
        DbSettingKind.HighAvailability => "High availability",
        _ => item.Name,
    };

    private static IEnumerable<SettingItem> ItemsOf(ServerSettings from, ServerSettings now)
    {
        var id = now.ServerId;
        var missing = from.Tags.Where(t => !now.Tags.Keys.Contains(t.Key, StringComparer.OrdinalIgnoreCase)).ToArray();
        if (missing.Length > 0)
            yield return Write(DbSettingKind.Tags, "Tags", $"without {string.Join(", ", missing.Select(t => t.Key))}", "with them", id, new() { ["tags"] = new JsonObject([.. now.Tags.Concat(missing).Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))]) });

        if (from.EntraAuthentication && !now.EntraAuthentication)
            yield return Write(DbSettingKind.Authentication, "Entra authentication", "Disabled", "Enabled", id, Properties("authConfig", new() { ["activeDirectoryAuth"] = "Enabled" }));
        foreach (var administrator in (from.Administrators ?? []).Where(a => now.Administrators?.Any(n => n.ObjectId.Equals(a.ObjectId, StringComparison.OrdinalIgnoreCase)) != true))
        {
            var properties = new JsonObject { ["principalName"] = administrator.PrincipalName, ["principalType"] = administrator.PrincipalType };
            if (administrator.TenantId is { } tenant) properties["tenantId"] = tenant;
            yield return Write(DbSettingKind.Administrator, administrator.PrincipalName, "absent", administrator.PrincipalType, $"{id}/administrators/{administrator.ObjectId}", new() { ["properties"] = properties });
        }

        if (from.BackupRetentionDays is { } days && now.BackupRetentionDays != days)
            yield return Write(DbSettingKind.Backup, "Backup retention", $"{now.BackupRetentionDays?.ToString(CultureInfo.InvariantCulture) ?? "none"} days", $"{days} days", id, Properties("backup", new() { ["backupRetentionDays"] = days }));
        if (Is(from.GeoRedundantBackup, "Enabled") && !Is(now.GeoRedundantBackup, "Enabled"))
            yield return new() { Kind = DbSettingKind.Backup, Name = "Geo-redundant backup", Before = now.GeoRedundantBackup ?? "Disabled", After = "Enabled", Shortfall = "Azure takes it when a server is created, and not later" };

        foreach (var parameter in from.Parameters.OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            if (!now.Values.TryGetValue(parameter.Name, out var value) || value == parameter.Value) continue;
            yield return Write(DbSettingKind.Parameter, parameter.Name, Shown(value), Shown(parameter.Value), $"{id}/configurations/{parameter.Name}", new() { ["properties"] = new JsonObject { ["value"] = parameter.Value, ["source"] = "user-override" } });
        }

        if (!Is(from.HighAvailability, "Disabled") && Is(now.HighAvailability, "Disabled"))
            yield return Write(DbSettingKind.HighAvailability, "HighAvailability", now.HighAvailability, from.HighAvailability, id, Properties("highAvailability", new() { ["mode"] = from.HighAvailability }));
        foreach (var held in (from.Locks ?? []).Where(l => now.Locks?.Any(n => n.Level == l.Level) != true))
        {
            var properties = new JsonObject { ["level"] = held.Level };
            if (held.Notes is { } notes) properties["notes"] = notes;
            yield return Write(DbSettingKind.Lock, held.Name, "absent", held.Level, $"{id}/providers/Microsoft.Authorization/locks/{held.Name}", new() { ["properties"] = properties });
        }
    }

    private static SettingItem Write(DbSettingKind kind, string name, string before, string after, string path, JsonObject body) =>
        new() { Kind = kind, Name = name, Before = before, After = after, Path = path, Body = body.ToJsonString() };

    private static JsonObject Properties(string member, JsonObject value) => new() { ["properties"] = new JsonObject { [member] = value } };

    private static string Shown(string value) => value.Length == 0 ? "(empty)" : value;

    private static bool Is(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
