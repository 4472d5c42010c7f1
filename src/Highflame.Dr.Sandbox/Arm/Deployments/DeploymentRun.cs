using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>
/// Makes the resources of a deployment, each with a PUT of the caller's own, those that wait for nothing side by side. One that fails stops what needs it and
/// nothing else; what was made stays, as in Azure's incremental mode.
/// </summary>
internal sealed class DeploymentRun(Deployment deployment, ArmCall call, Func<ArmCall, Task<ArmAnswer>> send, TimeProvider time, ILogger log, CancellationToken stopping)
{
    private static readonly TimeSpan s_busyPause = TimeSpan.FromMilliseconds(100);
    private const int BusyTries = 600;

    public async Task RunAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, deployment.Cancel.Token);
        Set("Running", null, null);
        var needs = DeploymentOrder.Of(deployment.Evaluated.Resources);
        var waiting = deployment.Evaluated.Resources.ToList();
        var done = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var running = new Dictionary<Task<ArmError?>, EvaluatedResource>();
        var failed = new List<(EvaluatedResource Resource, ArmError Error)>();
        while (waiting.Count > 0 || running.Count > 0)
        {
            foreach (var ready in end.IsCancellationRequested ? [] : waiting.Where(r => needs[r.Path.Text].All(done.Contains)).ToList())
            {
                waiting.Remove(ready);
                running[MakeAsync(ready, end.Token)] = ready;
            }

            // What is left needs one that failed.
            if (running.Count == 0) break;
            var ended = await Task.WhenAny(running.Keys);
            running.Remove(ended, out var resource);
            if (await ended is { } error) failed.Add((resource!, error));
            else done.Add(resource!.Path.Text);
        }

        if (stopping.IsCancellationRequested) return;
        if (deployment.Cancel.IsCancellationRequested) Set("Canceled", new ArmError(409, "DeploymentCanceled", "The deployment was canceled."), null);
        else if (failed.Count > 0) Set("Failed", Failure(failed), null);
        else Conclude();
    }

    private void Conclude()
    {
        try
        {
            var outputs = new JsonObject();
            foreach (var (name, value) in deployment.Evaluated.Outputs)
            {
                var resolved = TemplateExpression.Resolve(value, id => Read(id).Result, deployment.Parameters);
                outputs[name] = new JsonObject { ["type"] = deployment.Template.At($"outputs.{name}.type")?.DeepClone() ?? "String", ["value"] = resolved };
            }

            Set("Succeeded", null, outputs);
        }
        catch (Exception error) when (error is ArmError or AggregateException { InnerException: ArmError })
        {
            var refusal = error as ArmError ?? (ArmError)error.InnerException!;
            Set("Failed", new ArmError(400, "DeploymentOutputEvaluationFailed", $"Unable to evaluate template outputs. Please see error details. {refusal.Message}"), null);
        }
    }

    /// <summary>Null when the resource was made.</summary>
    private async Task<ArmError?> MakeAsync(EvaluatedResource resource, CancellationToken cancellationToken)
    {
        // A task of its own for each resource: the ones that end at once would share one.
        await Task.Yield();
        var operation = new DeploymentOperation(resource, time.GetUtcNow());
        lock (deployment.Gate) deployment.Operations.Add(operation);
        ArmError? error = null;
        var status = "Created";
        try
        {
            var referenced = new Dictionary<string, JsonObject?>(StringComparer.OrdinalIgnoreCase);
            foreach (var id in TemplateExpression.References(resource.Body)) referenced[id] = await Read(id);
            var body = (JsonObject)TemplateExpression.Resolve(resource.Body, id => referenced.GetValueOrDefault(id), deployment.Parameters)!;
            status = await PutAsync(resource, body, cancellationToken) == 201 ? "Created" : "OK";
        }
        catch (ArmError refused)
        {
            error = refused;
        }
        catch (OperationCanceledException)
        {
            error = new ArmError(409, "DeploymentCanceled", "The deployment was canceled.");
        }
#pragma warning disable CA1031 // Whatever goes wrong is the resource's result, as in Azure.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            log.LogError(failed, "{Resource} was not made", resource.Path.Text);
            error = new ArmError(500, "InternalServerError", $"The sandbox failed: {failed.Message}");
        }

        lock (deployment.Gate)
        {
            operation.State = error is null ? "Succeeded" : "Failed";
            operation.StatusCode = error is null ? status : StatusWord(error.Status);
            operation.Error = error;
            operation.Changed = time.GetUtcNow();
        }

        return error;
    }

    private async Task<int> PutAsync(EvaluatedResource resource, JsonObject body, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                ApiVersions.Check(resource.Path, resource.ApiVersion);
                var answer = await send(call with { Method = "PUT", Path = resource.Path, ApiVersion = resource.ApiVersion, Query = new Dictionary<string, string>(), Content = body.ToJsonString(Json.Plain), Aborted = CancellationToken.None });
                if (answer.Operation is not { } operation) return answer.Status;
                await operation.Done.WaitAsync(cancellationToken);
                if (operation.Error is { } error) throw new ArmError(409, "ResourceDeploymentFailure", $"The resource write operation failed to complete successfully, because it reached terminal provisioning state 'Failed'.") { Details = [error] };
                return answer.Status;
            }
            catch (ArmError busy) when (busy.Code is "ServerIsBusy" or "AnotherOperationInProgress" && attempt < BusyTries)
            {
                // Azure's deployment engine waits for a resource that is busy, too.
                await Task.Delay(s_busyPause, time, cancellationToken);
            }
        }
    }

    /// <summary>A resource of this or another group as GET shows it; null when it is not there.</summary>
    private async Task<JsonObject?> Read(string id)
    {
        var version = deployment.Evaluated.Resources.FirstOrDefault(r => ArmPath.Same(r.Path.Text, id))?.ApiVersion;
        var path = ArmPath.Parse(id);
        try
        {
            var newest = ProviderCatalog.Find(path.Namespace, path.TypePath)?.ApiVersions[0] ?? "";
            var answer = await send(call with { Method = "GET", Path = path, ApiVersion = version ?? newest, Query = new Dictionary<string, string>(), Content = "", Aborted = CancellationToken.None });
            return answer.Body as JsonObject;
        }
        catch (ArmError missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    private void Set(string state, ArmError? error, JsonObject? outputs)
    {
        lock (deployment.Gate)
        {
            deployment.State = state;
            deployment.Error = error;
            deployment.Outputs = outputs;
            deployment.Changed = time.GetUtcNow();
        }
    }

    private ArmError Failure(IEnumerable<(EvaluatedResource Resource, ArmError Error)> failed) => new(
        409, "DeploymentFailed", "At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.", deployment.Path.Text)
    {
        Details = [.. failed.Select(f => new ArmError(f.Error.Status, f.Error.Code, f.Error.Message, f.Resource.Path.Text) { Details = f.Error.Details })],
    };

    private static string StatusWord(int status) => status switch
    {
        400 => "BadRequest",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        503 => "ServiceUnavailable",
        _ => "InternalServerError",
    };
}
