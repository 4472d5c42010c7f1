using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Locks;

/// <summary>The scope of a lock, told from its id.</summary>
internal static class LockScope
{
    public static LockReach ReachOf(string scope) => AzureId.TryParse(scope) is { } id && !AzureId.IsOfType(id, "Microsoft.Resources/resourceGroups") ? LockReach.Resource
        : scope.Contains("/resourceGroups/", StringComparison.OrdinalIgnoreCase) ? LockReach.ResourceGroup
        : LockReach.Subscription;

    /// <summary>What a person calls it: the name of the resource or group, else the subscription.</summary>
    public static string Short(string scope) => ReachOf(scope) switch
    {
        LockReach.Resource => AzureId.NameOf(scope),
        LockReach.ResourceGroup => $"resource group {AzureId.NameOf(scope)}",
        _ => $"subscription {AzureId.NameOf(scope)}",
    };

    /// <summary>True when the path is the scope, or lies below it.</summary>
    public static bool Covers(string scope, string path) =>
        path.StartsWith(scope, StringComparison.OrdinalIgnoreCase) && (path.Length == scope.Length || path[scope.Length] is '/' or '?');
}
