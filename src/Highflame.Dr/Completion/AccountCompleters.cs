using System.Text.Json;
using Highflame.Dr.Hosting;

namespace Highflame.Dr.Completion;

/// <summary>Subscriptions of the connection, of the imported pairs, and of those that Azure CLI or Azure PowerShell remember on this computer.</summary>
public sealed class SubscriptionIdCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) =>
        KnownAccounts.Of(state).Select(a => a.Subscription).Concat(state.Pairs.Select(p => p.SubscriptionId));
}

/// <summary>Tenants of the connection, and of the subscriptions that Azure CLI or Azure PowerShell remember on this computer.</summary>
public sealed class TenantIdCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) => KnownAccounts.Of(state).Select(a => a.Tenant);
}

/// <summary>Names of Azure's clouds.</summary>
public sealed class EnvironmentCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) => ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"];
}

/// <summary>Subscriptions and tenants that can be known without signing in. Ids only: no token is read.</summary>
internal static class KnownAccounts
{
    public static IEnumerable<(string Subscription, string Tenant)> Of(RunspaceState state)
    {
        if (state.Connection?.Context is { } context) yield return (context.SubscriptionId, context.TenantId ?? "");
        foreach (var account in FromCli(Environment.GetEnvironmentVariable("AZURE_CONFIG_DIR") ?? Path.Combine(Home, ".azure"))) yield return account;
        foreach (var account in FromPowerShell(Path.Combine(Home, ".Azure"))) yield return account;
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>azureProfile.json of Azure CLI.</summary>
    internal static IReadOnlyList<(string Subscription, string Tenant)> FromCli(string folder) => Read(Path.Combine(folder, "azureProfile.json"), root =>
        root.GetProperty("subscriptions").EnumerateArray().Select(s => (Text(s, "id"), Text(s, "tenantId"))));

    /// <summary>AzureRmContext.json of Azure PowerShell.</summary>
    internal static IReadOnlyList<(string Subscription, string Tenant)> FromPowerShell(string folder) => Read(Path.Combine(folder, "AzureRmContext.json"), root =>
        root.GetProperty("Contexts").EnumerateObject().Select(c => (Text(Part(c.Value, "Subscription"), "Id"), Text(Part(c.Value, "Tenant"), "Id"))));

    private static IReadOnlyList<(string Subscription, string Tenant)> Read(string path, Func<JsonElement, IEnumerable<(string Subscription, string Tenant)>> read)
    {
        try
        {
            if (!File.Exists(path)) return [];
            // ReadAllText takes the byte order mark away that Azure CLI writes.
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return [.. read(document.RootElement)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return [];
        }
    }

    private static JsonElement Part(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) ? part : default;

    private static string Text(JsonElement element, string name) => Part(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
