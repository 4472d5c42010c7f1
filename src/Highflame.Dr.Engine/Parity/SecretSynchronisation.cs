using System.IO.Enumeration;
using System.Net;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Vaults;
using Highflame.Dr.Execution;
using Highflame.Dr.Parity;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// Copies secret values that one region has and the other lacks. A value that names its own region (a host, a resource id, the address of the database) is written with the other region's names: the
/// value of the one would send the other's pods to the region that is lost. Values live in local variables only.
/// </summary>
internal sealed class SecretSynchronisation(AzureConnection connection, Func<RegionPair, CancellationToken, Task<PairRegion?>> active, IDrObserver observer)
{
    private const string Missing = "missing";
    private const string Server = "Microsoft.DBforPostgreSQL/flexibleServers";

    /// <summary>What both sides are called, and the databases that addresses belong to.</summary>
    private sealed record Regions(RegionDocuments From, RegionDocuments To)
    {
        public IReadOnlyList<string> Hosts(bool source) => [.. (source ? From : To).Resources.Where(r => r.Type == Server).Select(r => DocumentPath.FirstText(r.Document, "properties.fullyQualifiedDomainName")).OfType<string>()];
    }

    public async Task<SecretSyncPlan> PlanAsync(SecretSyncRequest request, CancellationToken cancellationToken)
    {
        var from = await SourceAsync(request, cancellationToken).ConfigureAwait(false);
        var to = request.Pair.OtherThan(from);
        var regions = await ReadAsync(request.Pair, from, to, secrets: true, cancellationToken).ConfigureAwait(false);
        var (one, other) = (SnapshotBuilder.Build(regions.From, Catalogue.Shipped), SnapshotBuilder.Build(regions.To, Catalogue.Shipped));
        var pairing = ResourcePairing.Of(one, other, Catalogue.Shipped);
        var (copies, warnings) = (new List<SecretCopy>(), new List<string>());
        foreach (var (source, target) in pairing.Pairs.Where(p => p.Reference.Type == VaultReading.Type && IsWanted(request.Vault, p.Difference.Name)))
        {
            foreach (var property in source.Properties.Where(p => p.Name.StartsWith("secrets[", StringComparison.Ordinal) && p.Name.EndsWith("].state", StringComparison.Ordinal) && p.Value == VaultReading.Set))
            {
                var name = TypeRules.KeyOf(property.Name)!;
                var state = target.Find(property.Name) ?? Missing;
                if (state is not (Missing or VaultReading.Empty) || (request.Names is { Length: > 0 } names && !names.Any(n => IsWanted(n, name)))) continue;
                var (fromUri, toUri) = (UriOf(regions.From, source.Name), UriOf(regions.To, target.Name));
                var (value, own) = await TranslateAsync(await connection.Vaults.GetSecretAsync(fromUri, name, cancellationToken).ConfigureAwait(false), regions, cancellationToken).ConfigureAwait(false);
                if (value is null) warnings.Add($"The secret {name} of {source.Name} holds an address of {from.Location}, and {to.Location} has no counterpart of it that could be found: write {target.Name}'s own.");
                else copies.Add(new(name, source.Name, target.Name, fromUri, toUri, state, own));
            }
        }

        warnings.AddRange(pairing.Missing.Where(m => m.Type == VaultReading.Type && IsWanted(request.Vault, m.Name)).Select(m => $"{to.Location} has no counterpart of the vault {m.Name}: nothing can be copied there."));
        return new()
        {
            Title = $"Copy {copies.Count} secret values from {from.Location} to {to.Location}",
            Request = request with { From = from.Location },
            Copies = [.. copies],
            Steps = [.. copies.Select(c => new PlanStep("CopySecret", new Uri(c.ToUri, $"secrets/{c.Name}").ToString(), $"write {c.Name} ({c.State}) into {c.ToVault} from {c.FromVault}{(c.Own ? $", with the names of {to.Location}" : "")}; the value is not shown", StepClass.Reversible))],
            Refusals = [.. regions.From.Problems.Concat(regions.To.Problems).Where(p => p.What is SnapshotProblems.Secrets or SnapshotProblems.List && (p.Name is null || IsWanted(request.Vault, p.Name) || p.What == SnapshotProblems.List)).Select(Refusal)],
            Warnings = [.. warnings],
            ObservedAt = connection.Time.GetUtcNow(),
        };
    }

    public async Task<IReadOnlyList<SecretSync>> ExecuteAsync(SecretSyncPlan plan, CancellationToken cancellationToken)
    {
        var pair = plan.Request.Pair;
        var from = pair.FindRegion(plan.Request.From!)!;
        var regions = plan.Copies.Length == 0 ? null : await ReadAsync(pair, from, pair.OtherThan(from), secrets: false, cancellationToken).ConfigureAwait(false);
        var results = new List<SecretSync>();
        foreach (var copy in plan.Copies)
        {
            var result = new SecretSync { Name = copy.Name, FromVault = copy.FromVault, ToVault = copy.ToVault, Before = copy.State, Own = copy.Own, Outcome = StepOutcome.Unknown };
            observer.Progress(new("Copying secrets", copy.Name, results.Count * 100 / plan.Copies.Length));
            try
            {
                results.Add(result with { Outcome = await CopyAsync(copy, regions!, cancellationToken).ConfigureAwait(false) });
            }
            catch (DrException failure) when (!failure.EndsPipeline)
            {
                results.Add(result with { Outcome = StepOutcome.Failed, Error = $"{failure.ErrorId}: {failure.Message}" });
            }
        }

        observer.Progress(new("Copying secrets", "Done", 100, true));
        return results;
    }

    private async Task<StepOutcome> CopyAsync(SecretCopy copy, Regions regions, CancellationToken cancellationToken)
    {
        // Somebody may have written it since: what is there is not written over.
        if (await TryGetAsync(copy.ToUri, copy.Name, cancellationToken).ConfigureAwait(false) is { Length: > 0 }) return StepOutcome.NoChange;
        var (value, _) = await TranslateAsync(await connection.Vaults.GetSecretAsync(copy.FromUri, copy.Name, cancellationToken).ConfigureAwait(false), regions, cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrEmpty(value)) throw new DrException("HfSecretNotTranslated", DrErrorKind.InvalidState, $"The value of {copy.Name} cannot be written in the names of the other region any more.", copy.Name, "Write the region's own value.");
        var content = (await connection.Vaults.ListSecretsAsync(copy.FromUri, cancellationToken).ConfigureAwait(false)).FirstOrDefault(s => string.Equals(s.Name, copy.Name, StringComparison.OrdinalIgnoreCase))?.ContentType;
        await connection.Vaults.SetSecretAsync(copy.ToUri, copy.Name, value, content, cancellationToken).ConfigureAwait(false);
        return await TryGetAsync(copy.ToUri, copy.Name, cancellationToken).ConfigureAwait(false) == value ? StepOutcome.Succeeded : StepOutcome.Unknown;
    }

    /// <summary>The value as the target region needs it; null when it is an address that has no counterpart.</summary>
    private async Task<(string? Value, bool Own)> TranslateAsync(string value, Regions regions, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(value, out var address) && value.AsSpan().IndexOfAny('.', ':') >= 0) return (await CounterpartAsync(address, regions, cancellationToken).ConfigureAwait(false), true);
        var tokens = regions.From.SecretNames.Tokens(value);
        return tokens == value ? (value, false) : (regions.To.SecretNames.Names(tokens), true);
    }

    /// <summary>The address of the target's own database when this is the source's.</summary>
    private async Task<string?> CounterpartAsync(IPAddress address, Regions regions, CancellationToken cancellationToken)
    {
        var (sources, targets) = (regions.Hosts(true), regions.Hosts(false));
        for (var i = 0; i < sources.Count && targets.Count == sources.Count; i++)
        {
            var found = await ResolveAsync(PrivateName(sources[i]), cancellationToken).ConfigureAwait(false);
            if (found.Contains(address) && await ResolveAsync(PrivateName(targets[i]), cancellationToken).ConfigureAwait(false) is [var counterpart, ..]) return counterpart.ToString();
        }

        return null;
    }

    /// <summary>The name of a server's private endpoint: <c>NAME.privatelink.postgres.database.azure.com</c>.</summary>
    private static string PrivateName(string host) => host.Contains(".privatelink.", StringComparison.OrdinalIgnoreCase) || host.IndexOf('.', StringComparison.Ordinal) is not (>= 0 and var dot) ? host : $"{host[..dot]}.privatelink{host[dot..]}";

    private async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Names.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException)
        {
            return [];
        }
    }

    private async Task<string?> TryGetAsync(Uri vault, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Vaults.GetSecretAsync(vault, name, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException failure) when (failure.ErrorId == "HfSecretNotFound")
        {
            return null;
        }
    }

    private async Task<Regions> ReadAsync(RegionPair pair, PairRegion from, PairRegion to, bool secrets, CancellationToken cancellationToken)
    {
        using var reader = new RegionReader(connection, Catalogue.Shipped, observer);
        var read = await reader.ReadAsync(pair, [from, to], null, secrets, [VaultReading.Type, Server], cancellationToken).ConfigureAwait(false);
        return new(read[0], read[1]);
    }

    private async Task<PairRegion> SourceAsync(SecretSyncRequest request, CancellationToken cancellationToken)
    {
        if (request.From is { } given) return request.Pair.FindRegion(given) ?? throw new DrException("HfLocationNotInPair", DrErrorKind.InvalidArgument, $"The region pair '{request.Pair.Name}' has no region '{given}'.", given, "Give one of the pair's locations.");
        return await active(request.Pair, cancellationToken).ConfigureAwait(false)
            ?? throw new DrException("HfActiveUnknown", DrErrorKind.InvalidState, "Traffic goes to neither region, so it is not known whose secrets are right.", request.Pair.Name, "Choose the region with -From.");
    }

    private static Uri UriOf(RegionDocuments region, string vault) =>
        new(DocumentPath.FirstText(region.Resources.First(r => r.Type == VaultReading.Type && r.Name == vault).Document, "properties.vaultUri")!);

    private static bool IsWanted(string? pattern, string name) => pattern is null || FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true);

    private static Refusal Refusal(SnapshotProblem problem) => new()
    {
        Code = problem.ErrorId,
        Kind = problem.ErrorId is "HfVaultForbidden" or "HfPermissionDenied" ? DrErrorKind.PermissionDenied : DrErrorKind.OperationFailed,
        Resource = problem.Name ?? problem.Type,
        Observed = problem.Message,
        Required = "The secrets of both vaults can be read.",
        Remedy = problem.NextStep ?? "Read Azure's message; correct what it names and run the command again.",
    };
}
