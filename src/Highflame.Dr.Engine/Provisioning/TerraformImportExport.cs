using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Binding;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>
/// After a failover a region's Terraform is wrong: the promoted server is declared as a replica, the old primary is protected, the new replica unknown. This reads the region, writes the two
/// files that settle it, and notes in the pair's run store what is still owed; a state that agrees is noted as settled.
/// </summary>
internal sealed class TerraformImportExport(AzureConnection connection, IInventory inventory, RunStore store, TimeProvider time)
{
    public const string BlocksName = "hfdr-failover.tf";
    public const string VariablesName = "hfdr-failover.auto.tfvars";

    public async Task<TerraformImport> WriteAsync(TerraformImportRequest request, CancellationToken cancellationToken)
    {
        var region = request.Pair.RequireRegion(request.Location);
        var state = request.StatePath is null ? null : TerraformState.Read(request.StatePath);
        var truce = TerraformTruce.Of(await FactsAsync(request.Pair, region, cancellationToken).ConfigureAwait(false));
        var settled = state is null ? (bool?)null : TerraformState.Agrees(state, truce);
        string? blocks = null, variables = null;
        if (settled != true)
        {
            (blocks, variables) = (Path.Combine(request.Folder, BlocksName), Path.Combine(request.Folder, VariablesName));
            if (!request.Overwrite && (File.Exists(blocks) || File.Exists(variables)))
                throw new DrException("HfTerraformFileExists", DrErrorKind.InvalidState, "The folder has such a file already.", File.Exists(blocks) ? blocks : variables, "Give -Force to replace it, once what it said is applied.");
            TerraformExport.Save(blocks, TruceText.Blocks(truce));
            TerraformExport.Save(variables, TruceText.Variables(truce));
        }

        TerraformDebt.Note(store, region.Location, new() { ServerId = truce.Facts.ServerId, Role = truce.Facts.Server.Role, At = time.GetUtcNow(), Folder = request.Folder, Settled = settled == true });
        return new()
        {
            Path = blocks,
            VariablesPath = variables,
            Location = AzureLocation.Normalize(region.Location),
            Server = truce.Facts.Server.Name,
            ResourceId = truce.Facts.ServerId,
            Role = truce.Facts.Server.Role,
            Address = truce.Address,
            Settled = settled,
            Imports = settled == true ? [] : [.. truce.Imports.Select(i => i.To)],
            Moves = settled == true ? [] : [.. truce.Moves.Select(m => $"{m.From} -> {m.To}")],
            Removals = settled == true ? [] : [.. truce.Forgotten.Select(f => f.From), .. truce.Removed],
            Notes = [.. truce.Notes, .. state is null ? [] : TerraformState.Unknown(state, truce).Select(s => $"The state has {AzureId.NameOf(s.Id)} at {s.Address}, which no module of highflame-iac has: look at it before you apply.")],
        };
    }

    private async Task<TruceFacts> FactsAsync(RegionPair pair, PairRegion region, CancellationToken cancellationToken)
    {
        var environment = RegionEnvironment.Of(pair, region);
        var servers = (await inventory.GetServersAsync(new DbServerQuery(ResourceGroup: region.ResourceGroup), cancellationToken).ConfigureAwait(false))
            .Where(s => AzureLocation.Same(s.Location, region.Location)).ToArray();
        // An old primary that is stopped, or fenced, stands beside the region's new replica.
        var server = servers.FirstOrDefault(s => s.Role == DbRole.Replica) ?? servers.FirstOrDefault(s => s is { Role: DbRole.Primary, State: "Ready" }) ?? servers.FirstOrDefault()
            ?? throw new DrException("HfRegionNotBuilt", DrErrorKind.NotFound, $"The region {region.Location} has no database server.", region.ResourceGroup, "Build the replica first: New-HfReadReplica.");
        var document = await connection.Arm.GetAsync(server.ResourceId, ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false);
        var properties = RegionSurvey.Part(document, "properties");
        var storage = RegionSurvey.Part(properties, "storage");
        var databases = server.Role == DbRole.Primary ? await connection.Arm.ListAsync($"{server.ResourceId}/databases", ApiVersions.FlexibleServers, cancellationToken).ConfigureAwait(false) : [];
        var endpoints = await connection.Arm.ListAsync($"/subscriptions/{pair.SubscriptionId}/resourceGroups/{region.ResourceGroup}/providers/Microsoft.Network/privateEndpoints", ApiVersions.Network, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Location = AzureLocation.Normalize(region.Location),
            ResourceGroup = region.ResourceGroup,
            ModuleName = environment.DatabaseServer,
            Server = server,
            Left = [.. servers.Where(s => s != server)],
            SourceId = server.Role == DbRole.Replica ? server.SourceServerResourceId : null,
            AdministratorLogin = RegionSurvey.Text(properties, "administratorLogin"),
            StorageGB = server.StorageGB,
            StorageTier = RegionSurvey.Text(storage, "tier"),
            SkuName = TerraformExport.SkuName(RegionSurvey.Part(document, "sku"), environment),
            GeoRedundantBackup = RegionSurvey.Text(RegionSurvey.Part(properties, "backup"), "geoRedundantBackup") == "Enabled",
            Databases = [.. databases.Select(d => RegionSurvey.Text(d, "name")).OfType<string>()],
            Endpoints = endpoints.Select(BindingDocuments.Endpoint).OfType<EndpointSeen>().Where(e => AzureId.Same(e.ServerId, server.ResourceId)).ToDictionary(e => AzureId.NameOf(e.Id), e => e.Id, StringComparer.OrdinalIgnoreCase),
        };
    }
}
