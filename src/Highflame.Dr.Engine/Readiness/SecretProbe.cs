using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Vaults;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>
/// The application's truth: finds the vault of a region's database secrets by the names in it, reads them as a pod does, and logs in to the region's own server with them. Values
/// live as long as this takes and leave it in no form.
/// </summary>
internal sealed class SecretProbe
{
    private readonly AzureConnection _connection;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    public SecretProbe(AzureConnection connection, TimeSpan patience, TimeProvider time)
    {
        _connection = connection;
        _patience = patience;
        _time = time;
    }

    public async Task<SecretsSight?> LookAsync(RegionPair pair, PairRegion region, DbServer? replica, CancellationToken cancellationToken)
    {
        var group = $"/subscriptions/{pair.SubscriptionId}/resourceGroups/{Uri.EscapeDataString(region.ResourceGroup)}";
        var vaults = await _connection.Arm.ListAsync($"{group}/providers/Microsoft.KeyVault/vaults", ApiVersions.Vaults, cancellationToken).ConfigureAwait(false);
        var looks = await Task.WhenAll(vaults.Select(v => LookIntoAsync(v, replica, cancellationToken))).ConfigureAwait(false);
        return new SecretsSight([.. looks.Select(l => l.Found).OfType<SecretSight>()], [.. looks.Where(l => l.Problem is not null).Select(l => (l.Vault, l.Problem!))]);
    }

    private async Task<(string Vault, SecretSight? Found, string? Problem)> LookIntoAsync(JsonElement document, DbServer? replica, CancellationToken cancellationToken)
    {
        var name = document.TryGetProperty("name", out var given) ? given.GetString() ?? "" : "";
        if (!document.TryGetProperty("properties", out var properties) || !properties.TryGetProperty("vaultUri", out var text) || !Uri.TryCreate(text.GetString(), UriKind.Absolute, out var vault)) return (name, null, "it has no address");
        var seen = await Glimpse.OfAsync<IReadOnlyList<VaultItem>>(async token => await _connection.Vaults.ListSecretsAsync(vault, token).ConfigureAwait(false), _patience, _time, cancellationToken).ConfigureAwait(false);
        if (seen.Value is not { } items) return (name, null, seen.Problem);
        if (!SecretSight.IsIn(items)) return (name, null, null);
        var read = await Glimpse.OfAsync<SecretSight>(async token => await ReadAsync(name, vault, items, replica, token).ConfigureAwait(false), _patience, _time, cancellationToken).ConfigureAwait(false);
        return (name, read.Value, read.Problem);
    }

    private async Task<SecretSight> ReadAsync(string name, Uri vault, IReadOnlyList<VaultItem> items, DbServer? replica, CancellationToken cancellationToken)
    {
        bool Readable(string secret) => items.Any(i => i.Name.Equals(secret, StringComparison.OrdinalIgnoreCase) && i.Enabled);
        string[] readable = [.. SecretSight.Needed.Append(SecretSight.PrivateAddress).Where(Readable)];
        var values = await Task.WhenAll(readable.Select(s => _connection.Vaults.GetSecretAsync(vault, s, cancellationToken))).ConfigureAwait(false);
        var secrets = readable.Zip(values).ToDictionary(p => p.First, p => p.Second.Trim(), StringComparer.OrdinalIgnoreCase);
        string[] empty = [.. readable.Where(s => secrets[s].Length == 0)];
        string[] missing = [.. SecretSight.Needed.Where(s => !secrets.ContainsKey(s))];
        var server = secrets.GetValueOrDefault("host") is { Length: > 0 } host ? host.Split('.')[0] : null;
        var whole = missing.Length == 0 && !empty.Any(s => SecretSight.Needed.Contains(s));
        var (login, refused) = whole && replica is not null ? await LogInAsync(replica, secrets, cancellationToken).ConfigureAwait(false) : (null, null);
        return new SecretSight(name, empty, missing, server, login, refused);
    }

    private async Task<(bool? Login, string? Refused)> LogInAsync(DbServer replica, Dictionary<string, string> secrets, CancellationToken cancellationToken)
    {
        using var password = SecretText.Secure(secrets["password"]);
        if (_connection.Databases.Available && !_connection.Databases.Asks(replica.HostName)) return (null, null);
        var options = _connection.Options with { DatabaseUser = secrets["username"], DatabasePassword = password, Database = secrets["dbname"] };
        try
        {
            var databases = new NpgsqlDatabases(options, _connection.Names, _connection.TrustedRoots, _time);
            await using var session = await databases.OpenAsync(replica.HostName, _patience, cancellationToken).ConfigureAwait(false);
            return (true, null);
        }
        catch (DrException refused) when (refused.ErrorId == "HfDatabaseSignInFailed")
        {
            // PostgreSQL's own words name the user or the database, which are secrets here.
            var words = refused.Message;
            return (false, words.Contains("database \"", StringComparison.Ordinal) && words.Contains("does not exist", StringComparison.Ordinal) ? "there is no such database, or the user may not connect to it" : "user or password is wrong");
        }
        catch (DrException other)
        {
            return (null, other.ErrorId == "HfDatabaseUnreachable" ? $"{replica.HostName} does not answer" : other.ErrorId);
        }
    }
}
