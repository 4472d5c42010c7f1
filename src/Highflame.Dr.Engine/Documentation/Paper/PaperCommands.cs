using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>The commands of the paper, each in the ways it can be given: az, REST with curl, SQL. Every name is written out, so that a single line can be typed from the paper.</summary>
internal sealed partial class PaperCommands
{
    /// <summary>Stands in a statement for what the step before had somebody write down.</summary>
    public const string Position = "POSITION";
    private readonly DocumentFacts _facts;

    public PaperCommands(DocumentFacts facts) => _facts = facts;

    private string ProfileGroup => AzureId.GroupOf(_facts.Pair.Traffic.ProfileId);

    private string ProfileName => AzureId.NameOf(_facts.Pair.Traffic.ProfileId);

    private string EndpointName => _facts.Traffic?.Endpoint?.Name ?? _facts.Pair.Traffic.EndpointName;

    private string EndpointType => char.ToLowerInvariant((_facts.Traffic?.Endpoint?.Type ?? "ExternalEndpoints")[0]) + (_facts.Traffic?.Endpoint?.Type ?? "ExternalEndpoints")[1..];

    private string EndpointId => $"{_facts.Pair.Traffic.ProfileId}/{EndpointType}/{EndpointName}";

    private string Profile => $"--resource-group {Quote(ProfileGroup)}";

    public Command Psql(PaperServer server) => new($"Window for {server.Name}", "bash", "psql",
        $"psql \"host={server.Host} port={_facts.DatabasePort.ToString(CultureInfo.InvariantCulture)} dbname={_facts.Database} user={Administrator(server)} sslmode=require connect_timeout=10\"");

    public string Administrator(PaperServer server) => server.Document.TextAt("properties", "administratorLogin") ?? _facts.Context.DatabaseUser ?? "ADMINISTRATOR";

    public static Command Sql(PaperServer server, string statement) => new($"In the psql window of {server.Name}", "sql", server.Host, statement);

    public IEnumerable<Block> SetReadOnly(PaperServer server, string value, bool impatient = false) =>
    [
        Az($"az postgres flexible-server parameter set --resource-group {Quote(server.Group)} --server-name {server.Name} --name {ServerCalls.ReadOnlyParameter} --value {value}"),
        Rest("PATCH", $"{server.Id}/configurations/{ServerCalls.ReadOnlyParameter}", ApiVersions.FlexibleServers, new JsonObject { ["properties"] = new JsonObject { ["value"] = value, ["source"] = "user-override" } }, impatient: impatient),
    ];

    public IEnumerable<Block> Promote(PaperServer server, FailoverMode mode) =>
    [
        Az($"az postgres flexible-server replica promote --resource-group {Quote(server.Group)} --name {server.Name} --promote-mode standalone --promote-option {(mode == FailoverMode.Planned ? "planned" : "forced")} --yes"),
        Rest("PATCH", server.Id, ApiVersions.FlexibleServers, new JsonObject { ["properties"] = new JsonObject { ["replica"] = new JsonObject { ["promoteMode"] = "Standalone", ["promoteOption"] = mode == FailoverMode.Planned ? "Planned" : "Forced" } } }),
        new Expectation("HTTP 202"),
    ];

    public IEnumerable<Block> ShowTarget(string target) =>
    [
        Az($"az network traffic-manager endpoint show {Profile} --profile-name {ProfileName} --type {EndpointType} --name {EndpointName} --query target --output tsv", silent: false),
        Rest("GET", EndpointId, ApiVersions.TrafficManager, null, "\"target\": *\"[^\"]*\""),
        new Expectation(target),
    ];

    public IEnumerable<Block> MoveTraffic(string target) =>
    [
        Az($"az network traffic-manager endpoint update {Profile} --profile-name {ProfileName} --type {EndpointType} --name {EndpointName} --target {Quote(target)} --always-serve {(_facts.Traffic?.Endpoint?.AlwaysServe == true ? "Enabled" : "Disabled")}"),
        Rest("PATCH", EndpointId, ApiVersions.TrafficManager, new JsonObject { ["properties"] = new JsonObject { ["target"] = target } }),
        new Expectation("HTTP 200"),
    ];

    // az's own command for the profile writes all of it again; this changes one number.
    public IEnumerable<Block> SetTtl(long ttl)
    {
        var body = new JsonObject { ["properties"] = new JsonObject { ["dnsConfig"] = new JsonObject { ["relativeName"] = _facts.Traffic!.Profile.Fqdn.Split('.')[0], ["ttl"] = ttl } } };
        return
        [
            Az($"az rest --method patch --url {PaperLines.Folded(Url(_facts.Pair.Traffic.ProfileId, ApiVersions.TrafficManager), quoted: true)} --body {PaperLines.Json(body)}"),
            Rest("PATCH", _facts.Pair.Traffic.ProfileId, ApiVersions.TrafficManager, body),
            new Expectation("HTTP 200"),
        ];
    }

    public IEnumerable<Block> Stop(PaperServer server) =>
    [
        Az($"az postgres flexible-server stop --resource-group {Quote(server.Group)} --name {server.Name}"),
        Rest("POST", server.Id + "/stop", ApiVersions.FlexibleServers, null),
        new Expectation("HTTP 202"),
    ];

    public IEnumerable<Block> AwaitState(PaperServer server, string state) =>
    [
        Az($"az postgres flexible-server show --resource-group {Quote(server.Group)} --name {server.Name} --query state --output tsv", silent: false),
        Rest("GET", server.Id, ApiVersions.FlexibleServers, null, "\"state\": *\"[^\"]*\""),
        new Expectation(state, Repeat: true),
    ];

    public (IEnumerable<Block> Blocks, string? Warning) CreateReplica(PaperServer replica, PaperServer source, PaperServer previous)
    {
        var (body, warning) = ReplicaBody.Build(source.Document, previous.Document, replica.Location, null);
        var key = body["properties"]?["dataEncryption"]?["primaryKeyURI"]?.ToString();
        var identity = body["properties"]?["dataEncryption"]?["primaryUserAssignedIdentityId"]?.ToString();
        var tags = body["tags"] is JsonObject given ? string.Concat(given.Select(t => " " + Quote($"{t.Key}={t.Value}"))) : "";
        return (
        [
            Az($"az postgres flexible-server replica create --resource-group {Quote(replica.Group)} --name {replica.Name} --source-server {PaperLines.Folded(source.Id)} --location {replica.Location}"
                + (body["sku"]?["name"] is { } sku ? $" --sku-name {sku} --tier {body["sku"]!["tier"]}" : "")
                + (body["properties"]?["storage"]?["storageSizeGB"] is { } size ? $" --storage-size {size}" : "")
                + (key is null || identity is null ? "" : $" --identity {PaperLines.Folded(identity)} --key {Quote(key)}")
                + (tags.Length == 0 ? "" : $" --tags{tags}") + " --yes"),
            Rest("PUT", replica.Id, ApiVersions.FlexibleServers, body),
            new Expectation("HTTP 202"),
        ], warning);
    }

    /// <summary>The application's health, asked under its own name at one address or name.</summary>
    public Command Health(string way, string connectTo) => new(way, "bash", "curl", $"{Curl(connectTo)} \\\n  -w '\\n%{{remote_ip}} HTTP %{{http_code}}\\n' '{Url(connectTo)}{_facts.Pair.Health.Path}'");

    public IEnumerable<Block> WriteAndRead(string connectTo, string id)
    {
        var path = _facts.Pair.Health.FunctionPath!.TrimEnd('/');
        return
        [
            new Command("Write one entry", "bash", "curl", $"{Curl(connectTo)} \\\n  -w '\\nHTTP %{{http_code}}\\n' -H 'Content-Type: application/json' \\\n  -d '{{\"id\":\"{id}\",\"value\":\"written by hand\"}}' '{Url(connectTo)}{path}'"),
            new Expectation("HTTP 200"),
            new Command("Read it back", "bash", "curl", $"{Curl(connectTo)} \\\n  -w '\\nHTTP %{{http_code}}\\n' '{Url(connectTo)}{path}/{id}'"),
            new Expectation("HTTP 200"),
        ];
    }

    public static Command Az(string command, bool silent = true) => new(silent ? "With az (it ends without an error)" : "With az", "bash", "az", PaperLines.Wrapped(command));

    public Command Rest(string method, string path, string apiVersion, JsonNode? body, string? show = null, bool impatient = false)
    {
        var lines = new List<string> { $"curl -sS{(impatient ? " --max-time 30" : "")}{(show is null ? " -w '\\nHTTP %{http_code}\\n'" : "")} -X {method} -H \"Authorization: Bearer $TOKEN\"" };
        if (body is not null) lines.AddRange(["-H 'Content-Type: application/json'", $"-d {PaperLines.Json(body)}"]);
        else if (method == "POST") lines.Add("-H 'Content-Length: 0'");
        lines.Add(PaperLines.Folded(Url(path, apiVersion), quoted: true) + (show is null ? "" : $" \\\n  | grep -o '{show}'"));
        return new("Or with REST", "bash", "rest", string.Join(" \\\n  ", lines));
    }

    private string Curl(string connectTo) => "curl -sS --max-time 10" + (_facts.Pair.Health.HostName is { } host && !host.Equals(connectTo, StringComparison.OrdinalIgnoreCase) ? $" --connect-to {host}:{Port}:{connectTo}:{Port}" : "");

    private string Url(string path, string apiVersion) => $"{_facts.Context.ArmEndpoint.GetLeftPart(UriPartial.Authority)}{path}?api-version={apiVersion}";

    private string Url(string target) => $"https://{_facts.Pair.Health.HostName ?? target}{(Port == "443" ? "" : ":" + Port)}";

    private string Port => _facts.Pair.Health.Port.ToString(CultureInfo.InvariantCulture);

    internal static string Quote(string value) => Plain().IsMatch(value) ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex("^[A-Za-z0-9_./:=@%+,-]+$")]
    private static partial Regex Plain();
}
