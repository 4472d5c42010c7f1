using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>What stands behind an answer.</summary>
internal enum Substance
{
    /// <summary>A real process does it: PostgreSQL, the name server, the gateways.</summary>
    Real,

    /// <summary>Azure's rules, states and durations are played; nothing else changes.</summary>
    Emulated,

    /// <summary>A document that is stored and given back.</summary>
    Document,
}

/// <summary>One operation of ARM that the sandbox answers.</summary>
/// <param name="Methods">HTTP methods, separated by a space.</param>
/// <param name="Path">The path; <c>{scope}</c> stands for any path, every other name in braces for one word.</param>
/// <param name="Substance">What stands behind it.</param>
/// <param name="Behind">What happens, in words.</param>
/// <param name="Differs">What Azure does otherwise; empty when nothing is known.</param>
internal sealed partial record Route(string Methods, string Path, Substance Substance, string Behind, string Differs = "")
{
    private readonly Regex _path = new(
        $"^{Hole().Replace(Path, m => m.Value == "{scope}" ? "(/.+)?" : "[^/]+")}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public IReadOnlyList<string> Verbs { get; } = Methods.Split(' ');

    public bool IsAt(string path) => _path.IsMatch(path);

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Hole();
}

/// <summary>The operations of one part of ARM.</summary>
/// <param name="Title">Heading in the documentation.</param>
/// <param name="Versions">Api-versions that are taken, newest first.</param>
internal sealed record RouteGroup(string Title, IReadOnlyList<string> Versions, IReadOnlyList<Route> Routes);

/// <summary>
/// All operations of ARM that the sandbox answers. The router lets through what stands here and nothing else, and docs/sandbox.md is written from it.
/// </summary>
internal static class RouteCatalog
{
    private const string S = "/subscriptions/{subscription}";
    private const string G = S + "/resourceGroups/{group}";
    private const string Deployment = G + "/providers/Microsoft.Resources/deployments/{deployment}";
    private const string AllowsOtherRegions = "Only the two regions of the rehearsal have anything behind them.";

    public static IReadOnlyList<RouteGroup> Groups { get; } =
    [
        new("Subscriptions, groups and lists (Microsoft.Resources)", ProviderCatalog.Resource,
        [
            new("GET", "/tenants", Substance.Emulated, "The one tenant."),
            new("GET", "/subscriptions", Substance.Emulated, "The one subscription, without a nextLink."),
            new("GET", S, Substance.Emulated, "The subscription."),
            new("GET", S + "/locations", Substance.Emulated, "The locations that the sandbox knows, with geography and paired region.", "Azure lists all of its regions, with their zones."),
            new("GET", "/providers", Substance.Emulated, "The providers of this page with their api-versions.", "Azure lists all of its providers."),
            new("GET", S + "/providers", Substance.Emulated, "As above."),
            new("GET", S + "/providers/{namespace}", Substance.Emulated, "One provider."),
            new("POST", S + "/providers/{namespace}/register", Substance.Emulated, "Every provider is registered already.", "Azure takes minutes and really registers."),
            new("POST", S + "/providers/{namespace}/unregister", Substance.Emulated, "Nothing happens.", "Azure takes the registration away."),
            new("GET", S + "/resources", Substance.Emulated, "All top resources with $filter, $expand, $top and pages; a changed resource shows at once.", "Azure's list lags behind changes."),
            new("GET", G + "/resources", Substance.Emulated, "As above, of one group.", "As above."),
            new("GET", S + "/resourceGroups", Substance.Emulated, "Groups with $filter on tags, $top and pages."),
            new("GET HEAD PUT PATCH", G, Substance.Emulated, "A group and its tags."),
            new("DELETE", G, Substance.Real, "Deletes the group and all it holds: clusters stop and their files go.", "Azure takes minutes to hours."),
            new("GET", S + "/providers/{namespace}/locations/{location}/azureAsyncOperation/{operation}", Substance.Emulated, "State of a long-running operation; the URL is signed, about 4 KB long, and takes any api-version."),
            new("GET", S + "/providers/{namespace}/locations/{location}/operationResults/{operation}", Substance.Emulated, "202 while the operation runs, then its result or 204."),
        ]),
        new("Deployments (Microsoft.Resources/deployments)", Versions("Microsoft.Resources", "deployments"),
        [
            new("GET", G + "/providers/Microsoft.Resources/deployments", Substance.Emulated, "Deployments of a group, newest first."),
            new("GET HEAD", Deployment, Substance.Emulated, "A deployment: its state, outputs and error; secure parameters without their value."),
            new("PUT", Deployment, Substance.Real, "The real bicep program evaluates template and parameters; then every resource is made with a PUT of the caller's own, in the order of what needs what, and PostgreSQL servers really run.", "Incremental mode and inline templates only; of the functions that ask running resources: reference, in a value of its own or within format and concat."),
            new("DELETE", Deployment, Substance.Emulated, "Forgets a deployment, not what it made.", "Azure answers 202 and takes a while."),
            new("POST", Deployment + "/validate", Substance.Emulated, "Evaluates the template with the real bicep program and makes nothing.", "The services are not asked: Azure finds more."),
            new("POST", Deployment + "/whatIf", Substance.Emulated, "202, then at Location what a deployment would change, property by property.", "Azure also reports properties that a service fills in by itself."),
            new("POST", Deployment + "/cancel", Substance.Emulated, "Begins no further resource; what was begun ends."),
            new("GET", Deployment + "/operationStatuses/{operation}", Substance.Emulated, "State of a running deployment."),
            new("GET", G + "/deployments/{deployment}/operations", Substance.Emulated, "One operation for each resource, with its state and error."),
            new("GET", G + "/deployments/{deployment}/operations/{operation}", Substance.Emulated, "As above."),
        ]),
        new("Tags (Microsoft.Resources/tags)", ProviderCatalog.Resource,
        [
            new("GET PUT PATCH", "{scope}/providers/Microsoft.Resources/tags/default", Substance.Emulated, "Tags of a group or a resource; PATCH merges, replaces or deletes. Always 200.", "Newer api-versions may answer 202."),
            new("DELETE", "{scope}/providers/Microsoft.Resources/tags/default", Substance.Emulated, "Takes all tags away."),
        ]),
        new("Locks (Microsoft.Authorization/locks)", Versions("Microsoft.Authorization", "locks"),
        [
            new("GET", "{scope}/providers/Microsoft.Authorization/locks", Substance.Emulated, "Locks at a scope and below it."),
            new("GET PUT DELETE", "{scope}/providers/Microsoft.Authorization/locks/{lock}", Substance.Emulated, "A lock, in force at once: CanNotDelete and ReadOnly refuse with ScopeLocked (409).", "In Azure a lock takes effect after some minutes."),
        ]),
        new("Roles (Microsoft.Authorization)", Versions("Microsoft.Authorization", "roleDefinitions"),
        [
            new("GET", "{scope}/providers/Microsoft.Authorization/permissions", Substance.Emulated, "What the caller's roles allow at a scope."),
            new("GET", "{scope}/providers/Microsoft.Authorization/roleDefinitions", Substance.Emulated, "A few built-in roles, the module's two, and those that were added; $filter on roleName and type.", "Azure has some hundred built-in roles."),
            new("GET PUT DELETE", "{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}", Substance.Emulated, "A role; custom ones can be changed."),
            new("GET", "{scope}/providers/Microsoft.Authorization/roleAssignments", Substance.Emulated, "Assignments at, above and below a scope; $filter atScope(), principalId, assignedTo()."),
            new("GET PUT DELETE", "{scope}/providers/Microsoft.Authorization/roleAssignments/{assignment}", Substance.Emulated, "An assignment, in force at once for every call to ARM and to the vaults.", "In Azure it takes effect after some minutes. Deny assignments, conditions and groups are not there."),
        ]),
        new("PostgreSQL flexible servers (Microsoft.DBforPostgreSQL/flexibleServers)", Versions(ProviderCatalog.Postgres, "flexibleServers"), Postgres()),
        new("Traffic Manager (Microsoft.Network/trafficManagerProfiles)", Versions(ProviderCatalog.Network, "trafficManagerProfiles"), TrafficManager()),
        new("Versions of Kubernetes (Microsoft.ContainerService/locations)", Versions("Microsoft.ContainerService", "locations"),
        [
            new("GET", S + "/providers/Microsoft.ContainerService/locations/{location}/kubernetesVersions", Substance.Emulated, "Three versions, less those that behaviour.json takes from a location."),
        ]),
        new("Metrics (Microsoft.Insights/metrics)", Versions(ProviderCatalog.Insights, "metrics"),
        [
            new("GET", "{scope}/providers/Microsoft.Insights/metrics", Substance.Real, "Of flexible servers: physical_replication_delay_in_seconds, physical_replication_delay_in_bytes, storage_percent and is_db_alive, measured in the real databases each 5 s.", "Azure has many more metrics, and shows them minutes later."),
        ]),
        new("Quota of cores (Microsoft.Compute/locations/usages)", Versions(ProviderCatalog.Compute, "locations/usages"),
        [
            new("GET", S + "/providers/Microsoft.Compute/locations/{location}/usages", Substance.Emulated, "Cores that the node pools of the location use, by family and together; the limit is in behaviour.json. A pool that would go beyond it is refused.", "Azure counts every virtual machine of the subscription."),
        ]),
        new("Sizes of virtual machines (Microsoft.Compute/skus)", Versions(ProviderCatalog.Compute, "skus"),
        [
            new("GET", S + "/providers/Microsoft.Compute/skus", Substance.Emulated, "A few sizes with family, cores and zones; $filter on location.", "Azure lists hundreds of sizes, and disks besides."),
        ]),
        new("Resource health (Microsoft.ResourceHealth/availabilityStatuses)", Versions(ProviderCatalog.ResourceHealth, "availabilityStatuses"),
        [
            new("GET", "{scope}/providers/Microsoft.ResourceHealth/availabilityStatuses", Substance.Real, "The health of the subscription's, a group's or one resource's servers, clusters, gateways, caches and vaults: as the real processes are, and that a lost region is lost after the modelled time.", "Azure notices trouble minutes later, and lists the past states of one resource."),
            new("GET", "{scope}/providers/Microsoft.ResourceHealth/availabilityStatuses/current", Substance.Real, "As above, of one resource.", "As above."),
        ]),
        .. ProviderCatalog.Types.Where(IsDocument).Select(t => new RouteGroup($"{t.FullType}", t.ApiVersions, [.. Documents(t)])),
    ];

    private static readonly Route[] s_routes = [.. Groups.SelectMany(g => g.Routes)];

    /// <summary>The route of a call; null when the sandbox does not answer it.</summary>
    public static Route? Find(string method, string path) => Array.Find(s_routes, r => r.Verbs.Contains(method) && r.IsAt(path));

    /// <summary>Types that exist as documents only.</summary>
    private static bool IsDocument(CatalogType type) =>
        type.Tags && type.Namespace is not (ProviderCatalog.Postgres or ProviderCatalog.Resources) && type.Type != "trafficManagerProfiles";

    private static string[] Versions(string provider, string type) => ProviderCatalog.Find(provider, type)!.ApiVersions;

    private static Route[] Postgres()
    {
        const string P = "/providers/Microsoft.DBforPostgreSQL";
        const string Server = G + P + "/flexibleServers/{server}";
        return
        [
            new("GET", S + P + "/flexibleServers", Substance.Emulated, "All servers of regions that are not lost."),
            new("GET", G + P + "/flexibleServers", Substance.Emulated, "As above, of one group."),
            new("GET HEAD", Server, Substance.Emulated, "A server. A replica's replicationState shows in the list of replicas only, as recorded from Azure."),
            new("PUT", Server, Substance.Real, "A new primary (initdb) or read replica (pg_basebackup, streaming across the regions' link), or an update of one that exists. Restore and geo-restore are refused: there are no backups.", AllowsOtherRegions + " Azure takes minutes; the sandbox takes what durations.json says, divided by the time scale."),
            new("PATCH", Server, Substance.Real, "Promotion of a replica (standalone or switchover, planned or forced) is PostgreSQL's own; a password and a compute change act on the cluster. Storage, backup, maintenance window, high availability and identity are stored only.", "Azure's promotion takes minutes."),
            new("DELETE", Server, Substance.Real, "The cluster stops and its files go; refused while there are replicas."),
            new("POST", Server + "/start", Substance.Real, "Starts the cluster."),
            new("POST", Server + "/stop", Substance.Real, "Stops the cluster."),
            new("POST", Server + "/restart", Substance.Real, "Restarts the cluster. A failover to a standby is refused: there is none.", "Azure can fail over to the high-availability standby."),
            new("GET", Server + "/replicas", Substance.Real, "Replicas with the replicationState that streaming really has."),
            new("GET", Server + "/capabilities", Substance.Emulated, "A short list of editions, sizes and versions.", "Azure's list is longer and differs by region."),
            new("GET", S + P + "/locations/{location}/capabilities", Substance.Emulated, "As above.", "As above."),
            new("GET", Server + "/configurations", Substance.Real, "What pg_settings says."),
            new("GET", Server + "/configurations/{parameter}", Substance.Real, "As above."),
            new("PUT PATCH", Server + "/configurations/{parameter}", Substance.Real, "ALTER SYSTEM and reload; a static parameter waits for a restart.", "Azure lets fewer parameters be changed."),
            new("GET", Server + "/databases", Substance.Real, "The cluster's databases."),
            new("GET PUT DELETE", Server + "/databases/{database}", Substance.Real, "CREATE DATABASE and DROP DATABASE."),
            new("GET", Server + "/firewallRules", Substance.Document, "Rules with Azure's checks.", "They keep nobody out: the clusters listen on loopback."),
            new("GET PUT DELETE", Server + "/firewallRules/{rule}", Substance.Document, "As above.", "As above."),
            new("GET", Server + "/administrators", Substance.Document, "Microsoft Entra administrators.", "Nobody signs in with a token."),
            new("GET PUT DELETE", Server + "/administrators/{objectId}", Substance.Document, "As above.", "As above."),
            new("GET", Server + "/virtualEndpoints", Substance.Real, "The pair of names of a primary (from 2024-08-01)."),
            new("GET PUT PATCH DELETE", Server + "/virtualEndpoints/{endpoint}", Substance.Real, "The reader's and the writer's name in the sandbox's DNS; a switchover swaps them."),
            new("POST", S + P + "/checkNameAvailability", Substance.Emulated, "Whether a server or endpoint may have the name.", "Only the sandbox's own names are taken."),
            new("POST", S + P + "/locations/{location}/checkNameAvailability", Substance.Emulated, "As above.", "As above."),
            new("POST", P + "/getPrivateDnsZoneSuffix", Substance.Emulated, "What the private DNS zones of servers end with."),
            new("GET", P + "/operations", Substance.Emulated, "The actions that a role can be given.", "Azure's list is longer."),
        ];
    }

    private static Route[] TrafficManager()
    {
        const string P = "/providers/Microsoft.Network";
        const string Profile = G + P + "/trafficManagerProfiles/{profile}";
        var routes = new List<Route>
        {
            new("GET", S + P + "/trafficManagerProfiles", Substance.Emulated, "All profiles."),
            new("GET", G + P + "/trafficManagerProfiles", Substance.Emulated, "As above, of one group."),
            new("GET HEAD", Profile, Substance.Real, "A profile with the state of its real probes."),
            new("PUT PATCH DELETE", Profile, Substance.Real, "Changes the sandbox's DNS and its probes after the modelled propagation.", "Azure's propagation is not exactly known; probes come from one place, not from many."),
            new("POST", P + "/checkTrafficManagerNameAvailability", Substance.Emulated, "Whether a name is free.", "Only the sandbox's own names are taken."),
            new("POST", S + P + "/checkTrafficManagerNameAvailabilityV2", Substance.Emulated, "As above.", "As above."),
        };
        foreach (var kind in (string[])["azureEndpoints", "externalEndpoints", "nestedEndpoints"])
        {
            var differs = kind switch
            {
                "externalEndpoints" => "Azure refuses private addresses; the sandbox takes those of its own gateways, and others when allowPrivateTargets is set.",
                "nestedEndpoints" => "The answer of a nested profile is its own name; its child's health is not looked at.",
                _ => "The target's DNS name is what its stored document says.",
            };
            routes.Add(new("GET PUT PATCH DELETE", $"{Profile}/{kind}/{{endpoint}}", Substance.Real, "An endpoint: DNS and probes follow it.", differs));
        }

        return [.. routes];
    }

    private static IEnumerable<Route> Documents(CatalogType type)
    {
        var provider = $"/providers/{type.Namespace}/{type.Type}";
        var one = $"{G}{provider}/{{name}}";
        yield return new("GET", S + provider, Substance.Document, "All of the subscription.");
        yield return new("GET", G + provider, Substance.Document, "All of one group.");
        yield return new("GET HEAD", one, Substance.Document, "The document.");
        var slow = type.Type is "managedClusters" or "applicationGateways";
        yield return new("PUT", one, Substance.Document, slow ? "Stores the document; its state shows the change for the modelled time." : "Stores the document; done at once.", "Only the envelope is checked, not what the service would refuse.");
        yield return new("PATCH", one, Substance.Document, slow || type.Namespace == ProviderCatalog.Network ? "Tags only, as in Azure." : "Tags and properties, merged.");
        yield return new("DELETE", one, Substance.Document, "Takes the document away.");
        foreach (var child in ProviderCatalog.Types.Where(t => t.Namespace == type.Namespace && t.Type.StartsWith(type.Type + "/", StringComparison.Ordinal)))
        {
            if (type.Type == "vaults")
            {
                var secrets = child.Type == "vaults/secrets";
                yield return new("GET", G + "/providers/" + child.Namespace + "/vaults/{name}/" + (secrets ? "secrets" : "keys"), Substance.Emulated, secrets ? "Names and dates, never a value." : "Keys that a template made.");
                yield return new(secrets ? "GET PUT PATCH" : "GET PUT", G + "/providers/" + child.Namespace + "/vaults/{name}/" + (secrets ? "secrets/{secret}" : "keys/{key}"), Substance.Emulated, secrets ? "Sets a secret, which the vault then gives out; its value is not shown here." : "A key by name; one that is there stays.", secrets ? "" : "There is no key material: nothing can be encrypted with it.");
                continue;
            }

            var name = child.Type.Split('/')[1];
            yield return new("GET", $"{one}/{name}", Substance.Document, "Those of the parent's document.");
            yield return new("GET PUT DELETE", $"{one}/{name}/{{child}}", Substance.Document, name == "agentPools" ? "A node pool; counts are checked, and a change takes the modelled time." : "A part of the parent's document.", name == "agentPools" ? "There are no nodes." : "");
        }

        switch (type.Type)
        {
            case "managedClusters":
                yield return new("POST", one + "/start", Substance.Document, "The document's power state.", "There is no cluster: the application runs as a process of its own.");
                yield return new("POST", one + "/stop", Substance.Document, "As above.", "As above.");
                break;
            case "applicationGateways":
                yield return new("POST", one + "/start", Substance.Document, "The document's operational state.", "The region's real gateway process goes on.");
                yield return new("POST", one + "/stop", Substance.Document, "As above.", "As above.");
                yield return new("POST", one + "/backendhealth", Substance.Real, "Up or Down, as the region's gateway and application processes are.");
                break;
        }
    }
}
