using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Hosting;

namespace Highflame.Dr.Sandbox;

/// <summary>The two files that users of the sandbox read: sandbox.json (with secrets, mode 0600) and the ready region-pair file.</summary>
internal static class SandboxFile
{
    public static string PairPath(SandboxLayout layout) => Path.Combine(layout.Root, "region-pair.json");

    /// <summary>Where the file of a further pair lies.</summary>
    public static string PairPath(SandboxLayout layout, SandboxPair pair) => Path.Combine(layout.Root, "pairs", pair.Name + ".json");

    public static string ProfileId(Composition sandbox) => ProfileId(sandbox, sandbox.Layout.Pairs.First());

    public static string ProfileId(Composition sandbox, SandboxPair pair) =>
        $"/subscriptions/{sandbox.Identity.SubscriptionId}/resourceGroups/{pair.Regions[0].ResourceGroup}/providers/Microsoft.Network/trafficManagerProfiles/{pair.Profile}";

    /// <summary>The application's certificate with its private key (PEM, mode 0600).</summary>
    public static string CertificatePath(SandboxLayout layout) => Path.Combine(layout.Root, "tls", "client-certificate.pem");

    /// <summary>The token that Kubernetes would project into the operator's pod (mode 0600).</summary>
    public static string FederatedTokenPath(SandboxLayout layout) => Path.Combine(layout.Root, "federated-token");

    public static void Write(Composition sandbox)
    {
        var (layout, identity) = (sandbox.Layout, sandbox.Identity);
        File.WriteAllText(PairPath(layout), Pair(sandbox, layout.Pairs.First()).ToJsonString(Json.Indented) + "\n");
        if (layout.FurtherPairs.Count > 0) Directory.CreateDirectory(Path.Combine(layout.Root, "pairs"));
        foreach (var pair in layout.FurtherPairs) File.WriteAllText(PairPath(layout, pair), Pair(sandbox, pair).ToJsonString(Json.Indented) + "\n");
        PrivateFile.Write(CertificatePath(layout), sandbox.Credentials.CertificatePem());
        PrivateFile.Write(FederatedTokenPath(layout), sandbox.Credentials.FederatedToken());
        var file = new JsonObject
        {
            ["version"] = 1,
            ["processId"] = Environment.ProcessId,
            ["timeScale"] = layout.TimeScale,
            ["arm"] = sandbox.Arm.OriginalString,
            ["authority"] = sandbox.Authority.OriginalString,
            ["tenantId"] = identity.TenantId,
            ["subscriptionId"] = identity.SubscriptionId,
            ["clientId"] = identity.ClientId,
            ["clientSecret"] = identity.ClientSecret,
            ["clientCertificate"] = CertificatePath(layout),
            ["federatedTokenFile"] = FederatedTokenPath(layout),
            ["user"] = identity.UserName,
            ["caCertificate"] = layout.CaCertificatePath,
            ["dns"] = new JsonObject { ["address"] = layout.DnsAddress.ToString(), ["port"] = layout.DnsPort },
            ["control"] = sandbox.Control.OriginalString,
            ["controlKey"] = sandbox.ControlKey,
            ["elsewhere"] = sandbox.Elsewhere.OriginalString,
            ["regionPair"] = PairPath(layout),
            ["trafficManager"] = new JsonObject { ["fqdn"] = layout.TrafficManagerFqdn, ["profileId"] = ProfileId(sandbox) },
            ["managedIdentity"] = new JsonObject
            {
                ["endpoint"] = $"{sandbox.ManagedIdentity.OriginalString}/MSI/token",
                ["header"] = identity.ManagedIdentityHeader,
                ["clientId"] = identity.ManagedIdentityClientId,
                ["userAssignedClientId"] = identity.Runbooks.ClientId,
                ["imds"] = sandbox.ManagedIdentity.OriginalString,
            },
            ["gatewayPort"] = layout.GatewayPort,
            ["databasePort"] = layout.DatabasePort,
            ["requestLog"] = layout.RequestLogPath,
            ["regions"] = new JsonArray([.. layout.Regions.Select(r => (JsonNode)new JsonObject
            {
                ["location"] = r.Location,
                ["resourceGroup"] = r.ResourceGroup,
                ["vault"] = sandbox.Vaults.UriOf(Composition.DatabaseVault(r)).ToString(),
                ["gateway"] = new JsonObject { ["address"] = r.GatewayAddress.ToString(), ["port"] = layout.GatewayPort, ["fqdn"] = r.GatewayFqdn },
                ["servers"] = new JsonArray(new JsonObject
                {
                    ["name"] = r.DatabaseServer,
                    ["host"] = sandbox.Parts.Databases.AddressOf(r.DatabaseServer),
                    ["port"] = sandbox.Parts.Databases.Port,
                    ["user"] = layout.Administrator,
                    ["password"] = layout.AdministratorPassword,
                    ["database"] = layout.ApplicationRole,
                }),
            })]),
        };
        if (layout.FurtherPairs.Count > 0)
        {
            file["furtherPairs"] = new JsonArray([.. layout.FurtherPairs.Select(p => (JsonNode)PairPath(layout, p))]);
            // Nobody listens where the others' databases would be.
            file["databaseServers"] = new JsonArray([.. layout.Pairs.Where(layout.IsReal).SelectMany(p => p.Regions).Select(r => (JsonNode)(r.DatabaseServer + "*"))]);
        }

        // For those who look behind the sandbox, as the benchmark's floor does. Nothing of the product uses it: Azure gives nobody a superuser.
        if (sandbox.Parts.SuperuserPassword is { } password) file["superuser"] = new JsonObject { ["user"] = Postgres.ClusterHome.Superuser, ["password"] = password };
        PrivateFile.Write(layout.SandboxFile, file.ToJsonString(Json.Indented) + "\n");
    }

    private static JsonObject Pair(Composition sandbox, SandboxPair pair)
    {
        var (layout, identity) = (sandbox.Layout, sandbox.Identity);
        return new JsonObject
        {
            ["$schema"] = "region-pair.schema.json",
            ["name"] = pair.Name,
            ["subscriptionId"] = identity.SubscriptionId,
            ["regions"] = new JsonArray([.. pair.Regions.Select(r => (JsonNode)new JsonObject
            {
                ["location"] = r.Location,
                ["resourceGroup"] = r.ResourceGroup,
                ["gatewayTarget"] = r.GatewayAddress.ToString(),
                ["gatewayId"] = $"/subscriptions/{identity.SubscriptionId}/resourceGroups/{r.ResourceGroup}/providers/Microsoft.Network/applicationGateways/{r.NamePrefix}-aks-appgw",
                ["replicaName"] = null,
                ["environment"] = new JsonObject
                {
                    ["prefix"] = r.NamePrefix,
                    ["vaults"] = new JsonObject { ["certificates"] = Seed.RegionTemplate.SslVault(r, identity), ["database"] = Composition.DatabaseVault(r) },
                },
            })]),
            ["traffic"] = new JsonObject { ["profileId"] = ProfileId(sandbox, pair), ["endpointName"] = "global-endpoint" },
            ["health"] = new JsonObject
            {
                ["hostName"] = layout.ApplicationHost,
                ["path"] = "/healthz",
                ["port"] = layout.GatewayPort,
                ["expectedStatus"] = 200,
                ["functionPath"] = "/v1/entries",
                ["consecutive"] = 3,
                ["timeoutSeconds"] = 5,
            },
            ["objectives"] = new JsonObject { ["rtoSeconds"] = 900, ["rpoSeconds"] = 60 },
            // A rehearsal goes there and back at once.
            ["failback"] = new JsonObject { ["cooldownSeconds"] = 0 },
            ["watch"] = new JsonObject
            {
                ["vantagePoints"] = new JsonArray(new JsonObject { ["name"] = "elsewhere", ["url"] = $"{sandbox.Elsewhere.OriginalString}/vantage?target={{target}}" }),
            },
            ["environment"] = new JsonObject
            {
                ["cluster"] = new JsonObject { ["authorizedIPRanges"] = new JsonArray("127.0.0.0/8") },
                ["database"] = new JsonObject { ["database"] = layout.ApplicationRole, ["port"] = layout.DatabasePort, ["storageTier"] = "P30" },
            },
            ["runStore"] = Path.Combine(layout.Root, "runs"),
        };
    }
}
