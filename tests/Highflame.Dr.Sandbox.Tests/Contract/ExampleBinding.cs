using System.Text.Json;
using System.Text.RegularExpressions;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Arm.Documents;
using Highflame.Dr.Sandbox.Tests.Arm;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>Makes an example's request one to the sandbox: its names stand for resources that the sandbox has, a PUT's own name stays.</summary>
internal sealed partial class ExampleBinding(RunningSandbox arm)
{
    private const string Group = "highflame-prod-rg";

    /// <summary>The request's path.</summary>
    public string Path(ApiExample example)
    {
        var template = example.Operation.Template.TrimEnd('/');
        var words = template.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var path = "";
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            path += "/" + (Hole().Match(word) is { Success: true } hole ? Value(example, hole.Groups[1].Value, path, i == words.Length - 1).Trim('/') : word);
        }

        return path;
    }

    /// <summary>The body with ids that lead to the sandbox's own resources.</summary>
    public string? Body(ApiExample example)
    {
        if (example.Body.ValueKind == JsonValueKind.Undefined) return null;
        var text = example.Body.GetRawText();
        text = Subscription().Replace(text, arm.Subscription);
        text = ResourceGroup().Replace(text, $"/resourceGroups/{Group}");
        text = FlexibleServer().Replace(text, "flexibleServers/highflame-prod-postgres");
        text = Password().Replace(text, "\"administratorLoginPassword\": \"Example-passw0rd\"");
        text = Location().Replace(text, m => m.Groups[1].Value.Equals("global", StringComparison.OrdinalIgnoreCase) ? m.Value : "\"location\": \"eastus\"");
        // Members of a virtual endpoint are servers.
        return text.Replace("exampleprimaryserver", "highflame-prod-postgres", StringComparison.Ordinal).Replace("examplereplicaserver", "highflame-prod-dr-postgres", StringComparison.Ordinal);
    }

    private string Value(ApiExample example, string name, string before, bool last)
    {
        switch (name)
        {
            case "subscriptionId":
                return arm.Sandbox.Identity.SubscriptionId;
            case "resourceGroupName" when last && example.Operation.Method == "PUT":
                return example.Text(name) ?? Group;
            case "resourceGroupName":
                return IsOfReplica(example) ? "highflame-prod-dr-rg" : Group;
            case "scope" or "resourceUri" or "resourceId":
                return arm.Primary;
            case "location" or "locationName":
                return "eastus";
            case "resourceProviderNamespace":
                return "Microsoft.Network";
            case "configurationName":
                return "default_transaction_read_only";
            case "serverName" when IsOfReplica(example):
                return "highflame-prod-dr-postgres";
            case "endpointType":
                return example.Text(name) ?? "ExternalEndpoints";
            case "lockName" when example.Operation.Method is not "PUT":
                return "postgres-lock";
        }

        var own = example.Text(name) ?? "example";
        return last && example.Operation.Method == "PUT" ? own : Known(before) ?? own;
    }

    /// <summary>A resource below a path that ends with its type; null when the sandbox has none.</summary>
    private string? Known(string path)
    {
        var parsed = ArmPath.Parse(path);
        if (parsed.Namespace is null) return null;
        if (parsed.Is("Microsoft.DBforPostgreSQL", "flexibleServers")) return "highflame-prod-postgres";
                if (parsed.Is("Microsoft.DBforPostgreSQL", "flexibleServers/databases")) return "highflame";
        if (parsed.Is("Microsoft.Network", "trafficManagerProfiles/externalEndpoints")) return "global-endpoint";
        var found = arm.Sandbox.Store.Where(r => r.Id.StartsWith(path + "/", StringComparison.OrdinalIgnoreCase) && !r.Id[(path.Length + 1)..].Contains('/', StringComparison.Ordinal));
        if (found.Count > 0) return found[0].Name;
        return EmbeddedChildren.Find(parsed.TypePath) is { } children && arm.Sandbox.Store.Find(parsed.TopResourceId) is { } parent
            ? children.In(parent).Select(c => c.Text("name")).FirstOrDefault()
            : null;
    }

    /// <summary>The replica is what is promoted; it may grow and be deleted, which its primary may not; and it has public access, which firewall rules need.</summary>
    private static bool IsOfReplica(ApiExample example) =>
        example.Operation.Template.Contains("/flexibleServers/{serverName}/firewallRules", StringComparison.OrdinalIgnoreCase)
        || (example.Operation.Template.EndsWith("/flexibleServers/{serverName}", StringComparison.OrdinalIgnoreCase) && example.Operation.Method is ("PATCH" or "DELETE"));

    public static bool IsPromotion(ApiExample example) => example.Operation.Method == "PATCH" && example.Body.ValueKind == JsonValueKind.Object && example.Body.GetRawText().Contains("\"promote", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^\{([^}]+)\}$")]
    private static partial Regex Hole();

    [GeneratedRegex("/?subscriptions/[^/\"]+", RegexOptions.IgnoreCase)]
    private static partial Regex Subscription();

    [GeneratedRegex("/resourceGroups/[^/\"]+", RegexOptions.IgnoreCase)]
    private static partial Regex ResourceGroup();

    [GeneratedRegex("flexibleServers/[^/\"]+", RegexOptions.IgnoreCase)]
    private static partial Regex FlexibleServer();

    [GeneratedRegex("\"administratorLoginPassword\"\\s*:\\s*\"[^\"]*\"")]
    private static partial Regex Password();

    [GeneratedRegex("\"location\"\\s*:\\s*\"([^\"]*)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Location();
}
