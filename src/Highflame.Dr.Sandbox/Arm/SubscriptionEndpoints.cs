using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Identity;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>ARM's own endpoints: tenants, subscriptions, locations, resource groups, resource lists and providers.</summary>
internal sealed class SubscriptionEndpoints(SandboxIdentity identity, ResourceGroups groups, ResourceLists lists, Settings settings)
{
    public JsonObject? FindGroup(string name) => groups.Find(name);

    public ArmAnswer Handle(ArmCall call)
    {
        var path = call.Path;
        if (path.Namespace is not null) return Provider(call);
        return (call.Method, path.Subscription, path.Group, path.Rest) switch
        {
            ("GET", null, null, ["tenants"]) => ArmAnswer.List([Tenant()]),
            ("GET", null, null, ["subscriptions"]) => ArmAnswer.List([Subscription()]),
            ("GET", null, null, ["providers"]) => ArmAnswer.List(ProviderCatalog.Documents(identity.SubscriptionId)),
            ("GET", not null, null, []) => ArmAnswer.Ok(Subscription()),
            ("GET", not null, null, [var word]) when ArmPath.Same(word, "locations") => ArmAnswer.List(Locations.All.Select(Location)),
            ("GET", not null, null, [var word]) when ArmPath.Same(word, "providers") => ArmAnswer.List(ProviderCatalog.Documents(identity.SubscriptionId)),
            ("GET", not null, null, [var word]) when ArmPath.Same(word, "resources") => lists.List(call, null),
            (_, not null, null, [var word]) when ArmPath.Same(word, "resourceGroups") => groups.Handle(call),
            (_, not null, not null, []) => groups.Handle(call),
            ("GET", not null, not null, [var word]) when ArmPath.Same(word, "resources") =>
                groups.Find(path.Group) is null ? throw ArmError.GroupNotFound(path.Group) : lists.List(call, path.Group),
            _ => throw new ArmError(404, "NotFound", $"No endpoint answers {call.Method} {path.Text}."),
        };
    }

    private ArmAnswer Provider(ArmCall call)
    {
        var document = ProviderCatalog.Documents(identity.SubscriptionId, call.Path.Namespace, settings.Behaviour.NotOffered).FirstOrDefault()
            ?? throw new ArmError(404, "InvalidResourceNamespace", $"The resource namespace '{call.Path.Namespace}' is invalid.");
        return (call.Method, call.Path.Types) switch
        {
            ("GET", []) or ("POST", ["register"]) or ("POST", ["unregister"]) => ArmAnswer.Ok(document),
            _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
        };
    }

    private JsonObject Tenant() => new()
    {
        ["id"] = $"/tenants/{identity.TenantId}",
        ["tenantId"] = identity.TenantId,
        ["displayName"] = "Highflame sandbox",
        ["tenantCategory"] = "Home",
    };

    private JsonObject Subscription() => new()
    {
        ["id"] = $"/subscriptions/{identity.SubscriptionId}",
        ["subscriptionId"] = identity.SubscriptionId,
        ["tenantId"] = identity.TenantId,
        ["displayName"] = "Highflame sandbox",
        ["state"] = "Enabled",
        ["authorizationSource"] = "RoleBased",
        ["managedByTenants"] = new JsonArray(),
        ["subscriptionPolicies"] = new JsonObject { ["locationPlacementId"] = "Public_2014-09-01", ["quotaId"] = "PayAsYouGo_2014-09-01", ["spendingLimit"] = "Off" },
    };

    private JsonObject Location(string name) => new()
    {
        ["id"] = $"/subscriptions/{identity.SubscriptionId}/locations/{name}",
        ["name"] = name,
        ["type"] = "Region",
        ["displayName"] = Locations.Display(name),
        ["regionalDisplayName"] = $"({Locations.Of(name).Group}) {Locations.Display(name)}",
        ["metadata"] = new JsonObject
        {
            ["regionType"] = "Physical",
            ["regionCategory"] = "Recommended",
            ["geography"] = Locations.Of(name).Geography,
            ["geographyGroup"] = Locations.Of(name).Group,
            ["physicalLocation"] = Locations.Of(name).Place,
            ["pairedRegion"] = new JsonArray(new JsonObject { ["name"] = Locations.Of(name).Pair, ["id"] = $"/subscriptions/{identity.SubscriptionId}/locations/{Locations.Of(name).Pair}" }),
        },
    };
}
