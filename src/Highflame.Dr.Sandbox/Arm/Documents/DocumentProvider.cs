using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Documents;

/// <summary>
/// The types that exist as documents only: AKS, networks, gateways, vaults, Redis and the like. They are read, written, tagged and deleted as in Azure;
/// AKS and gateway changes take their modelled time.
/// </summary>
internal sealed class DocumentProvider(ResourceStore store, LockStore locks, Operations operations, Settings settings, GatewayHealth health, ComputeCatalog compute) : IResourceProvider
{
    private static readonly string[] s_slow = ["managedClusters", "applicationGateways"];

    /// <summary>Types whose DELETE is done when it is answered, with 200.</summary>
    private static readonly string[] s_deletedAtOnce = ["vaults", "userAssignedIdentities"];

    /// <summary>Members that a service takes and never shows.</summary>
    private static readonly HashSet<string> s_writeOnly = new(["password", "adminPassword", "secret"], StringComparer.OrdinalIgnoreCase);

    public string Namespace => "";

    /// <summary>Fills in what the service fills in, before a document is stored.</summary>
    public Action<ArmPath, JsonObject> Written { get; init; } = (_, _) => { };

    /// <summary>Called when a new resource is done, before its operation ends.</summary>
    public Func<StoredResource, CancellationToken, Task> Made { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Called when a document was removed.</summary>
    public Action<StoredResource> Removed { get; init; } = _ => { };

    public bool Answers(ArmPath path) => path.Types.Count > 0 && ProviderCatalog.Find(path.Namespace, path.Types[0]) is { Tags: true };

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var path = call.Path;
        var answer = (call.Method, path.Types.Count, path.Names.Count) switch
        {
            ("GET", 1, 0) => ArmAnswer.List(store.Where(r => ArmPath.Same(r.Type, path.FullType) && (path.Group is null || ArmPath.Same(path.Group, r.Group))).Select(Json.Identified)),
            ("HEAD", 1, 1) => new ArmAnswer(store.Contains(path.Text) ? 204 : 404),
            ("GET", 1, 1) => ArmAnswer.Ok(Json.Identified(Get(path))),
            ("PUT", 1, 1) => Put(call),
            ("PATCH", 1, 1) => Patch(call),
            ("DELETE", 1, 1) => Delete(call),
            ("POST", 2, 1) => Act(call),
            (_, 2, _) when EmbeddedChildren.Find(path.TypePath) is { } children => Child(call, children),
            _ => throw ArmError.MethodNotAllowed(call.Method, path),
        };
        return Task.FromResult(answer);
    }

    private StoredResource Get(ArmPath path) => store.Find(path.TopResourceId) ?? throw ArmError.ResourceNotFound(ArmPath.Parse(path.TopResourceId));

    private ArmAnswer Put(ArmCall call)
    {
        var body = call.Body();
        var known = store.Find(call.Path.Text);
        var location = body.Text("location") ?? known?.Location ?? throw ArmError.BadRequest("LocationRequired", "The location property is required for this definition.");
        if (!Locations.Known(location)) throw ArmError.BadRequest("LocationNotAvailableForResourceType", $"The provided location '{location}' is not available for resource type '{call.Path.FullType}'. List of available regions for the resource type is '{string.Join(",", Locations.All)}'.");
        if (known is not null && known.Location != SandboxLayout.Normalize(location))
            throw new ArmError(409, "InvalidResourceLocation", $"The resource '{known.Name}' already exists in location '{known.Location}' in resource group '{known.Group}'. A resource with the same name cannot be created in location '{location}'. Please select a new resource name.");
        RefuseBusy(known);
        foreach (var name in (string[])["id", "name", "type", "etag", "systemData"]) body.Remove(name);
        body["location"] = SandboxLayout.Normalize(location);
        Forget(body);
        // The name that the sku had before; AKS answers with today's.
        if (ArmPath.Same(call.Path.Types[0], "managedClusters") && ArmPath.Same(body.Text("sku.name"), "Basic")) body.Child("sku")["name"] = "Base";
        return Stored(call, call.Path, body, known is null);
    }

    private ArmAnswer Patch(ArmCall call)
    {
        var known = Get(call.Path);
        var body = call.Body();
        RefuseBusy(known);
        if (body["tags"] is JsonObject tags) known.Document["tags"] = tags.DeepClone();
        if (body["properties"] is JsonObject properties)
        {
            if (s_slow.Contains(call.Path.Types[0], StringComparer.OrdinalIgnoreCase) || ArmPath.Same(known.Type.Split('/')[0], ProviderCatalog.Network))
                throw ArmError.BadRequest("PatchOperationNotSupported", $"PATCH of '{known.Type}' changes tags only. Send the whole resource with PUT.", "properties");
            Forget(properties);
            if (ArmPath.Same(call.Path.Types[0], "redis") && properties["sku"] is JsonObject) return ScaleCache(call, known, properties);
            Json.Merge(known.Document.Child("properties"), properties);
        }

        return ArmAnswer.Ok(Json.Identified(store.Put(call.Path, known.Document)));
    }

    /// <summary>A cache shows its new size when the scaling is over; it never goes to a lower SKU, nor down to C0.</summary>
    private ArmAnswer ScaleCache(ArmCall call, StoredResource known, JsonObject change)
    {
        string? From(string member) => known.Document.Text($"properties.sku.{member}");
        string[] skus = ["Basic", "Standard", "Premium"];
        var (sku, capacity) = (change.Text("sku.name"), change.Whole("sku.capacity"));
        if (!skus.Contains(sku) || change.Text("sku.family") != (sku == "Premium" ? "P" : "C") || capacity is null || (sku == "Premium" ? capacity is < 1 or > 5 : capacity is < 0 or > 6))
            throw ArmError.BadRequest("InvalidRequestBody", "The value of the property 'properties.sku' is invalid: name, family and capacity must fit each other.", "properties.sku");
        if (Array.IndexOf(skus, sku) < Array.IndexOf(skus, From("name")) || (capacity == 0 && known.Document.Whole("properties.sku.capacity") != 0))
            throw ArmError.BadRequest("InvalidRequestBody", $"Scaling from {From("name")} to {sku} with capacity {capacity} is not supported.", "properties.sku");
        store.Change(known.Id, d => d.Child("properties")["provisioningState"] = "Scaling");
        var plan = new OperationPlan
        {
            Name = "Scale",
            Namespace = call.Path.Namespace!,
            Location = known.Location,
            Duration = settings.Duration(d => d.CacheScaling),
            Work = _ =>
            {
                store.Change(known.Id, d => Json.Merge(d.Child("properties"), change));
                return Task.CompletedTask;
            },
            Ended = _ => store.Change(known.Id, d => d.Child("properties")["provisioningState"] = "Succeeded"),
            Result = () => store.Find(known.Id) is { } done ? Json.Identified(done) : null,
        };
        return operations.Start(call, plan, 202, Json.Identified(store.Find(known.Id)!));
    }

    private ArmAnswer Delete(ArmCall call)
    {
        if (store.Find(call.Path.Text) is not { } known) return new ArmAnswer(204);
        RefuseBusy(known);
        if (s_deletedAtOnce.Contains(call.Path.Types[0], StringComparer.OrdinalIgnoreCase))
        {
            store.Remove(known.Id);
            locks.Forget(known.Id);
            Removed(known);
            return new ArmAnswer(200);
        }

        return operations.Start(call, new OperationPlan
        {
            Name = "Delete",
            Namespace = call.Path.Namespace!,
            Location = known.Location,
            Work = _ =>
            {
                store.Remove(known.Id);
                locks.Forget(known.Id);
                Removed(known);
                return Task.CompletedTask;
            },
        }) with { Body = null };
    }

    private ArmAnswer Child(ArmCall call, EmbeddedChildren children)
    {
        var parent = Get(call.Path);
        var list = children.In(parent);
        if (call.Path.Names.Count == 1) return call.Method == "GET" ? ArmAnswer.List(list) : throw ArmError.MethodNotAllowed(call.Method, call.Path);
        var name = call.Path.Names[1];
        var known = list.FirstOrDefault(c => ArmPath.Same(c.Text("name"), name));
        switch (call.Method)
        {
            case "GET":
                return known is null ? throw ArmError.ResourceNotFound(call.Path) : ArmAnswer.Ok(known);
            case "PUT":
                RefuseBusy(parent);
                var body = call.Body();
                Forget(body);
                if (ArmPath.Same(children.Type, "managedClusters/agentPools"))
                {
                    CheckPool(name, body);
                    CheckPower(name, known, body);
                    compute.CheckQuota(parent, name, body);
                }

                children.Put(parent.Document, known.Text("name") ?? name, body);
                return Stored(call, ArmPath.Parse(parent.Id), parent.Document, known is null, made => children.In(made).First(c => ArmPath.Same(c.Text("name"), name)));
            case "DELETE":
                if (known is null) return new ArmAnswer(204);
                RefuseBusy(parent);
                children.Remove(parent.Document, name);
                return Stored(call, ArmPath.Parse(parent.Id), parent.Document, false, null) with { Status = 202, Body = null };
            default:
                throw ArmError.MethodNotAllowed(call.Method, call.Path);
        }
    }

    /// <summary>Stores a document; a slow type shows Updating and an operation until its modelled time is over.</summary>
    private ArmAnswer Stored(ArmCall call, ArmPath path, JsonObject document, bool created, Func<StoredResource, JsonObject>? show = null)
    {
        var slow = s_slow.Contains(path.Types[0], StringComparer.OrdinalIgnoreCase);
        // A managed identity has no state; a gateway's has no word for creating.
        if (!ArmPath.Same(path.Types[0], "userAssignedIdentities"))
            document.Child("properties")["provisioningState"] = !slow ? "Succeeded" : created && ArmPath.Same(path.Types[0], "managedClusters") ? "Creating" : "Updating";
        Written(path, document);
        var stored = store.Put(path, document);
        JsonObject Shown(StoredResource resource) => show?.Invoke(resource) ?? Json.Identified(resource);
        if (!slow && call.Method != "DELETE") return new ArmAnswer(created ? 201 : 200, Shown(stored));
        var plan = new OperationPlan
        {
            Name = "Put",
            Namespace = path.Namespace!,
            Location = stored.Location,
            Duration = !slow ? TimeSpan.Zero : ArmPath.Same(path.Types[0], "managedClusters") ? settings.Duration(d => d.AksScaling) : settings.Duration(d => d.GatewayChange),
            Work = token => created && show is null ? Made(stored, token) : Task.CompletedTask,
            Ended = _ => store.Change(stored.Id, d => d.Child("properties")["provisioningState"] = "Succeeded"),
            Result = () => call.Method != "DELETE" && store.Find(stored.Id) is { } done ? Shown(done) : null,
        };
        return operations.Start(call, plan, created ? 201 : 200, Shown(stored));
    }

    private ArmAnswer Act(ArmCall call)
    {
        var resource = Get(call.Path);
        var (type, action) = (call.Path.Types[0].ToLowerInvariant(), call.Path.Types[1].ToLowerInvariant());
        var plan = new OperationPlan { Name = action, Namespace = call.Path.Namespace!, Location = resource.Location, Work = _ => Task.CompletedTask };
        switch (type, action)
        {
            case ("managedclusters", "start" or "stop"):
                RefuseBusy(resource);
                var running = action == "start";
                store.Change(resource.Id, d => d.Child("properties")["provisioningState"] = running ? "Starting" : "Stopping");
                return operations.Start(call, plan with
                {
                    Duration = settings.Duration(d => d.AksScaling),
                    Ended = _ => store.Change(resource.Id, d =>
                    {
                        d.Child("properties")["provisioningState"] = "Succeeded";
                        d.Child("properties").Child("powerState")["code"] = running ? "Running" : "Stopped";
                    }),
                }) with { Body = null };
            case ("applicationgateways", "start" or "stop"):
                return operations.Start(call, plan with
                {
                    Duration = settings.Duration(d => d.GatewayChange),
                    Ended = _ => store.Change(resource.Id, d => d.Child("properties")["operationalState"] = action == "start" ? "Running" : "Stopped"),
                }) with { Body = null };
            case ("applicationgateways", "backendhealth"):
                return operations.Start(call, plan with { Result = () => health.Of(resource) }) with { Body = null };
            default:
                throw ArmError.MethodNotAllowed(call.Method, call.Path);
        }
    }

    private static void Forget(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject container:
                foreach (var name in container.Where(p => p.Value is JsonValue && s_writeOnly.Contains(p.Key)).Select(p => p.Key).ToList()) container.Remove(name);
                foreach (var (_, child) in container) Forget(child);
                break;
            case JsonArray array:
                foreach (var item in array) Forget(item);
                break;
        }
    }

    private static void CheckPool(string name, JsonObject body)
    {
        long? At(string member) => body.Whole($"properties.{member}");
        var system = ArmPath.Same(body.Text("properties.mode"), "System");
        if (At("count") is < 0 or > 1000 || (system && At("count") is 0)) throw ArmError.BadRequest("InvalidParameter", $"The count of agent pool '{name}' must be from {(system ? 1 : 0)} to 1000.", "agentPoolProfile.count");
        if (body.At("properties.enableAutoScaling") is not JsonValue scaling || !scaling.TryGetValue(out bool on) || !on) return;
        if (At("minCount") is not { } least || At("maxCount") is not { } most || least > most)
            throw ArmError.BadRequest("InvalidParameter", $"The agent pool '{name}' needs minCount and maxCount, minCount not above maxCount, with the autoscaler.", "agentPoolProfile.minCount");
        if (At("count") is { } count && (count < least || count > most))
            throw ArmError.BadRequest("InvalidParameter", $"The count of agent pool '{name}' must lie between minCount {least} and maxCount {most} with the autoscaler.", "agentPoolProfile.count");
    }

    /// <summary>A pool that is stopped takes no other size; a system pool is not stopped.</summary>
    private static void CheckPower(string name, JsonObject? known, JsonObject body)
    {
        var stopped = known.Text("properties.powerState.code") == "Stopped";
        var stops = body.Text("properties.powerState.code") == "Stopped";
        if (stops && ArmPath.Same(body.Text("properties.mode"), "System")) throw ArmError.BadRequest("InvalidParameter", $"The system agent pool '{name}' cannot be stopped.", "agentPoolProfile.powerState");
        if (stopped && known.Whole("properties.count") != (body.Whole("properties.count") ?? known.Whole("properties.count")))
            throw ArmError.BadRequest("OperationNotAllowed", $"The agent pool '{name}' is stopped. Start it before it is scaled.", "agentPoolProfile.count");
    }

    private static void RefuseBusy(StoredResource? resource)
    {
        var state = resource?.Document.Text("properties.provisioningState");
        if (state is not ("Updating" or "Creating" or "Starting" or "Stopping" or "Scaling")) return;
        if (resource!.Type.EndsWith("/managedClusters", StringComparison.OrdinalIgnoreCase))
            throw new ArmError(409, "OperationNotAllowed", $"Operation is not allowed: Another operation ({resource.Name} - {state}) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details");
        throw new ArmError(409, "AnotherOperationInProgress", $"Another operation on this or dependent resource is in progress. Resource: {resource.Id}");
    }
}
