using System.Net;

namespace Highflame.Dr.Sandbox;

/// <summary>
/// Where everything of one sandbox lies: the directory, the loopback addresses and the ports. Two sandboxes on one machine never share an address:
/// each takes a /16 of 127.0.0.0/8 of its own.
/// </summary>
internal sealed record SandboxLayout
{
    public required string Root { get; init; }

    /// <summary>Second octet of every address of this sandbox: 127.<see cref="Network"/>.x.y.</summary>
    public required byte Network { get; init; }

    /// <summary>One HTTPS port for every gateway.</summary>
    public required int GatewayPort { get; init; }

    /// <summary>One port for every PostgreSQL server.</summary>
    public required int DatabasePort { get; init; }

    public required int DnsPort { get; init; }

    /// <summary>The two regions of the first pair, which is real in every part.</summary>
    public required IReadOnlyList<SandboxRegion> Regions { get; init; }

    /// <summary>Further pairs between the same two locations, whose gateways share a program.</summary>
    public IReadOnlyList<SandboxPair> FurtherPairs { get; init; } = [];

    /// <summary>How many pairs, the first ones, have real databases; those of the others are documents.</summary>
    public int RealPairs { get; init; } = 1;

    /// <summary>Whether a pair's databases are real.</summary>
    public bool IsReal(SandboxPair pair) => pair.Regions[0].Pair <= RealPairs;

    /// <summary>All pairs, the real one first.</summary>
    public IEnumerable<SandboxPair> Pairs => FurtherPairs.Prepend(new SandboxPair(LayoutPlan.Project, Regions));

    /// <summary>Divisor of the modelled Azure durations; 0 takes them away.</summary>
    public double TimeScale { get; init; } = 20;

    /// <summary>Role of the principals in sandbox.json: owner, operator or reader.</summary>
    public string Role { get; init; } = "owner";

    /// <summary>True when the subscription began empty.</summary>
    public bool Empty { get; init; }

    /// <summary>Administrator of every server: CREATEDB CREATEROLE and the monitoring roles, never a superuser.</summary>
    public string Administrator { get; init; } = "hfadmin";

    public string AdministratorPassword { get; init; } = "";

    /// <summary>The application's login role; it owns the database of the same name.</summary>
    public string ApplicationRole { get; init; } = "highflame";

    public string ApplicationPassword { get; init; } = "";

    /// <summary>Host name that the application serves (SNI and Host header).</summary>
    public string ApplicationHost { get; init; } = "control.example.com";

    /// <summary>The name that clients resolve.</summary>
    public string TrafficManagerFqdn { get; init; } = "highflame-prod-global.trafficmanager.net";

    public IPAddress DnsAddress => new([127, Network, 0, 53]);

    public string CaCertificatePath => Path.Combine(Root, "ca.pem");

    public string ServerCertificatePath => Path.Combine(Root, "tls", "server.pem");

    /// <summary>The server certificate as it would be had nobody renewed it: same names and key, expired.</summary>
    public string ExpiredCertificatePath => Path.Combine(Root, "tls", "expired.pem");

    public string ServerKeyPath => Path.Combine(Root, "tls", "server.key");

    public string SandboxFile => Path.Combine(Root, "sandbox.json");

    public string RequestLogPath => Path.Combine(Root, "logs", "arm-requests.jsonl");

    public SandboxRegion Region(string location) =>
        Regions.FirstOrDefault(r => string.Equals(r.Location, Normalize(location), StringComparison.Ordinal))
        ?? throw new ArgumentException($"No region '{location}' in this sandbox. It has: {string.Join(", ", Regions.Select(r => r.Location))}.", nameof(location));

    public static string Normalize(string location) => location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
}

/// <summary>One region pair.</summary>
/// <param name="Name">Also what its resources' names begin with.</param>
/// <param name="Regions">The region that serves at first, then the other.</param>
internal sealed record SandboxPair(string Name, IReadOnlyList<SandboxRegion> Regions)
{
    /// <summary>Name of its Traffic Manager profile, and the first label of the name that clients resolve.</summary>
    public string Profile => $"{Name}-global";

    public string TrafficManagerFqdn => $"{Profile}.trafficmanager.net";
}

/// <summary>One region. Addresses: gateway 127.N.R.1, application 127.N.R.10, database servers 127.N.R.100 and up, link relay towards it 127.N.R.200;
/// gateways of further pair P's regions 127.N.(10+R).P.</summary>
internal sealed record SandboxRegion
{
    /// <summary>1 or 2; the third octet of its addresses.</summary>
    public required byte Number { get; init; }

    /// <summary>Which pair of the sandbox it belongs to; 1 is the first.</summary>
    public int Pair { get; init; } = 1;

    /// <summary>For example eastus.</summary>
    public required string Location { get; init; }

    /// <summary>For example East US.</summary>
    public required string DisplayName { get; init; }

    public required string ResourceGroup { get; init; }

    /// <summary>Prefix of its resources' names, for example highflame-prod.</summary>
    public required string NamePrefix { get; init; }

    public required IPAddress GatewayAddress { get; init; }

    public required IPAddress ApplicationAddress { get; init; }

    public required int ApplicationPort { get; init; }

    /// <summary>Name of the database server that this region's application uses.</summary>
    public required string DatabaseServer { get; init; }

    /// <summary>DNS name of the gateway's public address, for example highflame-prod-eastus.eastus.cloudapp.azure.com.</summary>
    public string GatewayFqdn => $"{NamePrefix}-{Location}.{Location}.cloudapp.azure.com";
}

/// <summary>The modelled Azure durations, in seconds before the time scale divides them: the table that a user can edit in DIR/durations.json.</summary>
internal sealed record Durations
{
    public double Promotion { get; init; } = 120;

    public double ReplicaCreation { get; init; } = 300;

    public double TrafficManagerPropagation { get; init; } = 10;

    /// <summary>From the loss of a region until Azure's resource health says so.</summary>
    public double ResourceHealthReport { get; init; } = 60;

    public double AksScaling { get; init; } = 180;

    public double GatewayChange { get; init; } = 300;

    public double CacheScaling { get; init; } = 600;

    public double ServerStart { get; init; } = 60;

    public double ServerStop { get; init; } = 60;

    public double ServerRestart { get; init; } = 60;

    public double ServerCreation { get; init; } = 300;

    public double ParameterChange { get; init; } = 10;

    /// <summary>A duration as it is waited: divided by the scale, nothing at scale 0.</summary>
    public static TimeSpan Scaled(double seconds, double timeScale) =>
        timeScale <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(seconds / timeScale);
}
