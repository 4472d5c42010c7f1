using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;

namespace Highflame.Dr.Engine.Vaults;

/// <summary><see cref="IVaults"/> over Key Vault's REST interface, version 7.5 (the retirement notices are for versions of ARM, not for this one).</summary>
internal sealed class KeyVaultGateway : IVaults, IDisposable
{
    private const string ApiVersion = "7.5";
    private readonly TokenCredential _credential;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, HttpPipeline> _pipelines = new(StringComparer.OrdinalIgnoreCase);

    public KeyVaultGateway(TokenCredential credential, INameResolver names, X509Certificate2Collection? trustedRoots, TimeProvider time)
        : this(credential, CreateHandler(names, trustedRoots), time)
    {
    }

    internal KeyVaultGateway(TokenCredential credential, HttpMessageHandler handler, TimeProvider time)
    {
        _credential = credential;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _time = time;
    }

    public void Dispose() => _client.Dispose();

    public Task<IReadOnlyList<VaultItem>> ListSecretsAsync(Uri vault, CancellationToken cancellationToken) => ListAsync(vault, "secrets", cancellationToken);

    public Task<IReadOnlyList<VaultItem>> ListCertificatesAsync(Uri vault, CancellationToken cancellationToken) => ListAsync(vault, "certificates", cancellationToken);

    public async Task<string> GetSecretAsync(Uri vault, string name, CancellationToken cancellationToken)
    {
        var body = await SendAsync(RequestMethod.Get, vault, new Uri(vault, $"/secrets/{Uri.EscapeDataString(name)}?api-version={ApiVersion}"), null, cancellationToken).ConfigureAwait(false);
        return Text(body, "value") ?? "";
    }

    public async Task<VaultItem> GetKeyAsync(Uri key, CancellationToken cancellationToken)
    {
        var vault = new Uri(key.GetLeftPart(UriPartial.Authority));
        var body = await SendAsync(RequestMethod.Get, vault, new Uri(vault, $"{key.AbsolutePath.TrimEnd('/')}?api-version={ApiVersion}"), null, cancellationToken).ConfigureAwait(false);
        return Item(body) with { Name = key.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is [_, var name, ..] ? name : key.AbsolutePath };
    }

    public async Task SetSecretAsync(Uri vault, string name, string value, string? contentType, CancellationToken cancellationToken)
    {
        var content = BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(contentType is null ? new Dictionary<string, string> { ["value"] = value } : new Dictionary<string, string> { ["value"] = value, ["contentType"] = contentType }));
        await SendAsync(RequestMethod.Put, vault, new Uri(vault, $"/secrets/{Uri.EscapeDataString(name)}?api-version={ApiVersion}"), content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The audience of a vault's tokens: the domain that its name lies in, for example https://vault.azure.net.</summary>
    internal static string ScopeOf(Uri vault) => $"https://{vault.Host[(vault.Host.IndexOf('.', StringComparison.Ordinal) + 1)..]}/.default";

    private async Task<IReadOnlyList<VaultItem>> ListAsync(Uri vault, string kind, CancellationToken cancellationToken)
    {
        var items = new List<VaultItem>();
        var next = new Uri(vault, $"/{kind}?api-version={ApiVersion}");
        while (true)
        {
            var page = await SendAsync(RequestMethod.Get, vault, next, null, cancellationToken).ConfigureAwait(false);
            if (page.ValueKind == JsonValueKind.Object && page.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Array) items.AddRange(value.EnumerateArray().Select(Item));
            if (Text(page, "nextLink") is not { Length: > 0 } link) return items;
            // The token goes to this vault and nowhere else.
            if (!Uri.TryCreate(link, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || !uri.Authority.Equals(vault.Authority, StringComparison.OrdinalIgnoreCase))
                throw new DrException("HfVaultRefused", DrErrorKind.MalformedData, "The vault's answer goes on at another host.", vault.ToString(), "Check that no proxy answers in the vault's place.");
            next = uri;
        }
    }

    private async Task<JsonElement> SendAsync(RequestMethod method, Uri vault, Uri uri, BinaryData? content, CancellationToken cancellationToken)
    {
        var pipeline = _pipelines.GetOrAdd(ScopeOf(vault), Build);
        using var message = pipeline.CreateMessage();
        message.BufferResponse = true;
        message.Request.Method = method;
        message.Request.Uri.Reset(uri);
        message.Request.Headers.Add("Accept", "application/json");
        if (content is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(content);
        }

        ArmAnswer answer;
        try
        {
            await pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
            answer = ArmAnswer.From(message.Response, _time.GetUtcNow());
        }
        catch (AuthenticationFailedException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw SignInFailure.From(failure);
        }
        catch (Exception failure) when (failure is not DrException && !cancellationToken.IsCancellationRequested)
        {
            throw new DrException("HfVaultUnreachable", DrErrorKind.OperationFailed, $"The vault {vault.Host} did not answer: {failure.Message}", vault.ToString(),
                "Check the vault's network rules and private endpoint, and that this machine resolves and reaches its name.", failure);
        }

        return answer.IsSuccess ? answer.Body ?? default : throw VaultTrouble.Of(answer, vault, uri);
    }

    private HttpPipeline Build(string scope)
    {
        var options = new Options { Transport = new HttpClientTransport(_client) };
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(5);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        ArmPipeline.Quiet(options);
        return HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(_credential, scope));
    }

    private static SocketsHttpHandler CreateHandler(INameResolver names, X509Certificate2Collection? roots)
    {
        var handler = TrustedRoots.CreateHandler(roots);
        handler.ConnectCallback = async (context, token) =>
        {
            var addresses = await names.ResolveAsync(context.DnsEndPoint.Host, token).ConfigureAwait(false);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return handler;
    }

    private static VaultItem Item(JsonElement item)
    {
        var id = Text(item, "id") ?? "";
        var attributes = item.TryGetProperty("attributes", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        DateTimeOffset? At(string name) => attributes.ValueKind == JsonValueKind.Object && attributes.TryGetProperty(name, out var value) && value.TryGetInt64(out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        bool Is(JsonElement of, string name, bool otherwise) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : otherwise;
        return new(id[(id.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/'), Is(attributes, "enabled", true), At("exp"), At("nbf"), Text(item, "contentType"), Is(item, "managed", false), Text(item, "x5t"));
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Options : ClientOptions;
}
