using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Microsoft.DBforPostgreSQL: sends each call to the part that knows it.</summary>
internal sealed class FlexibleServerProvider(
    ServerTable servers,
    ServerView view,
    ServerCreation creation,
    ServerUpdate update,
    ServerPower power,
    ServerConfigurations configurations,
    ServerDatabases databases,
    FirewallRules firewall,
    ServerAdministrators administrators,
    VirtualEndpoints endpoints,
    ServerNames names,
    Settings settings) : IResourceProvider
{
    public string Namespace => ProviderCatalog.Postgres;

    public bool Answers(ArmPath path) => ArmPath.Same(path.Namespace, ProviderCatalog.Postgres);

    public async Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var older = call.ApiVersion != ProviderCatalog.PostgresVersion;
        var created = call.Method == "PUT" && !servers.Store.Contains(call.Path.Text);
        var answer = await RouteAsync(call);
        if (!older || answer.Operation is not { } operation || !settings.Behaviour.OlderVersionsAnswerWhenDone) return answer;
        await operation.Done.WaitAsync(call.Aborted);
        if (operation.Error is { } error) throw error;
        return new ArmAnswer(created ? 201 : 200, call.Method is "PUT" or "PATCH" ? operation.Plan.Result() : null);
    }

    private Task<ArmAnswer> RouteAsync(ArmCall call)
    {
        var path = call.Path;
        return (call.Method, path.TypePath.ToLowerInvariant(), path.Names.Count) switch
        {
            ("GET", "flexibleservers", 0) => ListAsync(call),
            ("GET", "flexibleservers", 1) => ShowAsync(call),
            ("HEAD", "flexibleservers", 1) => Task.FromResult(new ArmAnswer(servers.Find(path.Text) is null ? 404 : 204)),
            ("PUT", "flexibleservers", 1) => Task.FromResult(creation.Put(call)),
            ("PATCH", "flexibleservers", 1) => update.PatchAsync(call),
            ("DELETE", "flexibleservers", 1) => Task.FromResult(power.Delete(call)),
            ("POST", "flexibleservers/start", 1) => Task.FromResult(power.Start(call)),
            ("POST", "flexibleservers/stop", 1) => Task.FromResult(power.Stop(call)),
            ("POST", "flexibleservers/restart", 1) => Task.FromResult(power.Restart(call)),
            ("GET", "flexibleservers/replicas", 1) => view.ListAsync(servers.ReplicasOf(servers.Get(path)), call.ApiVersion, true, call.Aborted),
            ("GET", "flexibleservers/capabilities", 1) => Task.FromResult(Capabilities.Of(servers.Get(path).Location, call.ApiVersion)),
            (_, "flexibleservers/configurations", _) => configurations.HandleAsync(call),
            (_, "flexibleservers/databases", _) => databases.HandleAsync(call),
            (_, "flexibleservers/firewallrules", _) => Task.FromResult(firewall.Handle(call)),
            (_, "flexibleservers/administrators", _) => Task.FromResult(administrators.Handle(call)),
            (_, "flexibleservers/virtualendpoints", _) when call.ApiVersion != "2022-12-01" => Task.FromResult(endpoints.Handle(call)),
            ("GET", "locations/capabilities", 1) => Task.FromResult(Capabilities.Of(path.Names[0], call.ApiVersion)),
            ("POST", "getprivatednszonesuffix", 0) => Task.FromResult(ArmAnswer.Ok(JsonValue.Create(ServerNames.PrivateZoneSuffix))),
            ("GET", "operations", 0) => Task.FromResult(ProviderOperations.List()),
            ("POST", "checknameavailability", 0) or ("POST", "locations/checknameavailability", 1) => Task.FromResult(names.Check(call)),
            _ => throw ArmError.MethodNotAllowed(call.Method, path),
        };
    }

    private Task<ArmAnswer> ListAsync(ArmCall call) => view.ListAsync(
        servers.In(call.Path.Group).Where(s => !servers.IsLost(s)), call.ApiVersion, false, call.Aborted);

    private async Task<ArmAnswer> ShowAsync(ArmCall call)
    {
        JsonObject shown = await view.ShowAsync(servers.Get(call.Path), call.ApiVersion, false, call.Aborted);
        return ArmAnswer.Ok(shown);
    }
}
