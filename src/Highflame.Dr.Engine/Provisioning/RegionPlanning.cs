using System.Text.Json;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>Plans a region's deployment: parameters from the pair file and from what is there, then Azure's own validation and what-if.</summary>
internal sealed class RegionPlanning(AzureConnection connection, IInventory inventory, TimeProvider time, IDrObserver observer)
{
    public async Task<RegionPlan> PlanAsync(RegionRequest request, CancellationToken cancellationToken)
    {
        var pair = request.Pair;
        var region = pair.RequireRegion(request.Location);
        var environment = RegionEnvironment.Of(pair, region);
        var template = request.TemplatePath is { } path ? await RegionTemplate.ReadAsync(path, cancellationToken).ConfigureAwait(false) : RegionTemplate.Region;
        var (name, global) = ($"hf-region-{environment.Location}", "hf-global");
        observer.Progress(new($"Region {environment.Location}", "Looking at what is there"));
        var seen = await new RegionSurvey(connection, inventory).TakeAsync(request, environment, [name, global], cancellationToken).ConfigureAwait(false);
        var group = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{environment.ResourceGroup}";
        var tags = Tags(pair, seen);
        var plan = new RegionPlan
        {
            Title = $"Deploy the region {environment.Location} into {environment.ResourceGroup}",
            Request = request,
            ResourceGroup = environment.ResourceGroup,
            NewGroup = !seen.GroupExists,
            Tags = tags,
            ObservedAt = time.GetUtcNow(),
            Refusals = [.. Refusals(request, environment, seen, template)],
        };
        if (plan.Refusals.Length > 0) return plan;

        var deployments = new List<PlannedDeployment> { Deployment(group, name, template, RegionParameters.Region(template, pair, environment, seen, tags), seen) };
        // The profile is made with the region of its group, and only while there is none: a deployment would put its target back.
        var profileGroup = AzureId.GroupOf(pair.Traffic.ProfileId);
        if (request.TemplatePath is null && !seen.ProfileExists && profileGroup.Equals(environment.ResourceGroup, StringComparison.OrdinalIgnoreCase))
            deployments.Add(Deployment(group, global, RegionTemplate.Global, RegionParameters.Global(RegionTemplate.Global, pair, region, tags), seen));
        var changes = new List<RegionChange>();
        if (!seen.GroupExists) changes.Add(new() { Location = environment.Location, Change = ResourceChange.Create, Type = "Microsoft.Resources/resourceGroups", Name = environment.ResourceGroup, ResourceId = group });
        foreach (var deployment in deployments)
        {
            changes.AddRange(deployment.Running
                ? []
                : seen.GroupExists
                    ? await AskAsync(deployment, request, environment.Location, cancellationToken).ConfigureAwait(false)
                    : WhatIfReading.ReadTemplate((JsonObject)JsonNode.Parse(deployment.Template)!, group, environment.Location));
        }

        observer.Progress(new($"Region {environment.Location}", "Planned", Completed: true));
        var ordered = changes.DistinctBy(c => (c.ResourceId, c.Name, c.Change), ChangeKey.Instance).Where(c => !IsElsewhere(c, changes)).ToArray();
        return plan with { Changes = ordered, Deployments = [.. deployments], Steps = [.. Steps(ordered, deployments)] };
    }

    private IEnumerable<Refusal> Refusals(RegionRequest request, RegionEnvironment environment, RegionObservation seen, JsonObject template)
    {
        if (!seen.LocationKnown)
            yield return Refuse.Make("HfLocationUnknown", DrErrorKind.InvalidArgument, request.Location, $"Azure offers this subscription no location '{request.Location}'.", "a location of the subscription.", "Correct the location in the pair file; GET /subscriptions/{id}/locations lists them.");
        var (login, password) = Administrator(request);
        var needed = RegionParameters.SecureOf(template).Length > 0 && (seen.Server is null || !seen.Secrets.Contains("password", StringComparer.OrdinalIgnoreCase));
        if (needed && (string.IsNullOrEmpty(login) || password is null))
            yield return Refuse.Make("HfAdministratorRequired", DrErrorKind.InvalidArgument, environment.DatabaseServer, "The region's database and its secrets need an administrator, and none was given.", "a login and a password.", "Give -AdministratorCredential, or connect with -DatabaseCredential.");
    }

    private (string? Login, System.Security.SecureString? Password) Administrator(RegionRequest request) =>
        request.AdministratorLogin is not null ? (request.AdministratorLogin, request.AdministratorPassword) : (connection.Options.DatabaseUser, connection.Options.DatabasePassword);

    private static PlannedDeployment Deployment(string group, string name, JsonObject template, JsonObject parameters, RegionObservation seen) => new()
    {
        Id = $"{group}/providers/Microsoft.Resources/deployments/{name}",
        Template = template.ToJsonString(),
        Parameters = parameters.ToJsonString(),
        SecureParameters = RegionParameters.SecureOf(template),
        Running = seen.Running.Contains(name, StringComparer.OrdinalIgnoreCase),
    };

    /// <summary>Azure's validation, then its what-if.</summary>
    private async Task<IReadOnlyList<RegionChange>> AskAsync(PlannedDeployment deployment, RegionRequest request, string location, CancellationToken cancellationToken)
    {
        var body = DeploymentBody.Of(deployment, request, connection);
        observer.Progress(new($"Region {location}", "Azure validates the template"));
        await connection.Arm.WriteAsync(HttpMethod.Post, $"{deployment.Id}/validate", ApiVersions.Deployments, body, cancellationToken).ConfigureAwait(false);
        observer.Progress(new($"Region {location}", "Azure works out what would change"));
        var accepted = await connection.Arm.WriteAsync(HttpMethod.Post, $"{deployment.Id}/whatIf", ApiVersions.Deployments, body, cancellationToken).ConfigureAwait(false);
        var result = accepted.Body;
        if (accepted.OperationUrl is { } url)
        {
            ArmPoll? poll = null;
            var ended = await Pace.UntilAsync(
                async token =>
                {
                    poll = await connection.Arm.PollAsync(url, token).ConfigureAwait(false);
                    return poll.Outcome != StepOutcome.Pending;
                },
                Pace.Milliseconds(50), Pace.Seconds(5), TimeSpan.FromMinutes(10), time, cancellationToken).ConfigureAwait(false);
            if (!ended || poll!.Outcome != StepOutcome.Succeeded)
                throw new DrException("HfWhatIfFailed", DrErrorKind.OperationFailed, $"Azure could not say what the deployment would change: {poll?.ErrorCode ?? "no answer in 10 minutes"} {poll?.ErrorMessage}", deployment.Id, "Read Azure's message; correct what it names and run the command again.");
            result = poll.Body;
        }

        return result is { } answer ? [.. WhatIfReading.Read(answer, location)] : [];
    }

    private static IEnumerable<PlanStep> Steps(RegionChange[] changes, List<PlannedDeployment> deployments)
    {
        foreach (var running in deployments.Where(d => d.Running))
            yield return new PlanStep("FollowDeployment", running.Id, $"Follow the deployment {AzureId.NameOf(running.Id)}, which runs already.", StepClass.ReadOnly);
        foreach (var change in changes)
        {
            if (change.Change is ResourceChange.NoChange or ResourceChange.Ignore) continue;
            var properties = change.Properties.Length == 0 ? "" : $": {string.Join("; ", change.Properties.Take(4))}{(change.Properties.Length > 4 ? $"; {change.Properties.Length - 4} more" : "")}";
            yield return new PlanStep($"{change.Change}Resource", change.ResourceId, $"{change.Change} {change.Type} {change.Name}{properties}.", StepClass.Reversible);
        }
    }

    // Both what-if answers tell the whole group: what one ignores because the other makes it is not ignored.
    private static bool IsElsewhere(RegionChange change, List<RegionChange> all) =>
        change.Change == ResourceChange.Ignore && all.Any(o => o.Change != ResourceChange.Ignore && AzureId.Same(o.ResourceId, change.ResourceId));

    private static Dictionary<string, string> Tags(RegionPair pair, RegionObservation seen)
    {
        var words = pair.Name.Split('-', 2);
        // Tags that all resources have by now were put there by somebody: a deployment replaces tags, so it must carry them.
        return new Dictionary<string, string>(seen.CommonTags, StringComparer.Ordinal)
        {
            ["Project"] = seen.CommonTags.GetValueOrDefault("Project", words[0]),
            ["Environment"] = seen.CommonTags.GetValueOrDefault("Environment", words.Length > 1 ? words[1] : "prod"),
            ["ManagedBy"] = seen.CommonTags.GetValueOrDefault("ManagedBy", "Highflame.Dr"),
        };
    }

    private sealed class ChangeKey : IEqualityComparer<(string Id, string Name, ResourceChange Change)>
    {
        public static readonly ChangeKey Instance = new();

        public bool Equals((string Id, string Name, ResourceChange Change) x, (string Id, string Name, ResourceChange Change) y) =>
            x.Change == y.Change && x.Name == y.Name && x.Id.Equals(y.Id, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Id, string Name, ResourceChange Change) key) => HashCode.Combine(key.Name, key.Change, key.Id.ToUpperInvariant());
    }
}
