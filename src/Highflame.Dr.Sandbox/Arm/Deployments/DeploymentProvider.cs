using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>Deployments of ARM templates at a resource group: validate, whatIf, create, follow, list, cancel and forget.</summary>
internal sealed partial class DeploymentProvider(
    string tenant, string subscription, ResourceGroups groups, ResourceStore store, Operations operations, BicepEngine bicep, TimeProvider time, ILogger<DeploymentProvider> log, CancellationToken stopping) : IResourceProvider
{
    private readonly ConcurrentDictionary<string, Deployment> _deployments = new(StringComparer.OrdinalIgnoreCase);

    public string Namespace => ProviderCatalog.Resources;

    /// <summary>Sends a call as ARM's router does; set by the composition.</summary>
    public Func<ArmCall, Task<ArmAnswer>> Send { get; set; } = _ => throw new InvalidOperationException("The router is not there yet.");

    public bool Answers(ArmPath path) => IsOperations(path) || (ArmPath.Same(path.Namespace, ProviderCatalog.Resources) && path.Types.Count > 0 && ArmPath.Same(path.Types[0], "deployments"));

    /// <summary>The published path of a deployment's operations has no provider: <c>.../resourceGroups/{group}/deployments/{name}/operations</c>.</summary>
    public static bool IsOperations(ArmPath path) =>
        path is { Namespace: null, Group: not null, Rest: [var one, _, var two, ..] } && ArmPath.Same(one, "deployments") && ArmPath.Same(two, "operations");

    public async Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var path = call.Path;
        if (IsOperations(path)) return List(Find($"{path.Scope[..path.Scope.IndexOf("/deployments/", StringComparison.OrdinalIgnoreCase)]}/providers/{Namespace}/deployments/{path.Rest[1]}"), path.Rest.ElementAtOrDefault(3));
        var id = path.TopResourceId;
        return (call.Method, path.Types.Count, path.Names.Count) switch
        {
            ("GET", 1, 0) => ArmAnswer.List(_deployments.Values.Where(d => ArmPath.Same(d.Path.Group, path.Group)).OrderByDescending(d => d.Started).Select(d => d.ToDocument())),
            ("GET", 1, 1) => ArmAnswer.Ok(Find(id).ToDocument()),
            ("HEAD", 1, 1) => new ArmAnswer(_deployments.ContainsKey(id) ? 204 : 404),
            ("PUT", 1, 1) => await CreateAsync(call),
            ("DELETE", 1, 1) => Delete(id),
            ("POST", 2, 1) when ArmPath.Same(path.Types[1], "validate") => await ValidateAsync(call),
            ("POST", 2, 1) when ArmPath.Same(path.Types[1], "whatIf") => await WhatIfAsync(call),
            ("POST", 2, 1) when ArmPath.Same(path.Types[1], "cancel") => Cancel(id),
            ("GET", 2, 2) when ArmPath.Same(path.Types[1], "operationStatuses") => ArmAnswer.Ok(Find(id).ToStatus()),
            _ => throw ArmError.MethodNotAllowed(call.Method, path),
        };
    }

    private Deployment Find(string id) => _deployments.TryGetValue(id, out var found)
        ? found
        : throw new ArmError(404, "DeploymentNotFound", $"Deployment '{ArmPath.Parse(id).Names[0]}' could not be found.");

    private async Task<ArmAnswer> CreateAsync(ArmCall call)
    {
        if (_deployments.TryGetValue(call.Path.Text, out var known) && known.IsActive)
            throw new ArmError(409, "DeploymentActive", $"Unable to edit or replace deployment '{known.Path.Names[0]}': previous deployment from '{known.Started:MM/dd/yyyy HH:mm:ss}' is still active. Please see https://aka.ms/arm-deploy for usage details.");
        var (evaluated, template, parameters, mode) = await ReadAsync(call);
        var now = time.GetUtcNow();
        var made = new Deployment
        {
            Path = call.Path, Mode = mode, Template = template, Parameters = parameters, Evaluated = evaluated, Started = now, Changed = now, Tags = call.Body()["tags"]?.DeepClone() as JsonObject,
        };
        _deployments[call.Path.Text] = made;
        var run = new DeploymentRun(made, call, Send, time, log, stopping);
        var body = made.ToDocument();
        _ = Task.Run(run.RunAsync, CancellationToken.None);
        return new ArmAnswer(known is null ? 201 : 200, body)
        {
            Headers = new Dictionary<string, string> { ["Azure-AsyncOperation"] = $"{call.BaseUri}{call.Path.Text}/operationStatuses/{made.OperationId}?api-version={call.ApiVersion}" },
        };
    }

    private async Task<ArmAnswer> ValidateAsync(ArmCall call)
    {
        var (evaluated, _, parameters, mode) = await ReadAsync(call);
        return ArmAnswer.Ok(new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["mode"] = mode,
                ["provisioningState"] = "Succeeded",
                ["timestamp"] = Json.Stamp(time.GetUtcNow()),
                ["duration"] = "PT0S",
                ["correlationId"] = Guid.NewGuid().ToString(),
                ["validatedResources"] = new JsonArray([.. evaluated.Resources.Select(r => (JsonNode)new JsonObject { ["id"] = r.Path.Text })]),
            },
        });
    }

    private async Task<ArmAnswer> WhatIfAsync(ArmCall call)
    {
        var (evaluated, _, parameters, _) = await ReadAsync(call);
        JsonObject? result = null;
        var started = operations.Start(call, new OperationPlan
        {
            Name = "WhatIf",
            Namespace = ProviderCatalog.Resources,
            Location = groups.Find(call.Path.Group!).Text("location")!,
            Work = async _ => result = new JsonObject { ["status"] = "Succeeded", ["properties"] = new JsonObject { ["changes"] = await ChangesAsync(call, evaluated, parameters) } },
            Result = () => result?.DeepClone(),
        });
        // Its final state is at Location; the published description knows no other header.
        return started with { Body = null, Headers = started.Headers.Where(h => h.Key != "Azure-AsyncOperation").ToDictionary(h => h.Key, h => h.Value) };
    }

    private async Task<JsonArray> ChangesAsync(ArmCall call, EvaluatedTemplate evaluated, JsonObject parameters)
    {
        var there = new Dictionary<string, JsonObject?>(StringComparer.OrdinalIgnoreCase);
        foreach (var resource in evaluated.Resources)
        {
            ApiVersions.Check(resource.Path, resource.ApiVersion);
            there[resource.Path.Text] = await TryReadAsync(call, resource.Path, resource.ApiVersion);
        }

        var changes = new JsonArray();
        foreach (var resource in evaluated.Resources) changes.Add(WhatIf.Change(resource, Known(resource.Body, there), there[resource.Path.Text]));
        var listed = store.Where(r => ArmPath.Same(r.Group, call.Path.Group) && !r.IsChild && !there.ContainsKey(r.Id));
        foreach (var other in listed) changes.Add(WhatIf.Ignored(other.Id, Json.Identified(other)));
        return changes;
    }

    /// <summary>Fills in what resources that are there already tell; the rest stays open. Secrets stay open always: what-if does not read them.</summary>
    private static JsonObject Known(JsonObject body, Dictionary<string, JsonObject?> there)
    {
        JsonNode? Fill(JsonNode? node) => node switch
        {
            JsonObject container => new JsonObject(container.Select(p => KeyValuePair.Create(p.Key, Fill(p.Value)))),
            JsonArray array => new JsonArray([.. array.Select(Fill)]),
            JsonValue value when value.TryGetValue(out string? text) && TemplateExpression.Is(text) && !text.Contains("parameters(", StringComparison.OrdinalIgnoreCase)
                && TemplateExpression.References(value).All(id => there.GetValueOrDefault(id) is not null) => TemplateExpression.Resolve(value, id => there.GetValueOrDefault(id), []),
            _ => node?.DeepClone(),
        };
        return (JsonObject)Fill(body)!;
    }

    private async Task<JsonObject?> TryReadAsync(ArmCall call, ArmPath path, string version)
    {
        try
        {
            return (await Send(call with { Method = "GET", Path = path, ApiVersion = version, Query = new Dictionary<string, string>(), Content = "" })).Body as JsonObject;
        }
        catch (ArmError missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    private async Task<(EvaluatedTemplate Evaluated, JsonObject Template, JsonObject Parameters, string Mode)> ReadAsync(ArmCall call)
    {
        if (!NameForm().IsMatch(call.Path.Names[0]))
            throw ArmError.BadRequest("InvalidDeploymentName", $"The provided deployment name '{call.Path.Names[0]}' is not valid: letters, digits, '-', '.', '(', ')' or '_', at most 64.");
        var body = call.Body();
        if (body["properties"] is not JsonObject properties) throw ArmError.BadRequest("InvalidRequestContent", "The request content was invalid: 'Required property 'properties' not found in JSON.'.");
        if (properties["templateLink"] is not null || properties["parametersLink"] is not null)
            throw ArmError.BadRequest("InvalidTemplateLink", "The sandbox takes a template and its parameters in the request only.");
        if (properties["template"] is not JsonObject template) throw ArmError.BadRequest("InvalidDeployment", "The template for the deployment is missing.");
        var mode = properties.Text("mode") is { } given && ((string[])["Incremental", "Complete"]).FirstOrDefault(m => ArmPath.Same(m, given)) is { } known
            ? known
            : throw ArmError.BadRequest("InvalidDeploymentMode", "The deployment mode is missing or not valid: 'Incremental' or 'Complete'.", "properties.mode");
        if (mode == "Complete") throw ArmError.BadRequest("InvalidDeploymentMode", "The sandbox deploys in the mode 'Incremental' only: it deletes nothing.", "properties.mode");
        var parameters = properties["parameters"] as JsonObject ?? [];
        var scope = new TemplateScope(tenant, subscription, call.Path.Group, groups.Find(call.Path.Group!).Text("location")!, call.Path.Names[0]);
        return (await bicep.EvaluateAsync(template, parameters, scope, call.Aborted), (JsonObject)template.DeepClone(), (JsonObject)parameters.DeepClone(), mode);
    }

    private ArmAnswer List(Deployment deployment, string? operation)
    {
        List<DeploymentOperation> all;
        lock (deployment.Gate) all = [.. deployment.Operations];
        if (operation is null) return ArmAnswer.List(all.Select(deployment.ToDocument));
        return all.FirstOrDefault(o => ArmPath.Same(o.Id, operation)) is { } found
            ? ArmAnswer.Ok(deployment.ToDocument(found))
            : throw new ArmError(404, "DeploymentOperationNotFound", $"Deployment operation '{operation}' could not be found.");
    }

    private ArmAnswer Cancel(string id)
    {
        var deployment = Find(id);
        if (!deployment.IsActive)
            throw new ArmError(409, "DeploymentCannotBeCancelled", $"The deployment '{deployment.Path.Names[0]}' cannot be cancelled: it is in the state '{deployment.State}'.");
        deployment.Cancel.Cancel();
        return new ArmAnswer(204);
    }

    private ArmAnswer Delete(string id)
    {
        if (!_deployments.TryGetValue(id, out var known)) return new ArmAnswer(204);
        if (known.IsActive) throw new ArmError(409, "DeploymentActive", $"The deployment '{known.Path.Names[0]}' is active and cannot be deleted.");
        _deployments.TryRemove(id, out _);
        return new ArmAnswer(204);
    }

    [GeneratedRegex(@"^[-\w\._\(\)]{1,64}$")]
    private static partial Regex NameForm();
}
