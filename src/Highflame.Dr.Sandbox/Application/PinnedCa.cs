using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>Trust in the sandbox's own CA and no other.</summary>
internal static class PinnedCa
{
    /// <summary>TLS options that accept only certificates of the CA in a PEM file; the name is checked as always.</summary>
    public static SslClientAuthenticationOptions Options(string caCertificate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caCertificate);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
