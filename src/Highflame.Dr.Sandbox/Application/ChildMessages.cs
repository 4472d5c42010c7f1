using System.Text.Json;
using System.Text.Json.Serialization;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>What the application of a region is told at its start: where its secrets are, as whom to read them, and no secret.</summary>
internal sealed record AppSettings(string Region, Uri Vault, Uri Identity, string ClientId, string DnsAddress, int DnsPort, string CaCertificate, string Address, int Port);

/// <summary>What a gateway is told at its start.</summary>
internal sealed record GatewaySettings(string Region, string Address, int Port, string Certificate, string Key, string CaCertificate, string Application);

/// <summary>What the client load is told at its start.</summary>
internal sealed record LoadSettings(string Id, int Writers, double IntervalMilliseconds, string DnsAddress, int DnsPort, string Host, int Port, string CaCertificate, string RecordPath);

/// <summary>What the reaper is told at its start. <paramref name="TemporaryDirectory"/> is removed with the processes.</summary>
internal sealed record ReaperSettings(string RunDirectory, string? TemporaryDirectory);

/// <summary>A line from the sandbox to a child: a command, and a number that its answer carries.</summary>
internal sealed record ChildCommand(long Id, string Command, bool? On = null);

/// <summary>A line from a child to the sandbox. The first, with number 0, says that it is ready.</summary>
internal sealed record ChildAnswer(long Id, JsonElement? Body = null, string? Error = null);

/// <summary>Body of POST /v1/entries.</summary>
internal sealed record EntryRequest(string? Id, string? Value);

/// <summary>Answer to POST /v1/entries, only ever sent after COMMIT.</summary>
internal sealed record EntryAnswer(string Id, string Region, string Server, DateTimeOffset CommittedAt);

/// <summary>Answer to GET /v1/entries/{id}.</summary>
internal sealed record EntryView(string Id, string Value, string Region, string Server, DateTimeOffset CreatedAt);

internal sealed record HealthAnswer(string Status, string Region, string? Server, string? Role, string? Database, string? Reason);

/// <summary>The part that counts of a managed identity's answer.</summary>
internal sealed record IdentityToken([property: JsonPropertyName("access_token")] string? AccessToken);

/// <summary>The part that counts of a secret.</summary>
internal sealed record SecretBundle(string? Value);

internal sealed record FailureAnswer(string Error);

/// <summary>One acknowledged write of the client load, one line of its record.</summary>
internal sealed record AcknowledgedWrite(string Id, DateTimeOffset Sent, DateTimeOffset Acknowledged, string Region, string Server);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AppSettings))]
[JsonSerializable(typeof(GatewaySettings))]
[JsonSerializable(typeof(LoadSettings))]
[JsonSerializable(typeof(ReaperSettings))]
[JsonSerializable(typeof(ChildCommand))]
[JsonSerializable(typeof(ChildAnswer))]
[JsonSerializable(typeof(EntryRequest))]
[JsonSerializable(typeof(EntryAnswer))]
[JsonSerializable(typeof(EntryView))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(FailureAnswer))]
[JsonSerializable(typeof(AcknowledgedWrite))]
[JsonSerializable(typeof(LoadSnapshot))]
[JsonSerializable(typeof(IdentityToken))]
[JsonSerializable(typeof(SecretBundle))]
internal sealed partial class ChildJson : JsonSerializerContext;
