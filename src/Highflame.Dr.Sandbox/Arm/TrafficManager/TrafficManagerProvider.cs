using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.TrafficManager;

/// <summary>Microsoft.Network/trafficManagerProfiles and their endpoints. All calls are synchronous, as in Azure.</summary>
internal sealed class TrafficManagerProvider(ResourceStore store, ProfileRules rules, ProfileDocuments documents, ProfilePublisher publisher) : IResourceProvider
{
    public const string Type = "Microsoft.Network/trafficManagerProfiles";

    private readonly Lock _changes = new();

    public string Namespace => ProviderCatalog.Network;

    public bool Answers(ArmPath path) =>
        ArmPath.Same(path.Namespace, Namespace) && path.Types.Count > 0
        && (ArmPath.Same(path.Types[0], "trafficManagerProfiles") || path.Types[0].StartsWith("checkTrafficManagerNameAvailability", StringComparison.OrdinalIgnoreCase));

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var path = call.Path;
        // One change at a time: the rules look at the whole profile.
        lock (_changes)
        {
            return Task.FromResult((call.Method, path.Types.Count, path.Names.Count) switch
            {
                ("POST", 1, 0) when path.Types[0].StartsWith("check", StringComparison.OrdinalIgnoreCase) => CheckName(call),
                ("GET", 1, 0) => ArmAnswer.List(Profiles().Where(p => path.Group is null || ArmPath.Same(p.Group, path.Group)).Select(p => documents.Show(p, false))),
                ("GET", 1, 1) => ArmAnswer.Ok(documents.Show(Profile(path), false)),
                ("HEAD", 1, 1) => new ArmAnswer(store.Contains(path.Text) ? 204 : 404),
                ("PUT", 1, 1) => PutProfile(call),
                ("PATCH", 1, 1) => PatchProfile(call),
                ("DELETE", 1, 1) => DeleteProfile(call),
                ("GET", 2, 2) => GetEndpoint(call),
                ("PUT" or "PATCH", 2, 2) => ChangeEndpoint(call),
                ("DELETE", 2, 2) => DeleteEndpoint(call),
                _ => throw ArmError.MethodNotAllowed(call.Method, path),
            });
        }
    }

    private IReadOnlyList<StoredResource> Profiles() => store.Where(r => ArmPath.Same(r.Type, Type));

    private StoredResource Profile(ArmPath path) => store.Find(path.TopResourceId) ?? throw ArmError.ResourceNotFound(ArmPath.Parse(path.TopResourceId));

    private ArmAnswer PutProfile(ArmCall call)
    {
        var raw = call.Body();
        if (string.IsNullOrWhiteSpace(raw.Text("location"))) throw ArmError.BadRequest("LocationRequired", "The location property is required for this definition.", "location");
        var body = BodyRules.Check(raw, "trafficManager.Profile");
        KeepEndpointNames(raw, body);
        if (!ArmPath.Same(body.Text("location"), "global")) throw ArmError.BadRequest("LocationNotAvailableForResourceType", $"The provided location '{body.Text("location")}' is not available for resource type '{Type}'. List of available regions for the resource type is 'global'.", "location");
        var known = store.Find(call.Path.Text);
        return Store(call, known, Canonical(call.Path, known), body, known is null ? 201 : 200);
    }

    private ArmAnswer PatchProfile(ArmCall call)
    {
        var known = Profile(call.Path);
        var raw = call.Body();
        var body = BodyRules.Check(raw, "trafficManager.Profile");
        KeepEndpointNames(raw, body);
        var document = known.Document;
        body.Remove("location");
        if (body["tags"] is JsonObject tags) document["tags"] = tags.DeepClone();
        body.Remove("tags");
        // Lists are replaced, settings are merged.
        Json.Merge(document, body);
        return Store(call, known, known.Id, document, 200);
    }

    private ArmAnswer Store(ArmCall call, StoredResource? known, string id, JsonObject document, int status)
    {
        ProfileDocuments.Complete(document, id);
        rules.Check(document, id);
        var name = document.Text("properties.dnsConfig.relativeName")!;
        if (known is not null && !ArmPath.Same(store.Find(id)?.Document.Text("properties.dnsConfig.relativeName"), name))
            throw ArmError.BadRequest("BadRequest", "The relative DNS name of a profile cannot be changed.", "properties.dnsConfig.relativeName");
        if (IsTaken(name, id)) throw new ArmError(409, "Conflict", Taken(name), "properties.dnsConfig.relativeName");
        var stored = store.Put(known is null ? ArmPath.Parse(id) with { Types = ["trafficManagerProfiles"], Namespace = "Microsoft.Network" } : call.Path, document);
        publisher.Publish(stored.Id, documents.View(stored));
        return new ArmAnswer(status, documents.Show(stored, true));
    }

    private ArmAnswer DeleteProfile(ArmCall call)
    {
        if (store.Find(call.Path.Text) is not { } known) return new ArmAnswer(204);
        if (Profiles().FirstOrDefault(p => ProfileRules.Endpoints(p.Document).Any(e => ArmPath.Same(e.Text("properties.targetResourceId"), known.Id))) is { } parent)
            throw ArmError.BadRequest("BadRequest", $"The profile '{known.Name}' is nested in the profile '{parent.Name}' and cannot be deleted.");
        store.Remove(known.Id);
        publisher.Publish(known.Id, null);
        return ArmAnswer.Ok(new JsonObject());
    }

    private ArmAnswer GetEndpoint(ArmCall call)
    {
        var profile = Profile(call.Path);
        return ArmAnswer.Ok(documents.ShowEndpoint(profile, Find(profile, call.Path) ?? throw ArmError.ResourceNotFound(call.Path), false));
    }

    private ArmAnswer ChangeEndpoint(ArmCall call)
    {
        var profile = Profile(call.Path);
        var kind = ProfileDocuments.Kind(call.Path.Types[1]) ?? throw ArmError.ResourceNotFound(call.Path);
        var known = Find(profile, call.Path);
        if (call.Method == "PATCH" && known is null) throw ArmError.ResourceNotFound(call.Path);
        var body = BodyRules.Check(call.Body(), "trafficManager.Endpoint");
        var endpoint = call.Method == "PATCH" ? (JsonObject)known!.DeepClone() : new JsonObject();
        Json.Merge(endpoint, body);
        endpoint["name"] = known?.Text("name") ?? call.Path.Names[1];
        endpoint["type"] = $"{Type}/{kind}";

        var document = profile.Document;
        var list = (JsonArray)document.Child("properties")["endpoints"]!;
        var at = known is null ? list.Count : list.IndexOf(known);
        if (known is not null) list.RemoveAt(at);
        list.Insert(at, endpoint);
        ProfileDocuments.Complete(document, profile.Id);
        rules.Check(document, profile.Id);
        var stored = store.Put(ArmPath.Parse(profile.Id), document);
        publisher.Publish(stored.Id, documents.View(stored));
        return new ArmAnswer(known is null ? 201 : 200, documents.ShowEndpoint(stored, Find(stored, call.Path)!, true));
    }

    private ArmAnswer DeleteEndpoint(ArmCall call)
    {
        if (store.Find(call.Path.TopResourceId) is not { } profile || Find(profile, call.Path) is not { } known) return new ArmAnswer(204);
        ((JsonArray)profile.Document.Child("properties")["endpoints"]!).Remove(known);
        var stored = store.Put(ArmPath.Parse(profile.Id), profile.Document);
        publisher.Publish(stored.Id, documents.View(stored));
        return ArmAnswer.Ok(new JsonObject());
    }

    private static JsonObject? Find(StoredResource profile, ArmPath path) => ProfileRules.Endpoints(profile.Document)
        .FirstOrDefault(e => ArmPath.Same(e.Text("name"), path.Names[1]) && ArmPath.Same(e.Text("type")!.Split('/')[^1], path.Types[1]));

    private ArmAnswer CheckName(ArmCall call)
    {
        var body = BodyRules.Check(call.Body(), "trafficManager.CheckName", "name", "type");
        var raw = call.Body();
        var name = raw.Text("name") ?? throw ArmError.BadRequest("BadRequest", "The name must be specified.", "name");
        var answer = new JsonObject { ["name"] = name, ["type"] = raw.Text("type") ?? body.Text("type") ?? "Microsoft.Network/trafficManagerProfiles", ["nameAvailable"] = !IsTaken(name, "") };
        if (!IsTaken(name, "")) return ArmAnswer.Ok(answer);
        answer["reason"] = "AlreadyExists";
        answer["message"] = Taken(name);
        return ArmAnswer.Ok(answer);
    }

    private bool IsTaken(string relativeName, string except) =>
        Profiles().Any(p => !ArmPath.Same(p.Id, except) && ArmPath.Same(p.Document.Text("properties.dnsConfig.relativeName"), relativeName));

    private static string Taken(string name) => $"Domain name {name}.trafficmanager.net already exists. Please choose a different DNS prefix.";

    /// <summary>Endpoints inside a profile's body carry name and type, which are read-only everywhere else.</summary>
    private static void KeepEndpointNames(JsonObject raw, JsonObject body)
    {
        var (given, kept) = (raw.At("properties.endpoints") as JsonArray, body.At("properties.endpoints") as JsonArray);
        for (var i = 0; given is not null && kept is not null && i < kept.Count; i++)
        {
            if (kept[i] is not JsonObject endpoint) throw ArmError.BadRequest("BadRequest", "An endpoint must be an object.", "properties.endpoints");
            endpoint["name"] = given[i].Text("name");
            endpoint["type"] = given[i].Text("type");
        }
    }

    /// <summary>Azure shows the type in its own casing, whatever the request's path had.</summary>
    private static string Canonical(ArmPath path, StoredResource? known) =>
        known?.Id ?? $"/subscriptions/{path.Subscription}/resourceGroups/{path.Group}/providers/{Type}/{path.Names[0]}";
}
