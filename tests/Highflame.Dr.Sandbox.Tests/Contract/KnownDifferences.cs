namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>Where Azure differs from its own document, the sandbox follows Azure. Each entry names its source.</summary>
internal static class KnownDifferences
{
    private static readonly (string Path, string Version, string Violation, string Source)[] s_all =
    [
        ("/flexibleServers", "", "storage.type: '' is none of", "Recorded planned switchover of 2026-06-15: \"storage\":{\"type\":\"\"}"),
        ("/flexibleServers", "2025-08-01", "highAvailability.mode: 'Disabled' is none of", "Examples of 2025-08-01, ServersGet.json and ReplicasListByServer.json: \"mode\":\"Disabled\""),
        ("/flexibleServers", "2022-12-01", "properties.version: '", "The document of 2022-12-01 ends at version 14 (modelAsString); the service shows newer servers to old clients too"),
        ("/flexibleServers", "2022-12-01", "properties.dataType: 'String' is none of", "Example of 2022-12-01, ConfigurationListByServer.json: \"dataType\":\"String\""),
        ("/getPrivateDnsZoneSuffix", "", "there is a body, and the document has none", "Example of 2022-12-01, GetPrivateDnsZoneSuffix.json: a string; Microsoft's clients of 2024-08-01 and 2025-08-01 read one"),
        ("/secrets", "", "attributes.created: a string is expected, not Number", "Example of 2023-07-01, listSecrets.json: \"created\": 1514941476, seconds since 1970"),
        ("/secrets", "", "attributes.updated: a string is expected, not Number", "Example of 2023-07-01, listSecrets.json: seconds since 1970"),
        ("/tenants", "2022-12-01", "$: the required member 'nextLink' is missing", "The last page has none: clients read pages until there is no nextLink"),
        ("/subscriptions", "2022-12-01", "$: the required member 'nextLink' is missing", "The last page has none: clients read pages until there is no nextLink"),
    ];

    public static bool Allow(Exchange exchange, ApiOperation operation, string violation) => exchange.Status < 400 && Array.Exists(
        s_all,
        d => operation.Template.Contains(d.Path, StringComparison.OrdinalIgnoreCase) && (d.Version.Length == 0 || d.Version == operation.Document.Version) && violation.Contains(d.Violation, StringComparison.Ordinal));
}
