using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Shows a server as the api-version that was asked for has it.</summary>
internal sealed class ServerView(ServerTable servers, Settings settings)
{
    /// <param name="server">The server.</param>
    /// <param name="apiVersion">2025-08-01, 2024-08-01 or 2022-12-01 (no replica object there).</param>
    /// <param name="inReplicaList">True in the answer of /replicas, the only place that always shows replicationState.</param>
    public async Task<JsonObject> ShowAsync(Server server, string apiVersion, bool inReplicaList, CancellationToken cancellationToken)
    {
        var document = Show(server, apiVersion);
        if (server.IsReplica && (inReplicaList || settings.Behaviour.ReplicationStateOnServer) && document.At("properties.replica") is JsonObject replica)
            replica["replicationState"] = await ReplicationStateAsync(server, cancellationToken);
        return document;
    }

    /// <summary>The server without what only its database knows: the result of an operation.</summary>
    public JsonObject Show(Server server, string apiVersion)
    {
        var document = Json.Identified(server.Resource);
        document["location"] = settings.Behaviour.DisplayNameLocations ? Locations.Display(server.Location) : server.Location;
        var properties = document.Child("properties");
        properties.Remove("administratorLoginPassword");
        properties["state"] = State(server, apiVersion);
        if (apiVersion == "2022-12-01")
        {
            // Members that came later.
            properties.Remove("privateEndpointConnections");
            if (properties["storage"] is JsonObject { } storage && storage["storageSizeGB"] is { } size) properties["storage"] = new JsonObject { ["storageSizeGB"] = size.DeepClone() };
            return document;
        }

        properties["privateEndpointConnections"] ??= new JsonArray();
        properties["replica"] = new JsonObject { ["role"] = server.Role, ["capacity"] = properties["replicaCapacity"]?.DeepClone() ?? 0 };
        return document;
    }

    public async Task<ArmAnswer> ListAsync(IEnumerable<Server> list, string apiVersion, bool replicas, CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        foreach (var server in list) items.Add(await ShowAsync(server, apiVersion, replicas, cancellationToken));
        return ArmAnswer.Ok(new JsonObject { ["value"] = items });
    }

    /// <summary>Active, Catchup, Provisioning, Updating, Broken or Reconfiguring.</summary>
    private async Task<string> ReplicationStateAsync(Server server, CancellationToken cancellationToken)
    {
        switch (server.State)
        {
            case "Provisioning":
                return "Provisioning";
            case "Updating":
                return "Reconfiguring";
            case "Stopped" or "Stopping" or "Starting":
                return "Active";
        }

        if (servers.IsBroken(server)) return "Broken";
        try
        {
            // The first gigabyte of gap still counts as caught up, as at creation.
            var lag = await servers.Fleet.GetLagAsync(server.Name, cancellationToken);
            return string.Equals(lag.State, "streaming", StringComparison.OrdinalIgnoreCase) && lag.Bytes is null or <= 1L << 30 ? "Active" : "Catchup";
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return "Catchup";
        }
    }

    /// <summary>Older versions lack some states.</summary>
    private static string State(Server server, string apiVersion) => (server.State, apiVersion) switch
    {
        (var state, "2025-08-01") => state,
        ("Provisioning" or "Restarting", _) => "Updating",
        ("Inaccessible", _) => "Disabled",
        (var state, _) => state,
    };
}
