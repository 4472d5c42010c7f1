using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Execution;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>Sends a region's deployments, or finds the running ones again, and follows them to their end, resource by resource.</summary>
internal sealed class RegionExecution(AzureConnection connection, TimeProvider time, IDrObserver observer)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(8);

    public async Task<RegionDeployment> ExecuteAsync(RegionPlan plan, bool noWait, CancellationToken cancellationToken)
    {
        var location = AzureLocation.Normalize(plan.Request.Location);
        var begun = time.GetUtcNow();
        var result = new RegionDeployment { Name = AzureId.NameOf(plan.Deployments[0].Id), Location = location, ResourceGroup = plan.ResourceGroup, Outcome = StepOutcome.NoChange };
        if (plan.Steps.Length == 0) return await WithGatewayAsync(result, plan, cancellationToken).ConfigureAwait(false);
        if (plan.NewGroup) await CreateGroupAsync(plan, location, cancellationToken).ConfigureAwait(false);
        var operations = new List<DrOperation>();
        foreach (var deployment in plan.Deployments) operations.Add(await SendAsync(deployment, plan, cancellationToken).ConfigureAwait(false));
        result = result with { Started = begun, Outcome = StepOutcome.Pending, Operations = [.. operations] };
        if (noWait) return result;

        var resources = new List<RegionResource>();
        var (outcome, details) = (StepOutcome.Succeeded, new List<string>());
        foreach (var deployment in plan.Deployments)
        {
            var (state, made) = await FollowAsync(deployment.Id, location, cancellationToken).ConfigureAwait(false);
            resources.AddRange(made);
            if (state == StepOutcome.Succeeded) continue;
            outcome = StepOutcome.Failed;
            // A deployment that failed as a whole has no resource to show for it.
            if (made.All(r => r.Outcome != StepOutcome.Failed)) resources.Add(await FailureAsync(deployment.Id, cancellationToken).ConfigureAwait(false));
        }

        observer.Progress(new($"Region {location}", outcome.ToString(), Completed: true));
        result = result with
        {
            Outcome = outcome,
            Finished = time.GetUtcNow(),
            Operations = [],
            Resources = [.. resources.OrderByDescending(r => r.Outcome == StepOutcome.Failed).ThenBy(r => r.Type, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase)],
        };
        return outcome == StepOutcome.Succeeded ? await WithGatewayAsync(result, plan, cancellationToken).ConfigureAwait(false) : result;
    }

    private async Task CreateGroupAsync(RegionPlan plan, string location, CancellationToken cancellationToken)
    {
        var group = $"/subscriptions/{plan.Request.Pair.SubscriptionId}/resourceGroups/{plan.ResourceGroup}";
        await connection.Arm.WriteAsync(HttpMethod.Put, group, ApiVersions.Resources, new { location, tags = plan.Tags }, cancellationToken).ConfigureAwait(false);
        observer.Verbose($"The resource group {plan.ResourceGroup} is there.");
    }

    // A deployment whose answer was lost, or that somebody else began meanwhile, is found by its name.
    private async Task<DrOperation> SendAsync(PlannedDeployment deployment, RegionPlan plan, CancellationToken cancellationToken)
    {
        string? url = null;
        if (!deployment.Running)
        {
            try
            {
                url = (await connection.Arm.WriteAsync(HttpMethod.Put, deployment.Id, ApiVersions.Deployments, DeploymentBody.Of(deployment, plan.Request, connection), cancellationToken).ConfigureAwait(false)).OperationUrl;
            }
            catch (DrException lost) when (lost.ErrorId is "HfOutcomeUnknown" or "HfDeploymentActive")
            {
                if (await connection.Arm.TryGetAsync(deployment.Id, ApiVersions.Deployments, cancellationToken).ConfigureAwait(false) is null) throw;
                observer.Verbose($"{AzureId.NameOf(deployment.Id)}: {lost.Message} The deployment is there and is followed.");
            }
        }

        var target = url ?? $"{connection.Context.ArmEndpoint.GetLeftPart(UriPartial.Authority)}{deployment.Id}?api-version={ApiVersions.Deployments}";
        return new DrOperation
        {
            Id = OperationIdentity.Of(target),
            Name = "DeployRegion",
            Target = deployment.Id,
            OperationUrl = target,
            Outcome = StepOutcome.Pending,
            Status = "Running",
            Started = time.GetUtcNow(),
        };
    }

    private async Task<(StepOutcome Outcome, IReadOnlyList<RegionResource> Resources)> FollowAsync(string id, string location, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, StepOutcome>(StringComparer.OrdinalIgnoreCase);
        IReadOnlyList<RegionResource> resources = [];
        string? state = null;
        var ended = await Pace.UntilAsync(
            async token =>
            {
                try
                {
                    state = RegionSurvey.Text(RegionSurvey.Part(await connection.Arm.GetAsync(id, ApiVersions.Deployments, token).ConfigureAwait(false), "properties"), "provisioningState");
                    resources = await ResourcesAsync(id, token).ConfigureAwait(false);
                }
                catch (DrException trouble) when (trouble.ErrorId is "HfArmUnavailable" or "HfArmUnreachable" or "HfThrottled")
                {
                    // The deployment goes on; so does the waiting.
                    observer.Verbose(trouble.Message);
                    return false;
                }

                Tell(resources, told, location);
                return state is "Succeeded" or "Failed" or "Canceled";
            },
            Pace.Milliseconds(150), Pace.Seconds(10), Longest, time, cancellationToken).ConfigureAwait(false);
        if (!ended) throw new DrException("HfRegionNotDone", DrErrorKind.TimedOut, $"The deployment still runs after {Longest.TotalHours:0} hours.", id, "Run New-HfRegion again: it follows the running deployment.");
        return (state == "Succeeded" ? StepOutcome.Succeeded : StepOutcome.Failed, resources);
    }

    private void Tell(IReadOnlyList<RegionResource> resources, Dictionary<string, StepOutcome> told, string location)
    {
        foreach (var resource in resources)
        {
            if (told.TryGetValue(resource.ResourceId, out var before) && before == resource.Outcome) continue;
            told[resource.ResourceId] = resource.Outcome;
            observer.Verbose($"{resource.Type} {resource.Name}: {resource.Outcome}{(resource.Error is null ? "" : $", {resource.Error}")}");
        }

        var done = resources.Count(r => r.Outcome != StepOutcome.Pending);
        var running = resources.Where(r => r.Outcome == StepOutcome.Pending).Select(r => r.Name).ToArray();
        observer.Progress(new($"Region {location}", $"{done} resources done{(running.Length == 0 ? "" : $"; working on {string.Join(", ", running.Take(3))}{(running.Length > 3 ? $" and {running.Length - 3} more" : "")}")}"));
    }

    private async Task<IReadOnlyList<RegionResource>> ResourcesAsync(string id, CancellationToken cancellationToken)
    {
        var group = id[..id.IndexOf("/providers/", StringComparison.OrdinalIgnoreCase)];
        var operations = await connection.Arm.ListAsync($"{group}/deployments/{AzureId.NameOf(id)}/operations", ApiVersions.Deployments, cancellationToken).ConfigureAwait(false);
        var resources = new List<RegionResource>();
        foreach (var operation in operations)
        {
            var properties = RegionSurvey.Part(operation, "properties");
            // The evaluation of the outputs is an operation without a resource.
            if (RegionSurvey.Text(RegionSurvey.Part(properties, "targetResource"), "id") is not { } target) continue;
            var outcome = RegionSurvey.Text(properties, "provisioningState") switch
            {
                "Succeeded" => StepOutcome.Succeeded,
                "Failed" or "Canceled" => StepOutcome.Failed,
                _ => StepOutcome.Pending,
            };
            var error = outcome == StepOutcome.Failed && ArmError.TryRead(RegionSurvey.Part(properties, "statusMessage")) is { } said ? said.ToString() : null;
            resources.Add(new() { Name = WhatIfReading.NameOf(target), Type = WhatIfReading.TypeOf(target), ResourceId = target, Outcome = outcome, Error = error });
        }

        return resources;
    }

    private async Task<RegionResource> FailureAsync(string id, CancellationToken cancellationToken)
    {
        var properties = RegionSurvey.Part(await connection.Arm.GetAsync(id, ApiVersions.Deployments, cancellationToken).ConfigureAwait(false), "properties");
        var error = ArmError.TryRead(properties);
        return new() { Name = AzureId.NameOf(id), Type = "Microsoft.Resources/deployments", ResourceId = id, Outcome = StepOutcome.Failed, Error = error?.ToString() ?? RegionSurvey.Text(properties, "provisioningState") };
    }

    private async Task<RegionDeployment> WithGatewayAsync(RegionDeployment result, RegionPlan plan, CancellationToken cancellationToken)
    {
        var deployment = await connection.Arm.TryGetAsync(plan.Deployments[0].Id, ApiVersions.Deployments, cancellationToken).ConfigureAwait(false);
        var outputs = deployment is { } found ? RegionSurvey.Part(RegionSurvey.Part(found, "properties"), "outputs") : default;
        string? Output(string name) => RegionSurvey.Text(RegionSurvey.Part(outputs, name), "value");
        var (address, fqdn) = (Output("gatewayAddress"), Output("gatewayFqdn"));
        var wanted = plan.Request.Pair.RequireRegion(plan.Request.Location).GatewayTarget;
        if (address is not null && !Same(wanted, address) && !Same(wanted, fqdn))
            observer.Warning($"The pair file sends traffic of {result.Location} to {wanted}, and the region's gateway is at {address}{(fqdn is null ? "" : $" ({fqdn})")}. Put one of these into gatewayTarget.");
        return result with { GatewayAddress = address, GatewayFqdn = fqdn };

        static bool Same(string one, string? other) => one.TrimEnd('.').Equals(other?.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);
    }
}
