using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Trust in the roots of a file and in nothing else. There is no way to switch the check off.</summary>
internal static class TrustedRoots
{
    /// <summary>The certificates of a PEM file. Errors: HfCaCertificateInvalid.</summary>
    public static X509Certificate2Collection Read(string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Invalid(path, failure.Message, failure);
        }
        return roots.Count > 0 ? roots : throw Invalid(path, "it holds no certificate", null);
    }

    public static X509ChainPolicy PolicyOf(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private authority of this kind publishes no revocation list.
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    /// <summary>The transport of one connection: pooled, names asked again every five minutes, the roots pinned when there are some.</summary>
    public static SocketsHttpHandler CreateHandler(X509Certificate2Collection? roots)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        };
        if (roots is not null) handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(roots) };
        return handler;
    }

    private static DrException Invalid(string path, string reason, Exception? inner) =>
        new("HfCaCertificateInvalid", DrErrorKind.InvalidArgument, $"The certificate file cannot be used: {reason.TrimEnd('.')}.", path, "Give the path of a PEM file with the root certificates to trust.", inner);
}
