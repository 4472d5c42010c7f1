using System.Globalization;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tags;

/// <summary>Merges the pair's tags on every resource of both regions by the tags API, which changes nothing else and keeps the other tags.</summary>
internal sealed class TagExecution(IArm arm, TimeProvider time, IDrObserver observer)
{
    private const int Together = 4;
    private const int MostTags = 50;

    private sealed record Tagged(string Name, string Id, string Type, string Location, Dictionary<string, string> Tags);

    public async Task<TagPlan> PlanAsync(TagRequest request, CancellationToken cancellationToken)
    {
        var wanted = Wanted(request);
        var refusals = wanted.Select(t => (t.Key, Problem: TagRules.Check(t.Key, t.Value))).Where(t => t.Problem is not null)
            .Select(t => Refuse("HfTagInvalid", t.Key, t.Problem!, "A tag that Azure takes and that is not kept by others.", "Give another name or value.")).ToList();
        var resources = (await Task.WhenAll(request.Pair.Regions.Select(r => ListAsync(request.Pair, r, cancellationToken))).ConfigureAwait(false)).SelectMany(r => r)
            .Where(r => request.ResourceIds is not { } ids || ids.Any(i => AzureId.Same(i, r.Id))).OrderBy(r => r.Location, StringComparer.Ordinal).ThenBy(r => r.Type, StringComparer.OrdinalIgnoreCase).ThenBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ToList();
        refusals.AddRange((request.ResourceIds ?? []).Where(i => !resources.Exists(r => AzureId.Same(i, r.Id)))
            .Select(i => Refuse("HfResourceNotFound", i, "Neither resource group of the pair has this resource.", "A resource of one of the two regions.", "Check the resource id.")));
        var changes = resources.Select(r => Change(r, wanted)).ToList();
        refusals.AddRange(resources.Zip(changes).Where(r => r.First.Tags.Count + r.Second.Added.Count > MostTags)
            .Select(r => Refuse("HfTooManyTags", r.First.Id, $"It would have {r.First.Tags.Count + r.Second.Added.Count} tags.", $"At most {MostTags}, which is Azure's limit.", "Take tags away that nobody needs.")));
        var changing = changes.Where(c => c.Outcome != StepOutcome.NoChange).ToArray();
        return new()
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"Tag {changing.Length} of {changes.Count} resources of {request.Pair.Name}"),
            Steps = [.. changing.Select(c => new PlanStep("MergeTags", c.ResourceId, $"merge {string.Join(", ", c.Added.Concat(c.Changed).Select(t => $"{t.Key}={t.Value}"))}", StepClass.Reversible))],
            Refusals = [.. refusals],
            Warnings = [.. new[] { "dr-owner", "dr-tier" }.Where(t => !wanted.ContainsKey(t)).Select(t => $"Neither the pair file (tags) nor -Tag gives {t}.")],
            Changes = changing,
            Unchanged = [.. changes.Where(c => c.Outcome == StepOutcome.NoChange)],
            ObservedAt = time.GetUtcNow(),
        };
    }

    public async Task<IReadOnlyList<TagChange>> ExecuteAsync(TagPlan plan, CancellationToken cancellationToken)
    {
        using var gate = new SemaphoreSlim(Together);
        var done = 0;
        return await Task.WhenAll(plan.Changes.Select(async change =>
        {
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var outcome = await MergeAsync(change, cancellationToken).ConfigureAwait(false);
                observer.Progress(new("Tagging", change.Name, Interlocked.Increment(ref done) * 100 / plan.Changes.Length));
                return change with { Outcome = outcome };
            }
            catch (DrException failure) when (!failure.EndsPipeline)
            {
                return change with { Outcome = failure.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, Error = $"{failure.ErrorId}: {failure.Message}" };
            }
            finally
            {
                gate.Release();
            }
        })).ConfigureAwait(false);
    }

    private static Dictionary<string, string> Wanted(TagRequest request)
    {
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [TagRules.Pair] = request.Pair.Name };
        foreach (var (name, value) in request.Pair.Tags.Concat(request.Tags)) tags[name] = value;
        return tags;
    }

    private static TagChange Change(Tagged resource, Dictionary<string, string> wanted)
    {
        var added = wanted.Where(t => !resource.Tags.ContainsKey(t.Key)).ToDictionary(t => t.Key, t => t.Value);
        // Azure compares names of tags without case and values with it; the name keeps its first spelling.
        var changed = resource.Tags.Where(t => wanted.TryGetValue(t.Key, out var value) && value != t.Value).ToDictionary(t => t.Key, t => wanted[t.Key]);
        return new()
        {
            Name = resource.Name,
            ResourceId = resource.Id,
            Type = resource.Type,
            Location = resource.Location,
            Added = added,
            Changed = changed,
            Before = changed.Keys.ToDictionary(k => k, k => resource.Tags[k]),
            Outcome = added.Count + changed.Count == 0 ? StepOutcome.NoChange : StepOutcome.Pending,
        };
    }

    private async Task<StepOutcome> MergeAsync(TagChange change, CancellationToken cancellationToken)
    {
        var tags = change.Added.Concat(change.Changed).ToDictionary(t => t.Key, t => t.Value);
        var accepted = await arm.WriteAsync(HttpMethod.Patch, $"{change.ResourceId}/providers/Microsoft.Resources/tags/default", ApiVersions.Resources, new { operation = "Merge", properties = new { tags } }, cancellationToken).ConfigureAwait(false);
        var wait = TimeSpan.FromMilliseconds(100);
        while (accepted.OperationUrl is { } url)
        {
            var poll = await arm.PollAsync(url, cancellationToken).ConfigureAwait(false);
            if (poll.Outcome == StepOutcome.Failed) throw new DrException("HfAzureRefused", DrErrorKind.OperationFailed, $"{poll.ErrorCode}: {poll.ErrorMessage}", change.ResourceId, "Read Azure's message; correct what it names and run the command again.");
            if (poll.Outcome != StepOutcome.Pending) return poll.Outcome;
            await Task.Delay(poll.RetryAfter ?? wait, time, cancellationToken).ConfigureAwait(false);
            wait = wait < TimeSpan.FromSeconds(5) ? wait * 1.5 : wait;
        }

        return StepOutcome.Succeeded;
    }

    /// <summary>Everything in the group that can be tagged, and the group.</summary>
    private async Task<IReadOnlyList<Tagged>> ListAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken)
    {
        var group = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{Uri.EscapeDataString(region.ResourceGroup)}";
        var listing = arm.ListAsync($"{group}/resources", ApiVersions.Resources, cancellationToken);
        var itself = await arm.GetAsync(group, ApiVersions.Resources, cancellationToken).ConfigureAwait(false);
        return [.. (await listing.ConfigureAwait(false)).Append(itself).Select(Read).OfType<Tagged>()];
    }

    private static Tagged? Read(JsonElement item)
    {
        string? Text(string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (Text("id") is not { } id) return null;
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (item.TryGetProperty("tags", out var given) && given.ValueKind == JsonValueKind.Object)
            foreach (var tag in given.EnumerateObject()) tags[tag.Name] = tag.Value.ValueKind == JsonValueKind.String ? tag.Value.GetString()! : "";
        return new(Text("name") ?? AzureId.NameOf(id), id, Text("type") ?? "", AzureLocation.Normalize(Text("location")), tags);
    }

    private static Refusal Refuse(string code, string resource, string observed, string required, string remedy) =>
        new() { Code = code, Kind = code == "HfResourceNotFound" ? DrErrorKind.NotFound : DrErrorKind.InvalidArgument, Resource = resource, Observed = observed, Required = required, Remedy = remedy };
}
