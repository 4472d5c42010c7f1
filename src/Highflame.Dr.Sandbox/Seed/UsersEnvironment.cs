using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Arm.FlexibleServers;
using Highflame.Dr.Sandbox.Arm.TrafficManager;

namespace Highflame.Dr.Sandbox.Seed;

/// <summary>What the sandbox starts with: the users' two regions, with a real primary, its real replica, both applications and gateways, and traffic to region 1.</summary>
internal static class UsersEnvironment
{
    public static async Task BuildAsync(Composition sandbox, CancellationToken cancellationToken)
    {
        var (layout, parts) = (sandbox.Layout, sandbox.Parts);
        var (first, second) = (layout.Regions[0], layout.Regions[1]);
        foreach (var region in layout.Pairs.SelectMany(p => p.Regions)) PutRegion(sandbox, region);
        SeededAccess.Assign(sandbox);

        // The processes of both regions start while the databases are made: an application serves as soon as its database answers.
        var processes = Task.WhenAll(layout.Regions.Select(r => parts.Regions.StartAsync(r.Location, cancellationToken)));
        await parts.Databases.CreatePrimaryAsync(first.DatabaseServer, first.Location, layout.Administrator, layout.AdministratorPassword, new Dictionary<string, string>(), cancellationToken);
        await parts.Databases.CreateReplicaAsync(second.DatabaseServer, second.Location, first.DatabaseServer, cancellationToken);
        var version = (await parts.Databases.GetParametersAsync(first.DatabaseServer, cancellationToken)).FirstOrDefault(p => p.Name == "server_version")?.Value.Split(' ')[0] ?? "15.0";
        sandbox.SetDatabaseVersion(version);
        var primary = PutServer(sandbox, first, version, null);
        PutServer(sandbox, second, version, primary);
        PutProfile(sandbox, layout.Pairs.First());
        foreach (var pair in layout.FurtherPairs) await PutFurtherAsync(sandbox, pair, version, cancellationToken);
        foreach (var region in layout.Regions) SeededAccess.PutPrivateAddress(sandbox, region);
        await processes;
    }

    /// <summary>Begins with an empty subscription: who may do what, and nothing else.</summary>
    public static void Leave(Composition sandbox) => SeededAccess.Assign(sandbox);

    private static void PutRegion(Composition sandbox, SandboxRegion region)
    {
        sandbox.Groups.Put(region.ResourceGroup, region.Location, Tags());
        foreach (var (path, document) in RegionTemplate.Fill(sandbox.Layout, region, sandbox.Identity, sandbox.Vaults.Port))
        {
            sandbox.Vaults.Complete(path, document);
            sandbox.Store.Put(path, document);
        }

        SeededAccess.PutSecrets(sandbox, region);
        // The customer-managed key of the region's server.
        sandbox.Keys.Create(Composition.DatabaseVault(region), "postgres");
        sandbox.Parts.Traffic.SetAddress(region.GatewayFqdn, region.GatewayAddress);
    }

    /// <summary>Databases and profile of a further pair.</summary>
    private static async Task PutFurtherAsync(Composition sandbox, SandboxPair pair, string version, CancellationToken cancellationToken)
    {
        var layout = sandbox.Layout;
        var databases = layout.IsReal(pair) ? sandbox.Parts.Databases : sandbox.Parts.Documents!;
        var (first, second) = (pair.Regions[0], pair.Regions[1]);
        await databases.CreatePrimaryAsync(first.DatabaseServer, first.Location, layout.Administrator, layout.AdministratorPassword, new Dictionary<string, string>(), cancellationToken);
        await databases.CreateReplicaAsync(second.DatabaseServer, second.Location, first.DatabaseServer, cancellationToken);
        PutServer(sandbox, second, version, PutServer(sandbox, first, version, null));
        PutProfile(sandbox, pair);
        foreach (var region in pair.Regions) SeededAccess.PutPrivateAddress(sandbox, region);
    }

    private static JsonObject Tags() => new() { ["Project"] = "highflame", ["Environment"] = "prod", ["ManagedBy"] = "Terraform" };

    /// <summary>
    /// A server as Terraform declares it. The replica's module sets neither public access nor an authentication block, which is why the two differ.
    /// </summary>
    private static string PutServer(Composition sandbox, SandboxRegion region, string version, string? source)
    {
        var id = $"/subscriptions/{sandbox.Identity.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/{ServerTable.Type}/{region.DatabaseServer}";
        var identity = $"/subscriptions/{sandbox.Identity.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{region.NamePrefix}-postgres-identity";
        var now = Json.Stamp(sandbox.Now);
        var properties = new JsonObject
        {
            ["administratorLogin"] = sandbox.Layout.Administrator,
            ["version"] = version.Split('.')[0],
            ["minorVersion"] = version.Split('.') is [_, var minor, ..] ? minor : "0",
            ["state"] = "Ready",
            ["fullyQualifiedDomainName"] = ServerAddresses.Fqdn(region.DatabaseServer),
            ["storage"] = new JsonObject { ["type"] = "", ["storageSizeGB"] = 64, ["autoGrow"] = "Enabled", ["tier"] = "P30", ["iops"] = 5000 },
            ["authConfig"] = new JsonObject { ["activeDirectoryAuth"] = "Disabled", ["passwordAuth"] = "Enabled" },
            ["dataEncryption"] = new JsonObject { ["type"] = "AzureKeyVault", ["primaryKeyURI"] = $"{sandbox.Vaults.UriOf(Composition.DatabaseVault(region))}keys/postgres", ["primaryUserAssignedIdentityId"] = identity },
            ["backup"] = new JsonObject { ["backupRetentionDays"] = 7, ["geoRedundantBackup"] = "Disabled", ["earliestRestoreDate"] = now },
            ["network"] = new JsonObject { ["publicNetworkAccess"] = source is null ? "Disabled" : "Enabled" },
            ["highAvailability"] = new JsonObject { ["mode"] = "Disabled", ["state"] = "NotEnabled" },
            ["maintenanceWindow"] = new JsonObject { ["customWindow"] = "Disabled", ["dayOfWeek"] = 0, ["startHour"] = 0, ["startMinute"] = 0 },
            ["availabilityZone"] = "1",
            ["replicationRole"] = source is null ? "Primary" : "GeoAsyncReplica",
            ["replicaCapacity"] = source is null ? ServerCreation.MostReplicas : 0,
            ["privateEndpointConnections"] = new JsonArray(),
        };
        if (source is not null) properties["sourceServerResourceId"] = source;
        sandbox.Store.Put(ArmPath.Parse(id), new JsonObject
        {
            ["location"] = region.Location,
            ["tags"] = Tags(),
            ["sku"] = new JsonObject { ["name"] = "Standard_D4ads_v5", ["tier"] = "GeneralPurpose" },
            ["identity"] = new JsonObject { ["type"] = "UserAssigned", ["userAssignedIdentities"] = new JsonObject { [identity] = new JsonObject() } },
            ["systemData"] = new JsonObject { ["createdAt"] = now },
            ["properties"] = properties,
        });
        sandbox.Locks.Add(id, "postgres-lock", "CanNotDelete", "Production database: remove the lock before deleting.");
        sandbox.AddAddress(region.DatabaseServer);
        return id;
    }

    private static void PutProfile(Composition sandbox, SandboxPair pair)
    {
        var layout = sandbox.Layout;
        var id = SandboxFile.ProfileId(sandbox, pair);
        var document = new JsonObject
        {
            ["location"] = "global",
            ["tags"] = Tags(),
            ["properties"] = new JsonObject
            {
                ["profileStatus"] = "Enabled",
                ["trafficRoutingMethod"] = "Weighted",
                ["dnsConfig"] = new JsonObject { ["relativeName"] = pair.Profile, ["ttl"] = 30 },
                ["monitorConfig"] = new JsonObject
                {
                    ["protocol"] = "HTTPS",
                    ["port"] = layout.GatewayPort,
                    ["path"] = "/",
                    ["intervalInSeconds"] = 30,
                    ["timeoutInSeconds"] = 5,
                    ["toleratedNumberOfFailures"] = 3,
                },
                ["endpoints"] = new JsonArray(new JsonObject
                {
                    ["name"] = "global-endpoint",
                    ["type"] = $"{TrafficManagerProvider.Type}/externalEndpoints",
                    ["properties"] = new JsonObject { ["target"] = pair.Regions[0].GatewayAddress.ToString(), ["weight"] = 100, ["alwaysServe"] = "Enabled" },
                }),
            },
        };
        ProfileDocuments.Complete(document, id);
        sandbox.PublishNow(sandbox.Store.Put(ArmPath.Parse(id), document));
    }
}
