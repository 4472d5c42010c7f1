using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Access;

/// <summary>The action that an ARM call needs, as role definitions name it.</summary>
internal static class ArmActions
{
    /// <summary>For example Microsoft.Network/trafficManagerProfiles/write; null for what every signed-in principal may ask.</summary>
    public static string? Of(string method, ArmPath path)
    {
        if (path.Namespace is null) return OfArm(method, path);
        // Questions to the tenant: names, suffixes, lists of operations.
        if (path.Subscription is null && !ArmPath.Same(path.Namespace, ProviderCatalog.Authorization)) return null;
        if (path.Types is []) return "Microsoft.Resources/subscriptions/providers/read";
        if (path.Types is [var word] && word is "register" or "unregister") return $"{path.Namespace}/{path.Types[0]}/action";
        var provider = ProviderCatalog.Types.FirstOrDefault(t => ArmPath.Same(t.Namespace, path.Namespace))?.Namespace ?? path.Namespace;
        var type = Cased(provider, path.Types);
        // What the caller itself may do, it may always ask.
        if (ArmPath.Same(type, "permissions")) return null;
        return $"{provider}/{type}/{Verb(method)}";
    }

    /// <summary>True for a list whose answer holds only what the caller may read: ARM leaves the rest out instead of refusing.</summary>
    public static bool IsFiltered(string method, ArmPath path) => method == "GET" && path is { Subscription: not null, Group: null } && (path.Namespace is null
        ? path.Rest is [var word] && (ArmPath.Same(word, "resources") || ArmPath.Same(word, "resourceGroups"))
        : path.Types.Count == 1 && path.Names.Count == 0 && path.Scope.Split('/').Length == 3 && ProviderCatalog.Find(path.Namespace, path.Types[0]) is { Tags: true });

    private static string? OfArm(string method, ArmPath path) => (path.Subscription, path.Group, path.Rest) switch
    {
        (null, _, _) => null,
        (_, null, []) => $"Microsoft.Resources/subscriptions/{Verb(method)}",
        (_, null, [var word]) when ArmPath.Same(word, "resourceGroups") => $"Microsoft.Resources/subscriptions/resourceGroups/{Verb(method)}",
        (_, null, [var word, ..]) => $"Microsoft.Resources/subscriptions/{word}/{Verb(method)}",
        (_, not null, [var word, _, ..]) when ArmPath.Same(word, "deployments") => $"Microsoft.Resources/deployments/operations/{Verb(method)}",
        (_, _, []) => $"Microsoft.Resources/subscriptions/resourceGroups/{Verb(method)}",
        (_, _, [var word, ..]) => $"Microsoft.Resources/subscriptions/resourceGroups/{word}/{Verb(method)}",
    };

    private static string Verb(string method) => method switch
    {
        "GET" or "HEAD" => "read",
        "PUT" or "PATCH" => "write",
        "DELETE" => "delete",
        _ => "action",
    };

    /// <summary>The type in the casing of the provider's catalogue; an action behind it keeps its own.</summary>
    private static string Cased(string provider, IReadOnlyList<string> types)
    {
        for (var length = types.Count; length > 0; length--)
        {
            if (ProviderCatalog.Find(provider, string.Join('/', types.Take(length))) is { } known) return string.Join('/', types.Skip(length).Prepend(known.Type));
        }

        return string.Join('/', types);
    }
}
