using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>What is known of a region's databases when its Terraform shall be brought in step.</summary>
internal sealed record TruceFacts
{
    public required string Location { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>Name that the modules give the region's server: P-postgres.</summary>
    public required string ModuleName { get; init; }

    /// <summary>The server that the region has now.</summary>
    public required DbServer Server { get; init; }

    /// <summary>Azure's spelling of its id.</summary>
    public string ServerId => Server.ResourceId;

    /// <summary>Other servers of the region: old primaries that are kept.</summary>
    public IReadOnlyList<DbServer> Left { get; init; } = [];

    /// <summary>The primary that a replica follows.</summary>
    public string? SourceId { get; init; }

    public string? AdministratorLogin { get; init; }

    public int? StorageGB { get; init; }

    public string? StorageTier { get; init; }

    /// <summary>Terraform's name of the compute, for example GP_Standard_D4ads_v5.</summary>
    public string? SkuName { get; init; }

    public bool GeoRedundantBackup { get; init; }

    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Private endpoints of the region's servers, by the name of the endpoint.</summary>
    public IReadOnlyDictionary<string, string> Endpoints { get; init; } = new Dictionary<string, string>();
}

/// <summary>One removal: the state's object goes to a name that nothing declares, and is forgotten there. Terraform takes no removal of what a module call still declares.</summary>
internal sealed record Forgotten(string From, string Placeholder);

/// <summary>What the files shall say.</summary>
internal sealed record Truce
{
    public required TruceFacts Facts { get; init; }

    /// <summary>Where Terraform shall have the region's server.</summary>
    public required string Address { get; init; }

    /// <summary>True when that is a resource of the file itself, not of a module.</summary>
    public required bool OwnResource { get; init; }

    public required bool EnablePrimary { get; init; }

    public required bool EnableSecondary { get; init; }

    public IReadOnlyList<(string From, string To)> Moves { get; init; } = [];

    public IReadOnlyList<Forgotten> Forgotten { get; init; } = [];

    /// <summary>Addresses of the file's own resources that stand for servers which were left.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    public IReadOnlyList<(string To, string Id)> Imports { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>
/// Which blocks keep the next plan of the highflame-iac modules from destroying a database. Pure. The modules are those of terraform/modules/azure (postgres-primary, postgres-secondary) as
/// infra-setup calls them; their server's name is fixed, and its administrator, version and backup are those of the module. What does not fit is kept by a resource of its own, which ignores every
/// difference and cannot be destroyed by a plan.
/// </summary>
internal static class TerraformTruce
{
    public const string ServerType = "azurerm_postgresql_flexible_server";
    public const string Primary = "module.postgres_primary[0]";
    public const string Secondary = "module.postgres_secondary[0]";

    // Defaults of the module postgres-primary, which infra-setup leaves as they are. Another administrator or an older version replaces the server.
    private const string ModuleAdministrator = "highflame";
    private const int ModuleVersion = 17;
    private const string ModuleDatabase = "javelin_data";

    private static readonly string[] Shared =
    [
        $"{ServerType}.postgres", "azurerm_management_lock.postgres", "azurerm_private_endpoint.postgres",
        "azurerm_postgresql_flexible_server_configuration.postgres_params", "azurerm_key_vault_secret.postgres",
    ];

    private static readonly string[] PrimaryOnly = ["azurerm_postgresql_flexible_server_database.postgres", "random_password.postgres"];

    public static Truce Of(TruceFacts facts)
    {
        var server = facts.Server;
        var named = server.Name.Equals(facts.ModuleName, StringComparison.OrdinalIgnoreCase);
        var misfit = Misfit(facts);
        var home = !named ? null : server.Role == DbRole.Replica ? Secondary : misfit is null ? Primary : null;
        var notes = new List<string>();
        if (!named) notes.Add($"The modules call a region's server {facts.ModuleName} and cannot be told another name: {server.Name} is kept by a resource of this file.");
        else if (home is null) notes.Add($"The module postgres-primary would replace {server.Name}: {misfit}. It is kept by a resource of this file.");
        var (moves, forgotten, imports) = (new List<(string, string)>(), new List<Forgotten>(), new List<(string, string)>());
        if (home is not null)
        {
            var other = home == Primary ? Secondary : Primary;
            moves.AddRange(Shared.Select(r => ($"{other}.{r}", $"{home}.{r}")));
            if (home == Secondary) forgotten.AddRange(PrimaryOnly.Select(r => Forget(Primary, r)));
            if (home == Primary)
            {
                if (facts.Databases.Contains(ModuleDatabase, StringComparer.Ordinal)) imports.Add(($"{home}.azurerm_postgresql_flexible_server_database.postgres", $"{facts.ServerId}/databases/{ModuleDatabase}"));
                else notes.Add($"The module postgres-primary will add a database {ModuleDatabase}: {server.Name} has {(facts.Databases.Count == 0 ? "none" : string.Join(", ", facts.Databases))}.");
            }

            if (facts.Endpoints.GetValueOrDefault($"{facts.ModuleName}-pe") is { } endpoint) imports.Add(($"{home}.azurerm_private_endpoint.postgres", endpoint));
        }
        else
        {
            forgotten.AddRange(Shared.Concat(PrimaryOnly).Select(r => Forget(Primary, r)));
            forgotten.AddRange(Shared.Select(r => Forget(Secondary, r)));
            notes.Add("Terraform forgets the lock, private endpoint, parameters and secrets of the modules' server; nothing of them is destroyed. Set-HfDbBinding and Copy-HfDbSetting keep them.");
        }

        var address = home is null ? $"{ServerType}.{Word(server.Name)}" : $"{home}.{ServerType}.postgres";
        imports.Insert(0, (address, facts.ServerId));
        var left = facts.Left.Where(l => !l.Name.Equals(facts.ModuleName, StringComparison.OrdinalIgnoreCase)).ToArray();
        return new()
        {
            Facts = facts,
            Address = address,
            OwnResource = home is null,
            EnablePrimary = home == Primary,
            EnableSecondary = home == Secondary,
            Moves = moves,
            Forgotten = forgotten,
            // Kept by a file of an earlier failover, and replaced by this one.
            Removed = [.. left.Select(l => $"{ServerType}.{Word(l.Name)}").Where(a => a != address), .. named && home is not null ? [$"{ServerType}.{Word(server.Name)}"] : Array.Empty<string>()],
            Imports = imports,
            Notes = [.. notes, .. facts.Left.Select(l => $"{l.Name} was left and is no longer Terraform's: delete it by hand when its data is not needed any more.")],
        };
    }

    /// <summary>A name that Terraform takes for a resource.</summary>
    public static string Word(string name) => "hf_" + string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string? Misfit(TruceFacts facts) =>
        facts.AdministratorLogin is { } login && login != ModuleAdministrator ? $"its administrator is {login}, the module's {ModuleAdministrator}"
        : int.TryParse(facts.Server.Version, out var version) && version > ModuleVersion ? $"its version is {version}, the module's {ModuleVersion}"
        : facts.GeoRedundantBackup ? "its backups are geo-redundant, the module's are not"
        : null;

    private static Forgotten Forget(string module, string resource)
    {
        var type = resource[..resource.IndexOf('.', StringComparison.Ordinal)];
        return new($"{module}.{resource}", $"{type}.hf_left_{(module == Primary ? "primary" : "secondary")}");
    }
}
