using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Planning.Refuse;

namespace Highflame.Dr.Engine.Planning;

/// <summary>All that the plan of a virtual endpoint rests on.</summary>
internal sealed record VirtualEndpointObservation
{
    public required DateTimeOffset At { get; init; }

    /// <summary>The server it belongs to, or shall.</summary>
    public required DbServer Server { get; init; }

    public IReadOnlyList<DbServer> Replicas { get; init; } = [];

    public IReadOnlyList<VirtualEndpoint> Endpoints { get; init; } = [];

    /// <summary>Whether the name is free in all of Azure; only for one that is to be made.</summary>
    public bool NameIsFree { get; init; } = true;
}

/// <summary>From an observation to the step that makes a virtual endpoint or aims its reader. Pure.</summary>
internal static class VirtualEndpointPlanner
{
    public const string Step = "SetVirtualEndpoint";

    public static VirtualEndpointPlan Plan(VirtualEndpointObservation seen, VirtualEndpointRequest request)
    {
        var server = seen.Server;
        var name = request.Name ?? AzureId.NameOf(request.EndpointId!);
        var existing = seen.Endpoints.FirstOrDefault(e => e.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        var reader = request.Reader is { } wanted ? (AzureId.LooksLikeId(wanted) ? AzureId.NameOf(wanted) : wanted) : seen.Replicas is [var only] ? only.Name : null;
        var plan = new VirtualEndpointPlan
        {
            Title = $"Virtual endpoint {name} of {server.Name}",
            Request = request,
            Server = server,
            Existing = existing,
            EndpointId = existing?.ResourceId ?? VirtualEndpoints.IdOf(server.ResourceId, name),
            Reader = reader,
            ObservedAt = seen.At,
        };
        Refusal[] refusals = [.. Refusals(seen, request, name, existing, reader)];
        if (refusals.Length > 0) return plan with { Refusals = refusals };
        if (existing is not null && string.Equals(existing.Reader, reader, StringComparison.OrdinalIgnoreCase)) return plan;
        return plan with
        {
            Steps =
            [
                new(Step, plan.EndpointId!, existing is null
                    ? $"Create virtual endpoint {name} of {server.Name}: {name}.writer leads to {server.Name}, {name}.reader to {reader}."
                    : $"Aim the reader of {name} at {reader} instead of {existing.Reader ?? "nothing"}; the writer stays with {server.Name}.", StepClass.Reversible),
            ],
        };
    }

    private static IEnumerable<Refusal> Refusals(VirtualEndpointObservation seen, VirtualEndpointRequest request, string name, VirtualEndpoint? existing, string? reader)
    {
        var server = seen.Server;
        if (server.Role != DbRole.Primary)
        {
            yield return Make("HfNotPrimary", DrErrorKind.InvalidState, server.Name, $"{server.Name} is {(server.Role == DbRole.Replica ? "a replica" : "of an unknown role")}.", "A primary: virtual endpoints are managed through it.", "Name the primary: Get-HfDbServer -Role Primary.");
            yield break;
        }

        string[] targets = [server.Name, .. seen.Replicas.Select(r => r.Name)];
        if (reader is null || !targets.Contains(reader, StringComparer.OrdinalIgnoreCase))
        {
            yield return Make("HfReaderNotReplica", DrErrorKind.InvalidArgument, reader ?? server.Name, reader is null ? $"{server.Name} has {(seen.Replicas.Count == 0 ? "no replica" : $"{seen.Replicas.Count} replicas")}, and no reader was named." : $"{reader} is neither {server.Name} nor a replica of it.",
                $"One of: {string.Join(", ", targets)}.", "Give it with -Reader. A switchover needs the replica that shall take over.");
        }

        if (existing is not null) yield break;
        if (seen.Endpoints is [var other, ..])
        {
            yield return Make("HfVirtualEndpointExists", DrErrorKind.InvalidState, server.Name, $"{server.Name} has the virtual endpoint {other.Name} already; Azure takes one of a primary.", "No other virtual endpoint.",
                $"Use that one: Set-HfVirtualEndpoint -ResourceId {other.ResourceId}{(reader is null ? "" : $" -Reader {reader}")}.");
        }
        else if (!seen.NameIsFree)
        {
            yield return Make("HfVirtualEndpointNameTaken", DrErrorKind.InvalidArgument, name, $"The name {name} is taken: {name}.writer.postgres.database.azure.com must be free in all of Azure.", "A free name.", "Give another name.");
        }
    }
}
