namespace Highflame.Dr.Binding;

/// <summary>Reading Azure resource ids, as far as parameters need it.</summary>
internal static class ResourceNames
{
    private const string Profiles = "/trafficManagerProfiles/";

    public static bool InGroup(string resourceId, string subscriptionId, string resourceGroup) =>
        resourceId.StartsWith($"/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Resource id of the Traffic Manager profile that an endpoint belongs to; a profile's own id stays as it is.</summary>
    public static string ProfileOf(string resourceId)
    {
        int start = resourceId.IndexOf(Profiles, StringComparison.OrdinalIgnoreCase);
        int end = start < 0 ? -1 : resourceId.IndexOf('/', start + Profiles.Length);
        return end < 0 ? resourceId : resourceId[..end];
    }
}
