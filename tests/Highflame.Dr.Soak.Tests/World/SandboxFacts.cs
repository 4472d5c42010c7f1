using System.Text.Json;

namespace Highflame.Dr.Soak.World;

/// <summary>What the player needs of sandbox.json.</summary>
internal sealed record SandboxFacts
{
    private static readonly JsonSerializerOptions s_web = new(JsonSerializerDefaults.Web);

    public required string Control { get; init; }

    public required string ControlKey { get; init; }

    public required string CaCertificate { get; init; }

    public required string RegionPair { get; init; }

    public required string RequestLog { get; init; }

    public required NameServer Dns { get; init; }

    public required Profile TrafficManager { get; init; }

    public required Region[] Regions { get; init; }

    public sealed record NameServer(string Address, int Port);

    public sealed record Profile(string Fqdn);

    public sealed record Gateway(string Address);

    public sealed record Server(string Name, string Host, int Port, string User, string Password, string Database);

    public sealed record Region(string Location, Gateway Gateway, Server[] Servers);

    public Region At(string location) => Array.Find(Regions, r => r.Location == location) ?? throw new ArgumentException($"No region {location}.");

    public static SandboxFacts Read(string path) => JsonSerializer.Deserialize<SandboxFacts>(File.ReadAllText(path), s_web)!;
}
