using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>The permission model of a vault that does not use Azure RBAC: <c>properties.accessPolicies</c>, by object id.</summary>
internal static class AccessPolicies
{
    public static bool Allow(VaultInfo vault, Principal principal, string kind, string action) =>
        vault.Document.At("properties.accessPolicies") is JsonArray policies && policies.Any(p =>
            ArmPath.Same(p.Text("objectId"), principal.ObjectId)
            && p.At($"permissions.{kind}") is JsonArray given
            && given.Any(g => g is JsonValue value && value.TryGetValue(out string? word) && (ArmPath.Same(word, "all") || ArmPath.Same(word, PermissionOf(action)))));

    /// <summary>The permission that a data action stands for.</summary>
    public static string PermissionOf(string action) => action switch
    {
        "import/action" => "import",
        "getSecret/action" or "read" => "get",
        "readMetadata/action" => "list",
        "setSecret/action" or "update/action" => "set",
        "recover/action" => "recover",
        "purge/action" => "purge",
        _ => "delete",
    };
}
