using System.Text.Json;

namespace Highflame.Dr.Sandbox.Access;

/// <summary>The two custom roles that the module ships (module/Roles), as the sandbox of a customer would have them after New-AzRoleDefinition.</summary>
internal static class ShippedRoles
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    private sealed record RoleFile(string Name, string Description, string[] Actions, string[] NotActions, string[] DataActions, string[] NotDataActions);

    /// <param name="name">reader or operator.</param>
    /// <param name="subscription">Subscription that it can be assigned in.</param>
    public static Role Read(string name, string subscription)
    {
        using var stream = typeof(ShippedRoles).Assembly.GetManifestResourceStream($"{name}.json") ?? throw new InvalidOperationException($"The role {name}.json is not embedded.");
        var file = JsonSerializer.Deserialize<RoleFile>(stream, s_options)!;
        return new Role
        {
            // The same id at every start.
            Id = name == "reader" ? "5f3d9f0e-7f0b-4a53-9c26-0c5fd6f6b001" : "5f3d9f0e-7f0b-4a53-9c26-0c5fd6f6b002",
            Name = file.Name,
            Description = file.Description,
            Custom = true,
            Actions = file.Actions,
            NotActions = file.NotActions,
            DataActions = file.DataActions,
            NotDataActions = file.NotDataActions,
            AssignableScopes = [$"/subscriptions/{subscription}"],
        };
    }
}
