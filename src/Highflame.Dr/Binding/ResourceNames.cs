namespace Highflame.Dr.Binding;

/// <summary>Reading Azure resource ids, as far as parameters need it.</summary>
internal static class ResourceNames
{
    public static bool InGroup(string resourceId, string subscriptionId, string resourceGroup) =>
        resourceId.StartsWith($"/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Resource id of the Traffic Manager profile that an endpoint belongs to: two segments up.</summary>
    public static string ProfileOf(string endpointId)
    {
        string[] parts = endpointId.Split('/');
        return parts.Length > 2 ? string.Join('/', parts[..^2]) : endpointId;
    }
}
