using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Asks a sandbox's ARM as its own client, past the module.</summary>
internal static class SandboxArm
{
    public static JsonObject Get(string sandboxPath, string path, string version)
    {
        var sandbox = JsonNode.Parse(File.ReadAllText(sandboxPath))!;
        using var client = Client((string)sandbox["caCertificate"]!);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = (string)sandbox["clientId"]!,
            ["client_secret"] = (string)sandbox["clientSecret"]!,
            ["scope"] = "https://management.azure.com/.default",
        });
        var token = JsonNode.Parse(Text(client.PostAsync(new Uri($"{sandbox["authority"]}/{sandbox["tenantId"]}/oauth2/v2.0/token"), form)))!;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token["access_token"]!);
        return JsonNode.Parse(Text(client.GetAsync(new Uri($"{sandbox["arm"]}{path}?api-version={version}"))))!.AsObject();
    }

    private static string Text(Task<HttpResponseMessage> answering)
    {
        using var answer = answering.GetAwaiter().GetResult();
        var text = answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    private static HttpClient Client(string caPath)
    {
        var ca = X509CertificateLoader.LoadCertificateFromFile(caPath);
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                    chain.ChainPolicy.CustomTrustStore.Add(ca);
                    chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                    return chain.Build((X509Certificate2)certificate!);
                },
            },
        });
    }
}
