using System.Text.Json;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox;

/// <summary>Where Azure's behaviour is not certain or differs between versions: what the sandbox does. Editable in DIR/behaviour.json.</summary>
internal sealed record Behaviour
{
    /// <summary>Role that a replica shows after a standalone promotion: None, or Primary as some reports have it.</summary>
    public string RoleAfterPromotion { get; init; } = "None";

    /// <summary>Whether GET of one replica shows replica.replicationState; the list of replicas always does.</summary>
    public bool ReplicationStateOnServer { get; init; }

    /// <summary>
    /// properties.sourceServerResourceId in the PATCH of a switchover: Optional; Required, refused with MissingRequiredParameter as 2026-04-01-preview does since mid-2026;
    /// or Unknown, refused as a member that the api-version does not have. Microsoft's clients of the versions served here cannot send it.
    /// </summary>
    public string SwitchoverSource { get; init; } = "Optional";

    /// <summary>Seconds of Retry-After on 202 answers and polls; null sends none, as the recorded traffic had none.</summary>
    public double? OperationRetryAfterSeconds { get; init; }

    /// <summary>Whether operation URLs are signed: 4 to 5 KB long, refused when their query is changed. False gives short ones.</summary>
    public bool SignedOperationUrls { get; init; } = true;

    /// <summary>Whether PostgreSQL servers and operation URLs show the display name of their location ("East US") rather than eastus.</summary>
    public bool DisplayNameLocations { get; init; } = true;

    /// <summary>
    /// Whether PostgreSQL's api-versions before 2025-08-01, which document 200, 201 and 202, answer when the operation is done (200 or 201 with the resource)
    /// rather than 202 at once.
    /// </summary>
    public bool OlderVersionsAnswerWhenDone { get; init; }

    /// <summary>Whether Traffic Manager takes private addresses as targets.</summary>
    public bool AllowPrivateTargets { get; init; }

    /// <summary>Quota of cores in each region, for a family of virtual machines and for all together.</summary>
    public long CoreQuota { get; init; } = 100;

    /// <summary>Lifetime of new tokens in seconds.</summary>
    public double TokenLifetimeSeconds { get; init; } = 3599;

    /// <summary>Whether requests beyond ARM's documented token buckets get 429: for each principal 250 reads (25 more each second), 200 writes and 200 deletes (10 more).</summary>
    public bool Throttling { get; init; }

    /// <summary>
    /// What a location does not offer, each as location/what: westus/Standard_D4as_v6 (restricted for the subscription), westus/Standard_D4as_v6/zones (no zones),
    /// westus/standardDav6Family (not there), westus/kubernetes/1.33, or westus/Microsoft.Cache/redis.
    /// </summary>
    public string[] NotOffered { get; init; } = [];

    /// <summary>False when <see cref="NotOffered"/> names it for the location.</summary>
    public bool Offers(string location, string what) => !NotOffered.Contains($"{location}/{what}", StringComparer.OrdinalIgnoreCase);
}

/// <summary>The two tables that a user can edit while the sandbox runs: DIR/durations.json and DIR/behaviour.json. Each is read again when its file changed.</summary>
internal sealed class Settings
{
    private readonly EditableFile<Durations> _durations;
    private readonly EditableFile<Behaviour> _behaviour;
    private readonly double _timeScale;

    public Settings(string root, double timeScale)
    {
        _timeScale = timeScale;
        _durations = new EditableFile<Durations>(Path.Combine(root, "durations.json"), new Durations());
        _behaviour = new EditableFile<Behaviour>(Path.Combine(root, "behaviour.json"), new Behaviour());
    }

    public Behaviour Behaviour => _behaviour.Read();

    /// <summary>Changes DIR/behaviour.json before the sandbox reads it: for the command line.</summary>
    public static void Change(string root, Func<Behaviour, Behaviour> change) => new EditableFile<Behaviour>(Path.Combine(root, "behaviour.json"), new Behaviour()).Change(change);

    /// <summary>A modelled duration as it is waited: divided by the time scale.</summary>
    public TimeSpan Duration(Func<Durations, double> which) => Durations.Scaled(which(_durations.Read()), _timeScale);

    /// <summary>A JSON file that is written with defaults when it is absent. A file that cannot be read keeps the last values.</summary>
    private sealed class EditableFile<T>
        where T : class
    {
        private static readonly JsonSerializerOptions s_options = new(Json.Indented) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };
        private readonly string _path;
        private readonly Lock _gate = new();
        private DateTime _changed;
        private T _value;

        public EditableFile(string path, T defaults)
        {
            (_path, _value) = (path, defaults);
            if (!File.Exists(path)) File.WriteAllText(path, JsonSerializer.Serialize(defaults, s_options) + "\n");
        }

        public void Change(Func<T, T> change) => File.WriteAllText(_path, JsonSerializer.Serialize(change(Read()), s_options) + "\n");

        public T Read()
        {
            lock (_gate)
            {
                try
                {
                    var changed = File.GetLastWriteTimeUtc(_path);
                    if (changed == _changed) return _value;
                    _value = JsonSerializer.Deserialize<T>(File.ReadAllText(_path), s_options) ?? _value;
                    _changed = changed;
                }
                catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
                {
                    // Half written, or being edited: the last good values stay.
                }

                return _value;
            }
        }
    }
}
