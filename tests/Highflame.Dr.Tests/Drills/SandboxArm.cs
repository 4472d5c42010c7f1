using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Tests.Drills;

/// <summary>Asks a sandbox's ARM as its own client, past the module.</summary>
internal static class SandboxArm
{
    public static JsonObject Get(string sandboxPath, string path, string version)
    {
        using var client = Open(sandboxPath, out var arm);
        return JsonNode.Parse(Text(client.GetAsync(new Uri($"{arm}{path}?api-version={version}"))))!.AsObject();
    }

    /// <summary>Sends a change and waits until a long-running one has ended.</summary>
    public static void Write(string sandboxPath, string method, string path, string version, string body)
    {
        using var client = Open(sandboxPath, out var arm);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{arm}{path}?api-version={version}")) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        using var answer = client.SendAsync(request).GetAwaiter().GetResult();
        Assert.True(answer.IsSuccessStatusCode, answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        if (!answer.Headers.TryGetValues("Azure-AsyncOperation", out var urls)) return;
        var url = new Uri(urls.Single(), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        string? status;
        do status = (string?)JsonNode.Parse(Text(client.GetAsync(url)))!["status"];
        while (status == "InProgress");
        Assert.Equal("Succeeded", status);
    }

    private static HttpClient Open(string sandboxPath, out string arm)
    {
        var sandbox = JsonNode.Parse(File.ReadAllText(sandboxPath))!;
        arm = (string)sandbox["arm"]!;
        var client = Client((string)sandbox["caCertificate"]!);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = (string)sandbox["clientId"]!,
            ["client_secret"] = (string)sandbox["clientSecret"]!,
            ["scope"] = "https://management.azure.com/.default",
        });
        var token = JsonNode.Parse(Text(client.PostAsync(new Uri($"{sandbox["authority"]}/{sandbox["tenantId"]}/oauth2/v2.0/token"), form)))!;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token["access_token"]!);
        return client;
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
