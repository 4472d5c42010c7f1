using Azure.Core;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Resource ids: taken apart and compared as Azure does, ignoring case.</summary>
internal static class AzureId
{
    public const string FlexibleServer = "Microsoft.DBforPostgreSQL/flexibleServers";
    public const string TrafficProfile = "Microsoft.Network/trafficManagerProfiles";

    public static bool Same(string? one, string? other) => one is not null && other is not null && one.TrimEnd('/').Equals(other.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    public static bool LooksLikeId(string text) => text.StartsWith('/');

    /// <summary>Null when the text is no resource id of a resource in a resource group.</summary>
    public static ResourceIdentifier? TryParse(string? text)
    {
        if (string.IsNullOrEmpty(text) || !text.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            return ResourceIdentifier.TryParse(text.TrimEnd('/'), out var id) && id?.ResourceGroupName is not null && id.SubscriptionId is not null && id.Name.Length > 0 ? id : null;
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException)
        {
            return null;
        }
    }

    public static bool IsOfType(ResourceIdentifier id, string type) => id.ResourceType.ToString().Equals(type, StringComparison.OrdinalIgnoreCase);

    public static string Server(string subscriptionId, string resourceGroup, string name) =>
        $"/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/providers/{FlexibleServer}/{name}";

    public static string GroupOf(string resourceId) => TryParse(resourceId)?.ResourceGroupName ?? "";

    public static string NameOf(string resourceId) => resourceId[(resourceId.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/');
}
