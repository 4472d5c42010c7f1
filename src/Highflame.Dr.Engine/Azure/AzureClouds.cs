using System.Net.Sockets;
using System.Text.Json;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Where one Azure cloud is: its Resource Manager, the audience of tokens for it, and its sign-in authority.</summary>
internal sealed record AzureCloud(string Name, Uri ArmEndpoint, string Audience, Uri Authority);

/// <summary>The clouds by the names that Azure PowerShell gives them, and others by what their Resource Manager says of itself.</summary>
internal static class AzureClouds
{
    private const string MetadataVersion = "2022-09-01";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static readonly AzureCloud Public = new("AzureCloud", ArmPipeline.PublicEndpoint, ArmPipeline.PublicAudience, new("https://login.microsoftonline.com/"));

    private static readonly AzureCloud[] s_known =
    [
        Public,
        new("AzureUSGovernment", new("https://management.usgovcloudapi.net/"), "https://management.usgovcloudapi.net/", new("https://login.microsoftonline.us/")),
        new("AzureChinaCloud", new("https://management.chinacloudapi.cn/"), "https://management.chinacloudapi.cn/", new("https://login.chinacloudapi.cn/")),
    ];

    /// <summary>The cloud of a name or URL. Errors: HfEnvironmentUnknown, HfArmUnreachable.</summary>
    public static async Task<AzureCloud> FindAsync(string? nameOrUrl, HttpClient client, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(nameOrUrl)) return Public;
        if (Array.Find(s_known, c => c.Name.Equals(nameOrUrl, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        if (!Uri.TryCreate(nameOrUrl, UriKind.Absolute, out var endpoint) || endpoint.Scheme != Uri.UriSchemeHttps)
            throw Unknown(nameOrUrl, $"It is neither an https URL nor one of {string.Join(", ", s_known.Select(c => c.Name))}.", null);
        return await AskAsync(endpoint, client, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Resource Manager says without a sign-in where to sign in and for which audience.</summary>
    private static async Task<AzureCloud> AskAsync(Uri endpoint, HttpClient client, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var uri = new Uri(endpoint, $"/metadata/endpoints?api-version={MetadataVersion}");
        try
        {
            using var response = await client.GetAsync(uri, patience.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) throw Unknown(endpoint.ToString(), $"It answered HTTP {(int)response.StatusCode} when asked for its metadata.", null);
            using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(patience.Token).ConfigureAwait(false));
            var cloud = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray().First() : document.RootElement;
            var authentication = cloud.GetProperty("authentication");
            var authority = new Uri(authentication.GetProperty("loginEndpoint").GetString()!);
            var audience = authentication.GetProperty("audiences").EnumerateArray().Select(a => a.GetString()!).First(a => Uri.TryCreate(a, UriKind.Absolute, out _));
            return authority.Scheme == Uri.UriSchemeHttps
                ? new(cloud.TryGetProperty("name", out var name) && name.GetString() is { Length: > 0 } given ? given : endpoint.Host, new(endpoint.GetLeftPart(UriPartial.Authority)), audience, authority)
                : throw Unknown(endpoint.ToString(), "It names a sign-in authority that is not an https URL.", null);
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DrException("HfArmUnreachable", DrErrorKind.ConnectionFailed, $"Azure Resource Manager at {endpoint.GetLeftPart(UriPartial.Authority)} did not answer: {failure.Message}",
                endpoint.ToString(), "Check the endpoint, the network and the trusted certificate, then run Connect-HfAzure again.", failure);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException or ArgumentNullException)
        {
            throw Unknown(endpoint.ToString(), "Its metadata does not say where to sign in.", failure);
        }
    }

    private static DrException Unknown(string target, string reason, Exception? inner) => new("HfEnvironmentUnknown", DrErrorKind.InvalidArgument, $"'{target}' is no Azure environment. {reason}",
        target, "Give -Environment AzureCloud, AzureUSGovernment, AzureChinaCloud or the https URL of a Resource Manager; or give -ArmEndpoint, -ArmAudience and -AuthorityHost.", inner);
}
