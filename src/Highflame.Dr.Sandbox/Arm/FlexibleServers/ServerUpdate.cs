using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>PATCH of a server: a promotion when the body asks for one, else changes of tags, compute, storage, password and settings.</summary>
internal sealed class ServerUpdate(ServerTable servers, ServerView view, Promotion promotion, Operations operations, Settings settings)
{
    public async Task<ArmAnswer> PatchAsync(ArmCall call)
    {
        var server = servers.Get(call.Path);
        var raw = call.Body();
        if (call.ApiVersion == "2022-12-01" && raw.At("properties.replica") is not null)
            throw new ArmError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: 'Could not find member 'replica' on object 'properties'.'.", "properties.replica");
        var body = BodyRules.Check(raw, "postgresql.ServerForPatch", "properties.sourceServerResourceId", "location");
        return PromotionRequest.From(server, body, settings.Behaviour) is { } request ? await promotion.StartAsync(call, server, request) : Change(call, server, body);
    }

    /// <summary>Changes an existing server as PATCH and as PUT do. Refuses what a running server cannot take.</summary>
    public ArmAnswer Change(ArmCall call, Server server, JsonObject body)
    {
        var given = body["properties"] as JsonObject ?? [];
        var password = given.Text("administratorLoginPassword");
        if (given.Text("administratorLogin") is { } login && login != server.Document.Text("properties.administratorLogin"))
            throw ArmError.InvalidParameter("properties.administratorLogin", "The administrator login of a server cannot be changed.");
        if (given.Text("version") is { } version && version != server.Document.Text("properties.version"))
            throw ArmError.BadRequest("OperationNotAllowed", "A major version upgrade is not offered by this sandbox.", "properties.version");
        if (server.IsReplica && given.At("highAvailability.mode") is { } mode && (string?)mode != "Disabled")
            throw ArmError.BadRequest("OperationNotAllowed", "High availability is not supported on read replicas.", "properties.highAvailability.mode");
        if (password is not null) CheckPassword(password, server.Document.Text("properties.administratorLogin") ?? "");
        ServerCreation.CheckSku(body);
        CheckSizes(server, body);
        var compute = body["sku"] is JsonObject sku && (sku.Text("name") ?? server.Sku?.Name) != server.Sku?.Name;
        var onlyTags = given.Count == 0 && body["sku"] is null && body["identity"] is null;
        if (!onlyTags) servers.RequireReady(server, "Updating a server");
        servers.Enter(server);
        var former = servers.StateNow(server);
        if (!onlyTags) servers.SetState(server, "Updating");
        return operations.Start(call, new OperationPlan
        {
            Name = "UpdateServerManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Duration = compute ? settings.Duration(d => d.ServerRestart) : TimeSpan.Zero,
            Work = async token =>
            {
                if (password is not null) await servers.Fleet.SetPasswordAsync(server.Name, server.Document.Text("properties.administratorLogin")!, password, token);
                if (compute) await servers.Fleet.RestartAsync(server.Name, token);
                servers.Store.Change(server.Id, document => Apply(document, body));
            },
            Ended = _ =>
            {
                servers.SetState(server, former);
                servers.Leave(server);
            },
            Result = () => servers.Find(server.Id) is { } changed ? view.Show(changed, call.ApiVersion) : null,
        });
    }

    /// <summary>8 to 128 characters out of three of: capitals, small letters, digits, others; without the login in it.</summary>
    public static void CheckPassword(string password, string login)
    {
        var kinds = (password.Any(char.IsAsciiLetterUpper) ? 1 : 0) + (password.Any(char.IsAsciiLetterLower) ? 1 : 0) + (password.Any(char.IsAsciiDigit) ? 1 : 0) + (password.Any(c => !char.IsAsciiLetterOrDigit(c)) ? 1 : 0);
        if (password.Length is < 8 or > 128 || kinds < 3 || (login.Length > 0 && password.Contains(login, StringComparison.OrdinalIgnoreCase)))
            throw ArmError.BadRequest("PasswordNotComplex", "Password validation failed. The password does not meet policy requirements because it is not complex enough.", "properties.administratorLoginPassword");
    }

    private static void Apply(JsonObject document, JsonObject body)
    {
        if (body["tags"] is JsonObject tags)
        {
            if (tags.Count == 0) document.Remove("tags");
            else document["tags"] = tags.DeepClone();
        }

        if (body["identity"] is JsonObject identity) document["identity"] = identity.DeepClone();
        if (body["sku"] is JsonObject sku)
        {
            Json.Merge(document.Child("sku"), sku);
            if (ServerSkus.Find(document.Text("sku.name")) is { } known) document.Child("sku")["tier"] = known.Tier;
        }

        var properties = document.Child("properties");
        foreach (var name in (string[])["storage", "backup", "authConfig", "maintenanceWindow", "highAvailability", "network", "dataEncryption"])
        {
            if (body.At($"properties.{name}") is JsonObject section) Json.Merge(properties.Child(name), section);
        }

        if (body.Text("properties.availabilityZone") is { Length: > 0 } zone) properties["availabilityZone"] = zone;
        if (body.Whole("properties.storage.storageSizeGB") is { } size && body.At("properties.storage.tier") is null) properties.Child("storage")["tier"] = ServerSkus.BaseTier(size);
        if (properties.Text("storage.tier") is { } tier) properties.Child("storage")["iops"] = ServerSkus.Iops(tier);
    }

    /// <summary>Storage only grows; a replica stays at least as large as its primary, and a primary no larger than its replicas.</summary>
    private void CheckSizes(Server server, JsonObject body)
    {
        var size = body.Whole("properties.storage.storageSizeGB") ?? server.StorageGb;
        if (body.At("properties.storage.storageSizeGB") is not null) ServerCreation.CheckStorage(size);
        if (size < server.StorageGb) throw ArmError.InvalidParameter("properties.storage.storageSizeGB", $"The storage of a server cannot be reduced. Current: {server.StorageGb} GB.");
        var sku = ServerSkus.Find(body.Text("sku.name")) ?? server.Sku;
        if (server.IsReplica && servers.Find(server.SourceId) is { Sku: { } wanted } && sku is not null && sku.Cores < wanted.Cores)
            throw ArmError.InvalidParameter("sku.name", $"The compute of a read replica must be equal to or greater than that of its source server ('{wanted.Name}').");
        foreach (var replica in servers.ReplicasOf(server))
        {
            if (size > replica.StorageGb) throw ArmError.InvalidParameter("properties.storage.storageSizeGB", $"The storage of the read replica '{replica.Name}' must be raised first.");
            if (sku is not null && replica.Sku is { } its && sku.Cores > its.Cores) throw ArmError.InvalidParameter("sku.name", $"The compute of the read replica '{replica.Name}' must be raised first.");
        }
    }
}
