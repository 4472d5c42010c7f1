using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Tests.Probe;

/// <summary>As much of a browser as a sign-in needs: it follows redirects and sends a form that sends itself.</summary>
internal static partial class Browser
{
    /// <summary>A client that trusts the roots of a PEM file alone.</summary>
    public static HttpClient Trusting(string caCertificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caCertificate);
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } });
    }

    public static async Task OpenAsync(string url, string caCertificate)
    {
        using var http = Trusting(caCertificate);
        var response = await http.GetAsync(new Uri(url));
        // From the https page of the authority to the plain loopback address of the client: what a client library would not follow, a browser does.
        if (response.Headers.Location is { } next) response = await http.GetAsync(next);
        var page = await response.Content.ReadAsStringAsync();
        if (Form().Match(page) is not { Success: true } form) return;
        using var content = new FormUrlEncodedContent(Field().Matches(page).Select(f => KeyValuePair.Create(f.Groups[1].Value, System.Net.WebUtility.HtmlDecode(f.Groups[2].Value))));
        await http.PostAsync(new Uri(System.Net.WebUtility.HtmlDecode(form.Groups[1].Value)), content);
    }

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]+)\">")]
    private static partial Regex Form();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")]
    private static partial Regex Field();
}
