using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Sandbox.Traffic;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>PUT of a server: a new primary, a new read replica, or an update of one that exists.</summary>
internal sealed class ServerCreation(
    SandboxLayout layout, ServerTable servers, ServerView view, ServerNames names, ServerUpdate update, ServerAddresses addresses, Operations operations, Settings settings, TimeProvider time)
{
    /// <summary>Azure's limit of replicas of one primary.</summary>
    public const int MostReplicas = 5;

    private static readonly string[] s_reservedLogins = ["azure_superuser", "azure_pg_admin", "admin", "administrator", "root", "guest", "public", "postgres"];

    /// <summary>PostgreSQL's real version, for example 15.18; set when the first server runs.</summary>
    public string RealVersion { get; set; } = "15.0";

    public ArmAnswer Put(ArmCall call)
    {
        var path = call.Path;
        var raw = call.Body();
        if (string.IsNullOrWhiteSpace(raw.Text("location"))) throw ArmError.BadRequest("LocationRequired", "The location property is required for this definition.", "location");
        var body = BodyRules.Check(raw, "postgresql.Server");
        var (name, location) = (path.Names[0], SandboxLayout.Normalize(body.Text("location")!));
        var mode = body.Text("properties.createMode") ?? "Default";
        if (servers.Find(path.Text) is { } known)
        {
            if (known.Location != location)
                throw new ArmError(409, "InvalidResourceLocation", $"The resource '{known.Name}' already exists in location '{known.Location}' in resource group '{known.Resource.Group}'. A resource with the same name cannot be created in location '{location}'. Please select a new resource name.");
            if (mode is not ("Default" or "Create" or "Update"))
                throw new ArmError(409, "ServerAlreadyExists", $"The server '{known.Name}' already exists. An existing server cannot be turned into a replica.");
            return update.Change(call, known, body);
        }

        if (!ServerNames.IsValid(name)) throw ArmError.BadRequest("InvalidServerName", $"Specified server name '{name}' is not valid: {ServerNames.Rule}", "name");
        if (names.IsTaken(name)) throw new ArmError(409, "ServerNameAlreadyExists", "Specified server name is already used.", "name");
        if (layout.Regions.All(r => r.Location != location))
            throw ArmError.BadRequest("LocationNotAvailableForResourceType", $"The provided location '{location}' is not available for resource type '{ServerTable.Type}'. List of available regions for the resource type is '{string.Join(",", layout.Regions.Select(r => r.Location))}'.", "location");
        return mode switch
        {
            "Default" or "Create" => CreatePrimary(call, name, location, body),
            "Replica" => CreateReplica(call, location, body),
            "Update" => throw ArmError.ResourceNotFound(path),
            _ => throw ArmError.BadRequest("OperationNotAllowed", $"The create mode '{mode}' is not offered by this sandbox: it keeps no backups.", "properties.createMode"),
        };
    }

    private ArmAnswer CreatePrimary(ArmCall call, string name, string location, JsonObject body)
    {
        var (login, password) = (body.Text("properties.administratorLogin"), body.Text("properties.administratorLoginPassword"));
        if (string.IsNullOrEmpty(login)) throw Missing("properties.administratorLogin");
        if (string.IsNullOrEmpty(password)) throw Missing("properties.administratorLoginPassword");
        if (s_reservedLogins.Contains(login, StringComparer.OrdinalIgnoreCase) || login.StartsWith("pg_", StringComparison.OrdinalIgnoreCase) || !login.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || login.Length > 63)
            throw ArmError.InvalidParameter("properties.administratorLogin", $"The administrator login '{login}' is not allowed.");
        ServerUpdate.CheckPassword(password, login);
        if (body["properties"] is JsonObject { } given && given.ContainsKey("sourceServerResourceId"))
            throw ArmError.InvalidParameter("properties.sourceServerResourceId", "sourceServerResourceId goes with createMode Replica.");
        var document = ServerDocument(name, body, location, "GeneralPurpose", "Standard_D2ds_v5", 32, "Disabled");
        var properties = document.Child("properties");
        properties["administratorLogin"] = login;
        properties["version"] = RealVersion.Split('.')[0];
        properties["replicationRole"] = "Primary";
        properties["replicaCapacity"] = MostReplicas;
        return Begin(call, document, [], settings.Duration(d => d.ServerCreation), "CreateServerManagementOperation", token => servers.Fleet.CreatePrimaryAsync(name, location, login, password, new Dictionary<string, string>(), token));
    }

    private ArmAnswer CreateReplica(ArmCall call, string location, JsonObject body)
    {
        if (body.Text("properties.sourceServerResourceId") is not { Length: > 0 } sourceId) throw Missing("properties.sourceServerResourceId");
        foreach (var inherited in (string[])["administratorLogin", "administratorLoginPassword"])
        {
            if (body.At($"properties.{inherited}") is not null) throw ArmError.InvalidParameter($"properties.{inherited}", $"{inherited} cannot be given for a read replica: it is inherited from the source server.");
        }

        var source = servers.Find(sourceId) ?? throw new ArmError(404, "SourceServerNotFound", $"The source server '{sourceId}' could not be found.", "properties.sourceServerResourceId");
        var replica = ReplicaDocument(call.Path.Names[0], body, location, source);
        if (servers.IsLost(source)) throw new ArmError(503, "ServiceUnavailable", $"The service is temporarily unavailable in location '{source.Location}'.");
        servers.Enter(source);
        try
        {
            // Read again: another operation may have ended between.
            source = servers.Find(source.Id) ?? throw ArmError.ResourceNotFound(ArmPath.Parse(sourceId));
            ServerTable.RequireStateReady(source, "Creating a read replica");
            if (servers.ReplicasOf(source).Count >= MostReplicas)
                throw ArmError.BadRequest("ReadReplicaLimitExceeded", $"The server '{source.Name}' has {MostReplicas} read replicas, the most that are allowed.");
        }
        catch
        {
            servers.Leave(source);
            throw;
        }

        servers.SetRole(source, "Primary", MostReplicas, null);
        return Begin(call, replica, [source], settings.Duration(d => d.ReplicaCreation), "CreateReadReplicaManagementOperation", token => servers.Fleet.CreateReplicaAsync(call.Path.Names[0], location, source.Name, token));
    }

    private JsonObject ReplicaDocument(string name, JsonObject body, string location, Server source)
    {
        if (source.IsReplica) throw ArmError.BadRequest("OperationNotAllowed", $"The server '{source.Name}' is itself a read replica. Cascading read replicas are not supported.", "properties.sourceServerResourceId");
        if (ArmPath.Same(source.Document.Text("sku.tier"), "Burstable"))
            throw ArmError.BadRequest("OperationNotAllowed", $"Read replicas are not supported in the Burstable tier. Server Name = {source.Name}", "sku.tier");
        var document = ServerDocument(name, body, location, source.Document.Text("sku.tier")!, source.Document.Text("sku.name")!, source.StorageGb, source.Document.Text("properties.storage.autoGrow") ?? "Disabled");
        var (sku, sourceSku) = (ServerSkus.Find(document.Text("sku.name")), source.Sku);
        if (ArmPath.Same(document.Text("sku.tier"), "Burstable")) throw ArmError.BadRequest("OperationNotAllowed", "Read replicas are not supported in the Burstable tier.", "sku.tier");
        if (sku is not null && sourceSku is not null && (sku.Cores < sourceSku.Cores || sku.MemoryMb < sourceSku.MemoryMb))
            throw ArmError.InvalidParameter("sku.name", $"The compute of a read replica ('{sku.Name}') must be equal to or greater than that of its source server ('{sourceSku.Name}').");
        if (document.Whole("properties.storage.storageSizeGB") < source.StorageGb)
            throw ArmError.InvalidParameter("properties.storage.storageSizeGB", $"The storage of a read replica must be equal to or greater than that of its source server ({source.StorageGb} GB).");
        if (ArmPath.Same(source.Document.Text("properties.storage.autoGrow"), "Enabled") && !ArmPath.Same(document.Text("properties.storage.autoGrow"), "Enabled"))
            throw ArmError.InvalidParameter("properties.storage.autoGrow", "Storage autogrow is enabled at the source server and must be enabled at the read replica.");
        var version = source.Document.Text("properties.version");
        if (body.Text("properties.version") is { } wanted && wanted != version) throw ArmError.InvalidParameter("properties.version", $"A read replica has the version of its source server ({version}).");
        var properties = document.Child("properties");
        properties["administratorLogin"] = source.Document.At("properties.administratorLogin")?.DeepClone();
        properties["version"] = version;
        properties["replicationRole"] = source.Location == location ? "AsyncReplica" : "GeoAsyncReplica";
        properties["replicaCapacity"] = 0;
        properties["sourceServerResourceId"] = source.Id;
        return document;
    }

    /// <summary>Stores the new server as Provisioning and starts the operation; a failure takes the server away again.</summary>
    private ArmAnswer Begin(ArmCall call, JsonObject document, Server[] busy, TimeSpan duration, string operation, Func<CancellationToken, Task> work)
    {
        var server = new Server(servers.Store.Put(call.Path, document));
        servers.Enter(server);
        foreach (var other in busy) servers.SetState(other, "Updating");
        return operations.Start(call, new OperationPlan
        {
            Name = operation,
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Duration = duration,
            WorkFirst = true,
            Work = async token =>
            {
                await work(token);
                addresses.Add(server.Name);
            },
            Ended = error =>
            {
                if (error is null) servers.SetState(server, "Ready");
                else servers.Store.Remove(server.Id);
                foreach (var other in busy) servers.SetState(other, "Ready");
                servers.Leave([server, .. busy]);
            },
            Result = () => servers.Find(server.Id) is { } made ? view.Show(made, call.ApiVersion) : null,
        });
    }

    private JsonObject ServerDocument(string name, JsonObject body, string location, string tier, string sku, long storage, string autoGrow)
    {
        CheckSku(body);
        var size = body.Whole("properties.storage.storageSizeGB") ?? storage;
        CheckStorage(size);
        var storageTier = body.Text("properties.storage.tier") ?? ServerSkus.BaseTier(size);
        var document = new JsonObject { ["location"] = location };
        if (body["tags"] is JsonObject { Count: > 0 } tags) document["tags"] = tags.DeepClone();
        document["sku"] = new JsonObject { ["name"] = body.Text("sku.name") ?? sku, ["tier"] = body.Text("sku.tier") ?? tier };
        if (body["identity"] is JsonObject identity) document["identity"] = identity.DeepClone();
        document["properties"] = new JsonObject
        {
            ["state"] = "Provisioning",
            ["minorVersion"] = RealVersion.Split('.') is [_, var minor, ..] ? minor : "0",
            ["storage"] = new JsonObject
            {
                ["type"] = "",
                ["storageSizeGB"] = size,
                ["autoGrow"] = body.Text("properties.storage.autoGrow") ?? autoGrow,
                ["tier"] = storageTier,
                ["iops"] = ServerSkus.Iops(storageTier),
            },
            ["authConfig"] = Section(body, "authConfig", new JsonObject { ["activeDirectoryAuth"] = "Disabled", ["passwordAuth"] = "Enabled" }),
            ["dataEncryption"] = Section(body, "dataEncryption", new JsonObject { ["type"] = "SystemManaged" }),
            ["backup"] = Section(body, "backup", new JsonObject
            {
                ["backupRetentionDays"] = 7,
                ["geoRedundantBackup"] = "Disabled",
                ["earliestRestoreDate"] = Json.Stamp(time.GetUtcNow()),
            }),
            ["network"] = Section(body, "network", new JsonObject { ["publicNetworkAccess"] = "Enabled" }),
            ["highAvailability"] = Section(body, "highAvailability", new JsonObject { ["mode"] = "Disabled", ["state"] = "NotEnabled" }),
            ["maintenanceWindow"] = new JsonObject { ["customWindow"] = "Disabled", ["dayOfWeek"] = 0, ["startHour"] = 0, ["startMinute"] = 0 },
            ["availabilityZone"] = body.Text("properties.availabilityZone") is { Length: > 0 } zone ? zone : "1",
            ["fullyQualifiedDomainName"] = ServerAddresses.Fqdn(name.ToLowerInvariant()),
        };
        document["systemData"] = new JsonObject { ["createdAt"] = Json.Stamp(time.GetUtcNow()) };
        return document;
    }

    private static JsonObject Section(JsonObject body, string name, JsonObject defaults)
    {
        if (body.At($"properties.{name}") is JsonObject given) Json.Merge(defaults, given);
        return defaults;
    }

    internal static void CheckSku(JsonObject body)
    {
        if (body.Text("sku.name") is not { } name) return;
        var sku = ServerSkus.Find(name) ?? throw ArmError.InvalidParameter("sku.name", $"The provided value '{name}' for sku.name is not valid or not available in the location.");
        if (body.Text("sku.tier") is { } tier && !ArmPath.Same(tier, sku.Tier)) throw ArmError.InvalidParameter("sku.tier", $"The sku '{name}' belongs to the tier '{sku.Tier}', not '{tier}'.");
    }

    internal static void CheckStorage(long size)
    {
        if (!Array.Exists(ServerSkus.Storage, s => s.SizeGb == size))
            throw ArmError.InvalidParameter("properties.storage.storageSizeGB", $"The storage size {size.ToString(CultureInfo.InvariantCulture)} GB is not valid. Valid: {string.Join(", ", ServerSkus.Storage.Select(s => s.SizeGb))}.");
    }

    private static ArmError Missing(string name) => ArmError.BadRequest("MissingRequiredParameter", $"Parameter '{name}' must be specified. This parameter cannot be NULL or empty.", name);
}

/// <summary>The DNS names of the servers.</summary>
internal sealed class ServerAddresses(IDatabaseFleet fleet, ITrafficPlane traffic)
{
    public static string Fqdn(string server) => $"{server}.postgres.database.azure.com";

    public static string PrivateFqdn(string server) => $"{server}.privatelink.postgres.database.azure.com";

    public void Add(string server)
    {
        var address = System.Net.IPAddress.Parse(fleet.AddressOf(server));
        traffic.SetAddress(Fqdn(server), address);
        traffic.SetAddress(PrivateFqdn(server), address);
    }

    public void Remove(string server)
    {
        traffic.RemoveAddress(Fqdn(server));
        traffic.RemoveAddress(PrivateFqdn(server));
    }
}
