using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Operations;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Execution;

/// <summary>Looks at virtual endpoints, makes one or aims its reader, and shows that it is so. A PUT or PATCH of the same body again does no harm.</summary>
internal sealed class VirtualEndpointChange(AzureConnection connection, IInventory inventory, OperationWatch watch, IJournal journal, TimeProvider time)
{
    public async Task<VirtualEndpointPlan> PlanAsync(VirtualEndpointRequest request, CancellationToken cancellationToken)
    {
        var id = request.Server ?? (request.EndpointId is { } endpoint ? VirtualEndpoints.ServerOf(endpoint) : null);
        var server = id is not null ? await inventory.GetServerAsync(id, null, cancellationToken).ConfigureAwait(false)
            : (await inventory.GetServersAsync(new DbServerQuery(Pair: request.Pair), cancellationToken).ConfigureAwait(false)).FirstOrDefault(s => s is { Role: DbRole.Primary, State: "Ready" })
                ?? throw new DrException("HfServerNotFound", DrErrorKind.NotFound, $"The pair '{request.Pair?.Name}' has no primary that is ready.", request.Pair?.Name, "Name the primary with -Server.");
        var primary = server.Role == DbRole.Primary;
        var endpoints = primary ? await VirtualEndpoints.OfAsync(connection.Arm, server.ResourceId, cancellationToken).ConfigureAwait(false) : [];
        if (primary && request.EndpointId is { } asked && !endpoints.Any(e => e.Name.Equals(AzureId.NameOf(asked), StringComparison.OrdinalIgnoreCase)))
            throw new DrException("HfVirtualEndpointNotFound", DrErrorKind.NotFound, $"{server.Name} has no virtual endpoint {AzureId.NameOf(asked)}.", asked, "See Get-HfVirtualEndpoint; after a switchover it belongs to the new primary.");
        var isNew = primary && request.Name is { } name && endpoints.Count == 0;
        return VirtualEndpointPlanner.Plan(
            new()
            {
                At = time.GetUtcNow(),
                Server = server,
                Replicas = primary ? await inventory.GetReplicasAsync(server.ResourceId, cancellationToken).ConfigureAwait(false) : [],
                Endpoints = endpoints,
                NameIsFree = !isNew || await inventory.IsServerNameFreeAsync(server.ResourceId.Split('/')[2], request.Name!, cancellationToken).ConfigureAwait(false),
            },
            request);
    }

    public async Task<VirtualEndpoint> ExecuteAsync(VirtualEndpointPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Steps is not [var step]) return plan.Existing!;
        var open = journal.BeginStep(step);
        try
        {
            var body = new JsonObject { ["properties"] = new JsonObject { ["endpointType"] = "ReadWrite", ["members"] = new JsonArray(plan.Reader) } };
            var accepted = await connection.Arm.WriteAsync(plan.Existing is null ? HttpMethod.Put : HttpMethod.Patch, plan.EndpointId!, ApiVersions.FlexibleServers, body, cancellationToken).ConfigureAwait(false);
            if (accepted.OperationUrl is { } url)
            {
                var operation = OperationIdentity.Accepted(VirtualEndpointPlanner.Step, plan.EndpointId!, url, time.GetUtcNow());
                journal.RecordOperation(operation);
                await foreach (var ended in watch.WaitAsync([operation], null, journal, cancellationToken).ConfigureAwait(false)) operation = ended;
                if (operation.Outcome == StepOutcome.Failed) throw Failed(plan, operation.Error ?? operation.Status);
            }

            var made = await VirtualEndpoints.TryGetAsync(connection.Arm, plan.EndpointId!, cancellationToken).ConfigureAwait(false);
            if (made is null || !string.Equals(made.Reader, plan.Reader, StringComparison.OrdinalIgnoreCase)) throw Failed(plan, $"its reader leads to {made?.Reader ?? "nothing"}");
            journal.EndStep(open, StepOutcome.Succeeded, $"reader {made.Reader}");
            return made;
        }
        catch (DrException e)
        {
            journal.EndStep(open, e.ErrorId == "HfOutcomeUnknown" ? StepOutcome.Unknown : StepOutcome.Failed, $"{e.ErrorId}: {e.Message}");
            throw;
        }
    }

    private static DrException Failed(VirtualEndpointPlan plan, string why) =>
        new("HfVirtualEndpointFailed", DrErrorKind.OperationFailed, $"Virtual endpoint {AzureId.NameOf(plan.EndpointId!)} was not set: {why}.", plan.EndpointId, "Put Azure's reason right and run this again.");
}
