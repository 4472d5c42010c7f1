using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Highflame.Dr.Engine.Azure;

/// <summary>A client certificate with its private key, from a PEM or PKCS#12 file.</summary>
internal static class ClientCertificates
{
    /// <summary>Errors: HfCertificateInvalid.</summary>
    public static X509Certificate2 Read(string path, string? password)
    {
        X509Certificate2 certificate;
        try
        {
            var content = File.ReadAllBytes(path);
            certificate = IsPem(content) ? FromPem(path, password) : new X509Certificate2(content, password, X509KeyStorageFlags.EphemeralKeySet);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            throw Invalid(path, failure.Message.TrimEnd('.'), failure);
        }

        return Usable(certificate, path);
    }

    /// <summary>The certificate, when it can sign. Errors: HfCertificateInvalid.</summary>
    public static X509Certificate2 Usable(X509Certificate2 certificate, string name) => certificate.HasPrivateKey
        ? certificate
        : throw Invalid(name, "it has no private key", null);

    private static X509Certificate2 FromPem(string path, string? password) =>
        string.IsNullOrEmpty(password) ? X509Certificate2.CreateFromPemFile(path) : X509Certificate2.CreateFromEncryptedPemFile(path, password);

    private static bool IsPem(ReadOnlySpan<byte> content) => content.IndexOf("-----BEGIN "u8) >= 0;

    private static DrException Invalid(string path, string reason, Exception? inner) => new("HfCertificateInvalid", DrErrorKind.InvalidArgument, $"The client certificate cannot be used: {reason}.",
        path, "Give a PEM file with certificate and private key, or a PKCS#12 file and its password with -CertificatePassword.", inner);
}
