using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Vaults;

/// <summary>A refusal in Key Vault's shape: <c>{"error":{"code","message","innererror"?}}</c>.</summary>
internal sealed class VaultError(int status, string code, string message, string? inner = null) : Exception(message)
{
    public int Status { get; } = status;

    public string? Challenge { get; init; }

    public JsonObject ToBody()
    {
        var error = new JsonObject { ["code"] = code, ["message"] = Message };
        if (inner is not null) error["innererror"] = new JsonObject { ["code"] = inner };
        return new JsonObject { ["error"] = error };
    }

    public static VaultError BadParameter(string message) => new(400, "BadParameter", message);

    public static VaultError NotFound(string name) => new(
        404,
        "SecretNotFound",
        $"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182");

    public static VaultError DeletedNotFound(string name) => new(404, "SecretNotFound", $"Deleted Secret not found: {name}");
}
