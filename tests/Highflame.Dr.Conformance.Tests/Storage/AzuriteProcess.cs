using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>Microsoft's storage emulator over https with bearer tokens, for the time of a test class. <see cref="Missing"/> says why it is not there.</summary>
public sealed class AzuriteProcess : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hfdr-azurite-").FullName;
    private Process? _process;
    private X509Certificate2? _certificate;

    public string? Missing { get; private set; }

    public Uri Account { get; private set; } = new("https://127.0.0.1/");

    public async Task InitializeAsync()
    {
        Missing = await NodePrograms.MissingAsync();
        if (Missing is not null) return;
        (var folder, Missing) = await NodePackages.PrepareAsync(Path.Combine(ConformanceFolder.RepositoryRoot, "tests", "Azurite"));
        if (folder is null) return;
        WriteCertificate();
        // A port that was free a moment ago may be taken by now: then another.
        for (var attempt = 1; !await TryStartAsync(folder, FreePort()); attempt++)
        {
            if (attempt == 3) throw new InvalidOperationException("Azurite did not start.");
        }
    }

    public Task DisposeAsync()
    {
        _process?.Kill(entireProcessTree: true);
        _process?.WaitForExit();
        _process?.Dispose();
        _certificate?.Dispose();
        Directory.Delete(_directory, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A new container, opened as a worker of its own: own client, own connections. <paramref name="wrap"/> may stand between it and the wire.</summary>
    public BlobContainerClient Open(Uri container, Func<HttpMessageHandler, HttpMessageHandler>? wrap = null) => Open(container, Thumbprint, wrap);

    /// <summary>SHA-256 of its certificate, in hex: what another process trusts it by.</summary>
    public string Thumbprint => _certificate!.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>Its certificate, for a file of trusted roots.</summary>
    public string Certificate => _certificate!.ExportCertificatePem();

    public static BlobContainerClient Open(Uri container, string thumbprint, Func<HttpMessageHandler, HttpMessageHandler>? wrap = null)
    {
        HttpMessageHandler handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString(HashAlgorithmName.SHA256) == thumbprint },
        };
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new HttpClient(wrap?.Invoke(handler) ?? handler)) };
        options.Retry.Delay = TimeSpan.FromMilliseconds(50);
        return new BlobContainerClient(container, new Bearer(), options);
    }

    public Uri NewContainer()
    {
        var uri = new Uri(Account, $"devstoreaccount1/runs-{Guid.NewGuid():N}");
        Open(uri).Create();
        return uri;
    }

    private async Task<bool> TryStartAsync(string folder, int port)
    {
        var start = new ProcessStartInfo(NodePrograms.Node!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[
            Path.Combine(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js"), "--blobHost", "127.0.0.1", "--blobPort", $"{port}", "--location", _directory, "--disableTelemetry",
            "--skipApiVersionCheck", "--oauth", "basic", "--cert", Path.Combine(_directory, "cert.pem"), "--key", Path.Combine(_directory, "key.pem")]) start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        var said = new StringBuilder();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var complaints = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            said.AppendLine(line);
            if (!line.Contains("successfully listen", StringComparison.OrdinalIgnoreCase)) continue;
            _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Account = new Uri($"https://127.0.0.1:{port}/");
            return true;
        }

        said.Append(await complaints);
        return said.ToString().Contains("EADDRINUSE", StringComparison.Ordinal) ? false : throw new InvalidOperationException($"Azurite ended: {said}");
    }

    private void WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory, "cert.pem"), _certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A token of the form that Azurite's basic check takes: audience, issuer and times; nobody signs it.</summary>
    private sealed class Bearer : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            var now = DateTimeOffset.UtcNow;
            var ends = now.AddHours(1);
            var claims = new { aud = "https://storage.azure.com", iss = $"https://sts.windows.net/{Guid.Empty}/", iat = now.AddMinutes(-5).ToUnixTimeSeconds(), nbf = now.AddMinutes(-5).ToUnixTimeSeconds(), exp = ends.ToUnixTimeSeconds(), oid = Guid.Empty, tid = Guid.Empty };
            return new AccessToken($"{Part(new { typ = "JWT", alg = "none" })}.{Part(claims)}.{Part("x")}", ends);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));

        private static string Part(object value) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(value)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
