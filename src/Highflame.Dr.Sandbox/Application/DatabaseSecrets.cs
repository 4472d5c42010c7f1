using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>What an application knows of its database: the values of its vault.</summary>
internal sealed record DatabaseSecrets(string Host, int Port, string Database, string User, string Password)
{
    private const string Audience = "https://vault.azure.net";

    /// <summary>Name of the server: the first word of its host.</summary>
    public string Server => Host.Split('.', 2)[0];

    /// <summary>
    /// Reads the secrets as a pod does: a token of its own identity, then one HTTPS call a secret. Throws <see cref="IOException"/> or
    /// <see cref="HttpRequestException"/> while they cannot be read, <see cref="InvalidDataException"/> when one is of no use.
    /// </summary>
    public static async Task<DatabaseSecrets> ReadAsync(AppSettings settings, HttpClient client, CancellationToken cancellationToken)
    {
        using var ask = new HttpRequestMessage(
            HttpMethod.Get, new Uri(settings.Identity, $"/metadata/identity/oauth2/token?api-version=2018-02-01&resource={Uri.EscapeDataString(Audience)}&client_id={settings.ClientId}"));
        ask.Headers.Add("Metadata", "true");
        var token = (await SendAsync(client, ask, ChildJson.Default.IdentityToken, "the identity", cancellationToken).ConfigureAwait(false)).AccessToken;
        var values = await Task.WhenAll(((string[])["host", "port", "dbname", "username", "password"]).Select(SecretAsync)).ConfigureAwait(false);
        return values is [{ } host, { } port, { } database, { } user, { } password] && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new DatabaseSecrets(host, number, database, user, password)
            : throw new InvalidDataException($"The secret 'port' of {settings.Vault.Host} is no port.");

        async Task<string> SecretAsync(string name)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(settings.Vault, $"/secrets/{name}?api-version=7.6"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var secret = await SendAsync(client, request, ChildJson.Default.SecretBundle, $"the secret '{name}' of {settings.Vault.Host}", cancellationToken).ConfigureAwait(false);
            return secret.Value is { Length: > 0 } value ? value : throw new InvalidDataException($"The secret '{name}' of {settings.Vault.Host} is empty.");
        }
    }

    private static async Task<T> SendAsync<T>(HttpClient client, HttpRequestMessage request, JsonTypeInfo<T> type, string what, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw new IOException($"Reading {what} was answered with HTTP {(int)response.StatusCode}.");
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false) ?? throw new IOException($"Reading {what} was answered with nothing.");
        }
        catch (JsonException malformed)
        {
            throw new IOException($"Reading {what} was answered with something else: {malformed.Message}", malformed);
        }
    }
}
