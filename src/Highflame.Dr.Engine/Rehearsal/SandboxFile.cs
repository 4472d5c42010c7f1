using System.Security;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;

namespace Highflame.Dr.Engine.Rehearsal;

/// <summary>What <c>sandbox.json</c> says. It holds secrets: it never crosses to the cmdlets.</summary>
internal sealed record SandboxFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public int ProcessId { get; init; }

    public string? Arm { get; init; }

    public string? Authority { get; init; }

    public string? TenantId { get; init; }

    public string? SubscriptionId { get; init; }

    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? CaCertificate { get; init; }

    public NameServer? Dns { get; init; }

    public string? Control { get; init; }

    public string? ControlKey { get; init; }

    public string? RegionPair { get; init; }

    /// <summary>Files of the further pairs.</summary>
    public string[] FurtherPairs { get; init; } = [];

    /// <summary>Names of the servers that have a database behind them, with wildcards; none means all.</summary>
    public string[] DatabaseServers { get; init; } = [];

    public TrafficManagerPart? TrafficManager { get; init; }

    public int? GatewayPort { get; init; }

    public int? DatabasePort { get; init; }

    public Region[] Regions { get; init; } = [];

    /// <summary>Path that it was read from.</summary>
    public string Path { get; private init; } = "";

    public sealed record NameServer(string? Address, int Port);

    public sealed record TrafficManagerPart(string? Fqdn, string? ProfileId);

    public sealed record Region(string? Location, string? ResourceGroup, Server[]? Servers);

    public sealed record Server(string? Name, string? User, string? Password, string? Database);

    /// <summary>Errors: HfSandboxFileInvalid, with what is missing.</summary>
    public static SandboxFile Read(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full)) full = System.IO.Path.Combine(full, "sandbox.json");
        SandboxFile? file;
        try
        {
            file = JsonSerializer.Deserialize<SandboxFile>(File.ReadAllText(full), Format);
        }
        catch (JsonException failure)
        {
            throw Invalid(full, $"it is not the JSON that was expected (line {failure.LineNumber + 1}, at {failure.Path ?? "$"})", null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            throw Invalid(full, failure.Message, failure);
        }
        if (file is null) throw Invalid(full, "it is empty", null);
        var missing = new List<string>();
        if (!Uri.TryCreate(file.Arm, UriKind.Absolute, out _)) missing.Add("arm");
        if (!Uri.TryCreate(file.Authority, UriKind.Absolute, out _)) missing.Add("authority");
        if (!Uri.TryCreate(file.Control, UriKind.Absolute, out _)) missing.Add("control");
        if (string.IsNullOrEmpty(file.ControlKey)) missing.Add("controlKey");
        if (string.IsNullOrEmpty(file.TenantId)) missing.Add("tenantId");
        if (string.IsNullOrEmpty(file.SubscriptionId)) missing.Add("subscriptionId");
        if (string.IsNullOrEmpty(file.CaCertificate)) missing.Add("caCertificate");
        return missing.Count == 0 ? file with { Path = full } : throw Invalid(full, $"it has no usable {string.Join(", ", missing)}", null);
    }

    /// <summary>Fills every option that is not set. A secret given here stays a secure string.</summary>
    public DrConnectionOptions Fill(DrConnectionOptions options)
    {
        var defaults = new DrConnectionOptions();
        var server = Regions.SelectMany(r => r.Servers ?? []).FirstOrDefault();
        var ownDatabaseUser = options.DatabaseUser is not null || options.DatabaseVault is not null;
        return options with
        {
            Credential = options.Credential == DrCredentialKind.Default && !options.DefaultChain && ClientSecret is not null ? DrCredentialKind.ClientSecret : options.Credential,
            ArmEndpoint = options.ArmEndpoint ?? new Uri(Arm!),
            ArmAudience = options.ArmAudience ?? ArmPipeline.PublicAudience,
            AuthorityHost = options.AuthorityHost ?? new Uri(Authority!),
            CaCertificatePath = options.CaCertificatePath ?? CaCertificate,
            TenantId = options.TenantId ?? TenantId,
            SubscriptionId = options.SubscriptionId ?? SubscriptionId,
            // A client secret belongs to its own client id; one is not filled in for the other.
            ClientId = options.ClientId ?? (IsOfApplication(options) ? ClientId : null),
            ClientSecret = options.ClientSecret ?? (options.ClientId is null && IsOfApplication(options) ? SecretText.Secure(ClientSecret) : null),
            DatabaseUser = ownDatabaseUser ? options.DatabaseUser : server?.User,
            DatabaseServers = options.DatabaseServers.Length > 0 || ownDatabaseUser ? options.DatabaseServers : DatabaseServers,
            DatabasePassword = options.DatabasePassword ?? (ownDatabaseUser ? null : SecretText.Secure(server?.Password)),
            Database = options.Database != defaults.Database ? options.Database : server?.Database ?? options.Database,
            DatabasePort = options.DatabasePort != defaults.DatabasePort ? options.DatabasePort : DatabasePort ?? options.DatabasePort,
            GatewayPort = options.GatewayPort != defaults.GatewayPort ? options.GatewayPort : GatewayPort ?? options.GatewayPort,
            Resolvers = options.Resolvers.Length > 0 || Dns?.Address is null ? options.Resolvers : [new DnsServer(Dns.Address, Dns.Port)],
        };
    }

    /// <summary>True when the sign-in is one of the file's application registration.</summary>
    private static bool IsOfApplication(DrConnectionOptions options) => options.Credential switch
    {
        DrCredentialKind.Default => !options.DefaultChain,
        DrCredentialKind.ClientSecret or DrCredentialKind.ClientCertificate or DrCredentialKind.WorkloadIdentity => true,
        _ => false,
    };

    private static DrException Invalid(string path, string reason, Exception? inner) =>
        new("HfSandboxFileInvalid", DrErrorKind.MalformedData, $"The sandbox file cannot be used: {reason}.", path, "Give the path of a sandbox.json that Start-HfSandbox has written.", inner);
}
