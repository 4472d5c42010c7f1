using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Highflame.Dr.HelpGen;

/// <summary>What one cmdlet asks of Azure Resource Manager.</summary>
/// <param name="Role">Reader or Operator: the smallest of the two shipped roles that is meant for it; Unlocker for what is given besides; Builder for what needs to own the resource groups.</param>
/// <param name="Actions">Always.</param>
/// <param name="Sometimes">Action to the situation in which it is needed too.</param>
/// <param name="DataActions">Actions on the data of the resources, such as the secrets of a vault.</param>
public sealed record CmdletPermissions(string Role, string[] Actions, Dictionary<string, string>? Sometimes = null, string[]? DataActions = null);

/// <summary>
/// module/Roles/permissions.json, the one source of what the cmdlets need. The two role definitions and docs/permissions.md are written from it; a test holds it
/// against what a sandbox saw.
/// </summary>
public sealed record Permissions(SortedDictionary<string, CmdletPermissions> Cmdlets, string[] Readiness)
{
    private const string AnySubscription = "/subscriptions/00000000-0000-0000-0000-000000000000";
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Permissions Read(string folder) => JsonSerializer.Deserialize<Permissions>(File.ReadAllText(Path.Combine(folder, "permissions.json")), s_options)!;

    /// <summary>Actions of a role: every cmdlet meant for it with all that it ever needs. The operator may do what the cmdlets of the reader do.</summary>
    public string[] ActionsOf(string role) =>
    [
        .. Cmdlets.Values.Where(c => c.Role == role || (role == "Operator" && c.Role == "Reader")).SelectMany(c => c.Actions.Concat(c.Sometimes?.Keys ?? Enumerable.Empty<string>()))
            // What is given besides the operator's role has only what that has not.
            .Where(a => role != "Unlocker" || a.StartsWith("Microsoft.Authorization/locks/", StringComparison.Ordinal))
            .Concat(role == "Reader" ? Readiness : [])
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>Data actions of a role, by the same rule.</summary>
    public string[] DataActionsOf(string role) =>
        [.. Cmdlets.Values.Where(c => role == "Operator" || c.Role == role).SelectMany(c => c.DataActions ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>A role definition as New-AzRoleDefinition -InputFile and az role definition create take it.</summary>
    public string RoleDefinition(string role) => new JsonObject
    {
        ["Name"] = $"Highflame.Dr {role}",
        ["IsCustom"] = true,
        ["Description"] = role == "Reader"
            ? "Sees what a regional failover needs: servers, replication, traffic, and what readiness and parity compare. Changes nothing."
            : role == "Unlocker" ? "Besides the operator's role: takes away the ReadOnly locks that hinder a failover, and puts them back."
            : "Fails an application over between two regions: promotes and fences PostgreSQL flexible servers, makes read replicas, moves Traffic Manager endpoints.",
        ["Actions"] = new JsonArray([.. ActionsOf(role).Select(a => (JsonNode)a)]),
        ["NotActions"] = new JsonArray(),
        ["DataActions"] = new JsonArray([.. DataActionsOf(role).Select(a => (JsonNode)a)]),
        ["NotDataActions"] = new JsonArray(),
        ["AssignableScopes"] = new JsonArray(AnySubscription),
    }.ToJsonString(s_options).ReplaceLineEndings("\n") + "\n";

    public string Document()
    {
        var text = new StringBuilder("""
            # Permissions

            <!-- Written by `build.ps1 Docs` from module/Roles/permissions.json. Do not edit. -->

            What each cmdlet needs of Azure Resource Manager, action by action. A test runs the cmdlets against a sandbox and compares what it saw with these tables. A cmdlet
            that is not named asks nothing of Azure.

            `module/Roles/reader.json` and `module/Roles/operator.json` are custom roles made of them: put your subscription into `AssignableScopes`, then

            ```powershell
            New-AzRoleDefinition -InputFile ./Roles/operator.json
            New-AzRoleAssignment -ObjectId $principal -RoleDefinitionName 'Highflame.Dr Operator' -ResourceGroupName highflame-prod-rg
            New-AzRoleAssignment -ObjectId $principal -RoleDefinitionName 'Highflame.Dr Operator' -ResourceGroupName highflame-prod-dr-rg
            ```

            `module/Roles/unlocker.json` is a third one, for `-Unlock` alone: give it besides, where the locks are, only if a run may take ReadOnly locks away. A lock of the subscription needs it there.

            Both resource groups are enough, and so is the group of the Traffic Manager profile where it is a third one. Some questions go to the subscription, and a refusal of each is
            borne: the subscription itself is then found in the list of those that the principal sees, locks above the groups are not seen, whether a new server's name is free is
            told by its creation, and the quota of cores is told by the pool that does not grow. Rehearse it with `Start-HfSandbox -Role Operator`.

            At the databases the server administrator is needed besides (`-DatabaseCredential`); to compare secrets Key Vault Secrets User on the vaults, and to copy them Key Vault Secrets Officer; a run store in Azure Blob Storage needs the data role Storage Blob Data Contributor.

            """.ReplaceLineEndings("\n"));
        foreach (var (role, title) in ((string, string)[])[("Reader", "Looking: reader"), ("Operator", "Changing: operator, which may look too"), ("Unlocker", "Taking locks away: unlocker, besides the operator"), ("Builder", "Building: Owner, or Contributor and User Access Administrator, of both resource groups")])
        {
            text.Append($"\n## {title}\n\n| Cmdlet | Always | Sometimes |\n|---|---|---|\n");
            foreach (var (name, needs) in Cmdlets.Where(c => c.Value.Role == role))
                text.Append($"| {name} | {string.Join("<br>", needs.Actions.Select(a => $"`{a}`").Concat((needs.DataActions ?? []).Select(a => $"`{a}` (data)")))} | {string.Join("<br>", (needs.Sometimes ?? []).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"`{s.Key}` ({s.Value})"))} |\n");
        }

        text.Append("\n## Readiness and parity\n\nThe reader may read these besides, to compare the two regions:\n\n");
        foreach (var action in Readiness) text.Append($"- `{action}`\n");
        return text.ToString();
    }

    /// <summary>Writes the roles and the document.</summary>
    public static IEnumerable<string> Write(string folder, string document)
    {
        var permissions = Read(folder);
        foreach (var (path, text) in new[] { (Path.Combine(folder, "reader.json"), permissions.RoleDefinition("Reader")), (Path.Combine(folder, "operator.json"), permissions.RoleDefinition("Operator")), (Path.Combine(folder, "unlocker.json"), permissions.RoleDefinition("Unlocker")), (document, permissions.Document()) })
        {
            File.WriteAllText(path, text);
            yield return $"wrote {path}";
        }
    }
}
