using Highflame.Dr.Sandbox.Access;
using Highflame.Dr.Sandbox.Arm.Deployments;
using Highflame.Dr.Sandbox.Faults;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>Finds who answers a call: ARM's own endpoints, the operations, or a resource provider. Checks subscription, group, locks and outages before.</summary>
internal sealed class ArmRouter(string subscription, SubscriptionEndpoints subscriptions, IReadOnlyList<IResourceProvider> providers, ResourceStore store, LockStore locks, Operations operations, FaultBoard faults, AccessGate access)
{
    public async Task<ArmAnswer> RouteAsync(ArmCall call) => access.Filter(call, await AnswerAsync(call));

    private Task<ArmAnswer> AnswerAsync(ArmCall call)
    {
        var path = call.Path;
        if (path.Subscription is not null && !ArmPath.Same(path.Subscription, subscription)) throw ArmError.SubscriptionNotFound(path.Subscription);
        if (RouteCatalog.Find(call.Method, path.Text) is null)
            throw path.Namespace is null ? new ArmError(404, "NotFound", $"No endpoint answers {call.Method} {path.Text}.") : ArmError.MethodNotAllowed(call.Method, path);
        access.Check(call);
        if (DeploymentProvider.IsOperations(path)) return providers.First(p => p.Answers(path)).HandleAsync(call);
        if (path.Namespace is null || path.Types is [] or ["register"] or ["unregister"])
        {
            if (path.Namespace is null) locks.Check(call.Method, path);
            return Task.FromResult(subscriptions.Handle(call));
        }

        if (ApiVersions.IsOperation(path))
        {
            RefuseIfLost(path.Names[0]);
            if (call.Method != "GET") throw ArmError.MethodNotAllowed(call.Method, path);
            return Task.FromResult(ArmPath.Same(path.Types[1], "azureAsyncOperation") ? operations.Status(call) : operations.Result(call));
        }

        if (path.Group is not null && subscriptions.FindGroup(path.Group) is null) throw ArmError.GroupNotFound(path.Group);
        var provider = providers.FirstOrDefault(p => p.Answers(path)) ?? throw ArmError.MethodNotAllowed(call.Method, path);
        locks.Check(call.Method, path);
        RefuseIfLost(call);
        return provider.HandleAsync(call);
    }

    /// <summary>
    /// A call that a resource provider answers fails while the region of its resource is lost. ARM itself (lists of resources, tags, locks, groups), the health of resources and global
    /// resources go on.
    /// </summary>
    private void RefuseIfLost(ArmCall call)
    {
        var path = call.Path;
        if (path.Is(ProviderCatalog.Authorization, "locks") || ArmPath.Same(path.Namespace, ProviderCatalog.Resources) || ArmPath.Same(path.Namespace, ProviderCatalog.ResourceHealth)) return;
        if (path.Types.Count > 0 && ArmPath.Same(path.Types[0], "locations") && path.Names.Count > 0)
        {
            RefuseIfLost(path.Names[0]);
            return;
        }

        // An extension such as metrics is served where the resource lies.
        var owner = ArmPath.Parse(path.Scope) is { Namespace: not null } parent ? parent : path;
        if (store.Find(owner.TopResourceId)?.Location is { } location) RefuseIfLost(location);
        else if (call.Method == "PUT" && call.OptionalBody().Text("location") is { } wanted) RefuseIfLost(wanted);
        else if (!path.IsResource && path.Names.Count == 0 && path.Group is { } group && subscriptions.FindGroup(group)?.Text("location") is { } home
            && ArmPath.Same(path.Namespace, ProviderCatalog.Postgres)) RefuseIfLost(home);
    }

    private void RefuseIfLost(string location)
    {
        if (faults.IsLost(SandboxLayout.Normalize(location)))
            throw new ArmError(503, "ServiceUnavailable", $"The service is temporarily unavailable in location '{SandboxLayout.Normalize(location)}'. Please retry the request later.");
    }
}
