using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Binding;

/// <summary>The database secrets of a region under the names of the users' Terraform, and what they shall hold. Pure; values go in and out and are kept nowhere.</summary>
internal static class DatabaseBinding
{
    public const string Host = "host";
    public const string Port = "port";
    public const string Id = "id";
    public const string PrivateAddress = "privateip";

    /// <summary>Secrets that lead to the server.</summary>
    public static readonly string[] Addresses = [Host, Port, Id, PrivateAddress];

    /// <summary>Secrets that are the same at a primary and at its replicas. Terraform leaves some of them empty for a replica.</summary>
    public static readonly string[] Credentials = ["engine", "dbname", "username", "password"];

    public static IEnumerable<string> All => Addresses.Concat(Credentials);

    /// <summary>True for the names of a vault that keeps database secrets.</summary>
    public static bool IsKeptIn(IEnumerable<string> names) => new[] { Host, "dbname" }.All(n => names.Contains(n, StringComparer.OrdinalIgnoreCase));

    /// <summary>The secrets that must be written, with their values.</summary>
    /// <param name="own">The region's values; null where there is no such secret.</param>
    /// <param name="other">The other region's values; null where they are not known.</param>
    /// <param name="server">The server that shall be found.</param>
    /// <param name="address">Address of its private endpoint; null when it has none, or none yet.</param>
    /// <param name="copyCredential">Take the other region's credentials also where the region has some.</param>
    public static IReadOnlyDictionary<string, string> ToWrite(IReadOnlyDictionary<string, string?> own, IReadOnlyDictionary<string, string?> other, DbServer server, string? address, bool copyCredential)
    {
        var write = new Dictionary<string, string>(StringComparer.Ordinal);
        void Want(string name, string? value, bool keepOwn)
        {
            var now = own.GetValueOrDefault(name);
            if (value is { Length: > 0 } && now != value && !(keepOwn && now is { Length: > 0 })) write[name] = value;
        }

        Want(Host, HostOf(own.GetValueOrDefault(Host), other.GetValueOrDefault(Host), server), keepOwn: false);
        Want(Port, other.GetValueOrDefault(Port) is { Length: > 0 } port ? port : "5432", keepOwn: true);
        Want(Id, server.ResourceId, keepOwn: own.GetValueOrDefault(Id) is { } id && id.Equals(server.ResourceId, StringComparison.OrdinalIgnoreCase));
        Want(PrivateAddress, address, keepOwn: false);
        foreach (var name in Credentials) Want(name, other.GetValueOrDefault(name), keepOwn: !copyCredential);
        return write;
    }

    /// <summary>The server's name in front of the domain that the region uses now (its privatelink one, as a rule), else the other region's, else Azure's.</summary>
    private static string HostOf(string? own, string? other, DbServer server)
    {
        var pattern = own is { Length: > 0 } ? own : other is { Length: > 0 } ? other : server.HostName;
        var dot = pattern.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? server.HostName : server.Name + pattern[dot..];
    }
}
