using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Binding;

/// <summary>All that the plan of a binding rests on. No value of a secret is in it.</summary>
internal sealed record BindingObservation
{
    public required DateTimeOffset At { get; init; }

    public required DbServer Server { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>The region's vault; null when it has none with database secrets.</summary>
    public string? VaultId { get; init; }

    public string? OtherVaultId { get; init; }

    /// <summary>Why the other region's credentials are not known; null when they are.</summary>
    public string? OtherTrouble { get; init; }

    /// <summary>Names of the secrets that do not hold what they shall.</summary>
    public IReadOnlyList<string> Wrong { get; init; } = [];

    /// <summary>Names of the credentials that are empty and would stay so.</summary>
    public IReadOnlyList<string> Empty { get; init; } = [];

    /// <summary>Private endpoints of the region that lead to database servers.</summary>
    public IReadOnlyList<EndpointSeen> Endpoints { get; init; } = [];
}

/// <summary>From an observation to the steps that let a region's applications find a server. Pure.</summary>
internal static class BindingPlanner
{
    public const string CreateEndpoint = "CreatePrivateEndpoint";
    public const string BindSecrets = "BindSecrets";

    public static BindingPlan Plan(BindingObservation seen, BindingRequest request)
    {
        var server = seen.Server;
        var own = seen.Endpoints.FirstOrDefault(e => AzureId.Same(e.ServerId, server.ResourceId));
        var model = own is null && seen.Endpoints.Count > 0 ? seen.Endpoints[0] : null;
        var endpoint = own?.Id ?? (model is null ? null : EndpointId(model.Id, server.Name));
        var steps = new List<PlanStep>();
        var warnings = new List<string>();
        if (model is not null)
            steps.Add(new(CreateEndpoint, endpoint!, $"Create private endpoint {AzureId.NameOf(endpoint!)} to {server.Name}, in the subnet and DNS zones of {AzureId.NameOf(model.Id)}, which stays.", StepClass.Reversible));
        else if (own is { Status: not "Approved" })
            warnings.Add($"The connection of private endpoint {AzureId.NameOf(own.Id)} is {own.Status}: somebody must approve it.");
        // The address of an endpoint that is not there yet is written when it is.
        string[] names = [.. seen.Wrong.Concat(model is null || seen.VaultId is null ? [] : [DatabaseBinding.PrivateAddress]).Distinct()];
        if (seen.VaultId is null) warnings.Add($"No vault of {seen.ResourceGroup} keeps database secrets: there is none to bind.");
        else if (names.Length > 0)
            steps.Add(new(BindSecrets, seen.VaultId, $"Write the secrets {string.Join(", ", names)} of vault {AzureId.NameOf(seen.VaultId)}, so that they lead to {server.Name}. Earlier versions stay in the vault.", StepClass.Reversible));
        if (seen.Empty.Count > 0)
            warnings.Add($"The secrets {string.Join(", ", seen.Empty)} of {AzureId.NameOf(seen.VaultId!)} are empty, and the other region's are not known{(seen.OtherTrouble is null ? "" : $": {seen.OtherTrouble}")}. The applications cannot log in.");
        return new()
        {
            Title = $"Bind {AzureLocation.Normalize(request.Location)} to {server.Name}",
            Request = request,
            Server = server,
            VaultId = seen.VaultId,
            OtherVaultId = seen.OtherVaultId,
            EndpointId = endpoint,
            EndpointModelId = model?.Id,
            Steps = [.. steps],
            Warnings = [.. warnings],
            ObservedAt = seen.At,
        };
    }

    /// <summary>The new endpoint lies beside the one that it takes after: <c>SERVER-pe</c>.</summary>
    private static string EndpointId(string model, string server) => $"{model[..model.LastIndexOf('/')]}/{server}-pe";
}
