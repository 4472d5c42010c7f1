using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Seed;

/// <summary>What the sandbox starts with: the users' two regions, as their Terraform makes them.</summary>
internal static class UsersEnvironment
{
    public static Task BuildAsync(Composition sandbox, CancellationToken cancellationToken)
    {
        foreach (var region in sandbox.Layout.Regions) sandbox.Groups.Put(region.ResourceGroup, region.Location, Tags());
        return Task.CompletedTask;
    }

    private static JsonObject Tags() => new() { ["Project"] = "highflame", ["Environment"] = "prod", ["ManagedBy"] = "Terraform" };
}
