using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Arm.FlexibleServers;
using Highflame.Dr.Sandbox.Faults;

namespace Highflame.Dr.Sandbox.Arm.Health;

/// <summary>
/// Microsoft.ResourceHealth/availabilityStatuses: how the real database and gateway processes are, and that a lost region is lost, which Azure notices late. It answers while
/// regions are down: Azure serves it globally.
/// </summary>
internal sealed class ResourceHealthProvider(ResourceStore store, ServerTable servers, Func<StoredResource, RegionState?> stateOf, FaultBoard faults, Settings settings, TimeProvider time) : IResourceProvider
{
    private static readonly string[] s_types = [ServerTable.Type, "Microsoft.ContainerService/managedClusters", "Microsoft.Network/applicationGateways", "Microsoft.Network/natGateways", "Microsoft.Cache/redis", "Microsoft.KeyVault/vaults"];

    public string Namespace => ProviderCatalog.ResourceHealth;

    public bool Answers(ArmPath path) => path.Is(ProviderCatalog.ResourceHealth, "availabilityStatuses");

    public async Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        if (call.Method != "GET") throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var scope = ArmPath.Parse(call.Path.Scope);
        if (call.Path.Names is [var which])
        {
            if (!ArmPath.Same(which, "current")) throw new ArmError(404, "ResourceNotFound", $"There is no availability status '{which}'.");
            return ArmAnswer.Ok(await StatusAsync(Resource(scope), call.Aborted));
        }

        // Of a resource Azure lists its history; the sandbox keeps none, so it is the current one alone.
        var resources = scope.Namespace is not null ? [Resource(scope)] : store.Where(r => IsTold(r) && (scope.Group is null || ArmPath.Same(r.Group, scope.Group)));
        var list = new List<JsonNode>();
        foreach (var resource in resources) list.Add(await StatusAsync(resource, call.Aborted));
        return ArmAnswer.List(list);
    }

    private static bool IsTold(StoredResource resource) => s_types.Contains(resource.Type, StringComparer.OrdinalIgnoreCase);

    private StoredResource Resource(ArmPath path)
    {
        var found = store.Find(path.TopResourceId) ?? throw ArmError.ResourceNotFound(path);
        return IsTold(found) ? found : throw new ArmError(400, "UnsupportedResourceType", $"The resource type '{found.Type}' has no health in this sandbox.");
    }

    private async Task<JsonObject> StatusAsync(StoredResource resource, CancellationToken cancellationToken)
    {
        var (state, customer, summary) = await StateAsync(resource, cancellationToken);
        var now = time.GetUtcNow();
        var properties = new JsonObject
        {
            ["availabilityState"] = state,
            ["title"] = state,
            ["summary"] = summary,
            ["reasonType"] = state == "Available" ? "" : customer ? "Customer Initiated" : "Unplanned",
            ["reasonChronicity"] = state == "Available" ? "Transient" : "Persistent",
            ["occuredTime"] = Stamp(now),
            ["reportedTime"] = Stamp(now),
        };
        if (state != "Available") properties["context"] = customer ? "Customer Initiated" : "Platform Initiated";
        return new JsonObject
        {
            ["id"] = $"{resource.Id}/providers/Microsoft.ResourceHealth/availabilityStatuses/current",
            ["name"] = "current",
            ["type"] = "Microsoft.ResourceHealth/AvailabilityStatuses",
            ["location"] = resource.Location,
            ["properties"] = properties,
        };
    }

    private async Task<(string State, bool Customer, string Summary)> StateAsync(StoredResource resource, CancellationToken cancellationToken)
    {
        var lost = faults.LostSince(resource.Location);
        if (lost is { } since && time.GetUtcNow() - since >= settings.Duration(d => d.ResourceHealthReport))
            return ("Unavailable", false, "An unplanned outage of the region makes this resource unavailable.");
        if (lost is null && ArmPath.Same(resource.Type, ServerTable.Type) && servers.Find(resource.Id) is { } server)
        {
            if (server.State is "Stopped" or "Stopping") return ("Unavailable", true, "The server was stopped at the request of an authorized user or process.");
            if (server.State != "Provisioning" && !(await servers.Fleet.GetStateAsync(server.Name, cancellationToken)).Running) return ("Unavailable", false, "The server does not answer, for a reason that is not planned.");
        }
        else if (lost is null && ArmPath.Same(resource.Type, "Microsoft.Network/applicationGateways")
            && stateOf(resource) is { GatewayRunning: false })
        {
            return ("Unavailable", false, "The gateway does not answer, for a reason that is not planned.");
        }

        return ("Available", false, "There are no known problems that affect this resource.");
    }

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
