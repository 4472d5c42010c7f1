namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>
/// The documents made from clients' metadata list every success code for a long-running operation. The service's own lists, from the documents of the same service
/// and from Azure's recorded traffic, are narrower: 2025-08-01 of PostgreSQL answers 202 to changes, and 202 or 204 to DELETE.
/// </summary>
internal static class StatusRules
{
    public static bool Allows(ApiOperation operation, int status)
    {
        if (!operation.Document.Derived || !operation.IsLongRunning || status >= 400) return true;
        var postgres = operation.Template.Contains("Microsoft.DBforPostgreSQL", StringComparison.OrdinalIgnoreCase);
        var newest = postgres && string.CompareOrdinal(operation.Document.Version, "2025-01-01") > 0;
        return operation.Method switch
        {
            "PUT" => newest ? status is 202 : status is 200 or 201 or 202,
            "PATCH" => newest ? status is 202 : status is 200 or 202,
            "DELETE" => newest ? status is 202 or 204 : status is 200 or 202 or 204,
            _ => newest ? status is 202 : status is 200 or 202 or 204,
        };
    }
}
