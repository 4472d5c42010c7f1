using System.Net.Sockets;
using Azure.Core;
using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>
/// The managed identity as a link of the chain: asked only where there is one. An environment that has one says so (IDENTITY_ENDPOINT, MSI_ENDPOINT); else a
/// virtual machine's metadata service is looked for, which answers 400 to a request without its header, at once or not at all.
/// </summary>
internal sealed class ManagedIdentityWhereThereIsOne : TokenCredential
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private readonly ManagedIdentityCredential _credential;
    private readonly HttpClient _client;

    public ManagedIdentityWhereThereIsOne(ManagedIdentityCredential credential, Action<IDisposable> own)
    {
        _credential = credential;
        _client = CreateClient();
        own(_client);
    }

    /// <summary>A client for endpoints on this machine or its link.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) });

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Only asynchronous calls are made.");

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        if (!IsSet("IDENTITY_ENDPOINT") && !IsSet("MSI_ENDPOINT") && await WhyNotAsync(cancellationToken).ConfigureAwait(false) is { } reason) throw new CredentialUnavailableException(reason);
        return await _credential.GetTokenAsync(requestContext, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));

    /// <summary>Why the metadata service is not there; null when it is.</summary>
    private async Task<string?> WhyNotAsync(CancellationToken cancellationToken)
    {
        var host = Environment.GetEnvironmentVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST") is { Length: > 0 } given ? given : "http://169.254.169.254";
        if (!Uri.TryCreate(host.TrimEnd('/') + "/metadata/identity/oauth2/token?api-version=2018-02-01", UriKind.Absolute, out var uri)) return $"'{host}' is no URL (AZURE_POD_IDENTITY_AUTHORITY_HOST).";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            using var response = await _client.GetAsync(uri, patience.Token).ConfigureAwait(false);
            return (int)response.StatusCode == 400 ? null : $"no metadata service at {host} (HTTP {(int)response.StatusCode}).";
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException)
        {
            return $"no metadata service at {host} ({failure.Message.TrimEnd('.')}).";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no metadata service at {host} within {s_patience.TotalSeconds:0} s.";
        }
    }
}
