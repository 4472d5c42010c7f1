using System.Text.Json;
using Highflame.Dr.Engine.Azure;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>A database server as a Terraform state has it.</summary>
/// <param name="Address">With modules and indexes, for example module.postgres_primary[0].azurerm_postgresql_flexible_server.postgres.</param>
/// <param name="Id">Azure's id.</param>
internal sealed record StateServer(string Address, string Id);

/// <summary>Reads the servers out of what 'terraform state pull' says (state version 4). Nothing else of it is kept: a state holds passwords.</summary>
internal static class TerraformState
{
    /// <summary>Errors: HfTerraformStateUnreadable.</summary>
    public static IReadOnlyList<StateServer> Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (RegionSurvey.Part(document.RootElement, "version") is not { ValueKind: JsonValueKind.Number } version || !version.TryGetInt32(out var number) || number != 4)
                throw Unreadable(path, "it is no state of version 4", null);
            var servers = new List<StateServer>();
            var resources = RegionSurvey.Part(document.RootElement, "resources");
            foreach (var resource in resources.ValueKind == JsonValueKind.Array ? resources.EnumerateArray() : default)
            {
                if (RegionSurvey.Text(resource, "mode") != "managed" || RegionSurvey.Text(resource, "type") != TerraformTruce.ServerType) continue;
                var name = $"{TerraformTruce.ServerType}.{RegionSurvey.Text(resource, "name")}";
                if (RegionSurvey.Text(resource, "module") is { } module) name = $"{module}.{name}";
                foreach (var instance in RegionSurvey.Part(resource, "instances") is { ValueKind: JsonValueKind.Array } instances ? instances.EnumerateArray() : default)
                {
                    if (RegionSurvey.Text(RegionSurvey.Part(instance, "attributes"), "id") is { } id) servers.Add(new(name + Index(instance), id));
                }
            }

            return servers;
        }
        catch (JsonException failure)
        {
            throw Unreadable(path, "it is no JSON", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, failure.Message, failure);
        }
    }

    /// <summary>True when the state has the server at its address and none that was left.</summary>
    public static bool Agrees(IReadOnlyList<StateServer> state, Truce truce) =>
        state.Any(s => s.Address == truce.Address && AzureId.Same(s.Id, truce.Facts.ServerId))
        && !state.Any(s => s.Address != truce.Address || !AzureId.Same(s.Id, truce.Facts.ServerId));

    /// <summary>Servers of the state at addresses that the truce says nothing about.</summary>
    public static IEnumerable<StateServer> Unknown(IReadOnlyList<StateServer> state, Truce truce) => state.Where(s =>
        s.Address != truce.Address && !truce.Removed.Contains(s.Address) && !truce.Moves.Any(m => m.From == s.Address || m.To == s.Address) && !truce.Forgotten.Any(f => f.From == s.Address));

    private static string Index(JsonElement instance) => RegionSurvey.Part(instance, "index_key") switch
    {
        { ValueKind: JsonValueKind.Number } number => $"[{number}]",
        { ValueKind: JsonValueKind.String } text => $"[\"{text.GetString()}\"]",
        _ => "",
    };

    private static DrException Unreadable(string path, string why, Exception? inner) =>
        new("HfTerraformStateUnreadable", DrErrorKind.MalformedData, $"The Terraform state cannot be read: {why}.", path, "Write it with: terraform state pull > state.json", inner);
}
