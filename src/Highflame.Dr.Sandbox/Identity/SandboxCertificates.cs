using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Sandbox.Hosting;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>
/// The sandbox's own certificate authority (EC P-256, made at each start, its key never written) and the one server certificate that ARM, the authority,
/// the gateways and the databases show.
/// </summary>
internal sealed class SandboxCertificates : IDisposable
{
    private static readonly string[] s_names =
    [
        "localhost", "*.postgres.database.azure.com", "*.privatelink.postgres.database.azure.com", "*.trafficmanager.net", "*.eastus.cloudapp.azure.com",
        "*.westus.cloudapp.azure.com", "control.example.com", "*.example.com", "*.vault.azure.net",
    ];

    private readonly string _expired;

    private SandboxCertificates(X509Certificate2 authority, X509Certificate2 server, string expired) => (Authority, Server, _expired) = (authority, server, expired);

    /// <summary>The CA certificate, without its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server certificate with its key.</summary>
    public X509Certificate2 Server { get; }

    public static SandboxCertificates Create(IEnumerable<IPAddress> addresses, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var (from, to) = (now.AddHours(-1), now.AddDays(30));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Highflame.Dr sandbox CA", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Highflame.Dr sandbox", serverKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in s_names) names.AddDnsName(name);
        foreach (var address in addresses.Prepend(IPAddress.Loopback).Distinct()) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(12));
        using var withKey = bare.CopyWithPrivateKey(serverKey);
        // Windows needs a key that is not ephemeral for TLS; a PKCS#12 round trip gives one.
        var server = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        using var expired = request.Create(authority, from, now.AddMinutes(-1), RandomNumberGenerator.GetBytes(12));
        return new SandboxCertificates(X509CertificateLoader.LoadCertificate(authority.RawData), server, expired.ExportCertificatePem() + "\n");
    }

    /// <summary>Writes ca.pem, tls/server.pem, tls/expired.pem and tls/server.key (mode 0600).</summary>
    public void Write(SandboxLayout layout)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(layout.ServerKeyPath)!);
        File.WriteAllText(layout.CaCertificatePath, Authority.ExportCertificatePem() + "\n");
        File.WriteAllText(layout.ServerCertificatePath, Server.ExportCertificatePem() + "\n");
        File.WriteAllText(layout.ExpiredCertificatePath, _expired);
        using var key = Server.GetECDsaPrivateKey()!;
        PrivateFile.Write(layout.ServerKeyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }
}
