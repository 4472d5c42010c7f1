using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>Shakes hands with a gateway under a host's name and looks at the certificate it shows. A certificate that is not valid ends the handshake, and is seen all the same.</summary>
internal static class CertificateProbe
{
    /// <summary>Errors: HfGatewayUnhealthy when nothing listens or no certificate is shown; HfNameNotResolved.</summary>
    public static async Task<CertificateSight?> LookAsync(string connectTo, int port, string host, INameResolver names, X509Certificate2Collection? trustedRoots, CancellationToken cancellationToken)
    {
        var addresses = await names.ResolveAsync(connectTo, cancellationToken).ConfigureAwait(false);
        CertificateSight? seen = null;
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
            using var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = trustedRoots is null ? null : TrustedRoots.PolicyOf(trustedRoots),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                {
                    if (certificate is X509Certificate2 shown) seen = Sight(shown, chain, errors);
                    return errors == SslPolicyErrors.None;
                },
            };
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or SocketException)
        {
            if (seen is null) throw new DrException("HfGatewayUnhealthy", DrErrorKind.OperationFailed, $"{connectTo}:{port} shows no certificate for {host}: {failure.Message}", connectTo, "See the gateway and its listener.", failure);
        }

        return seen;
    }

    private static CertificateSight Sight(X509Certificate2 shown, X509Chain? chain, SslPolicyErrors errors)
    {
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add("it is not issued for this host");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            reasons.AddRange((chain?.ChainStatus ?? []).Where(s => s.Status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.NotTimeValid)).Select(s => s.StatusInformation.Trim().TrimEnd('.')).Where(s => s.Length > 0));
        return new(shown.Subject, shown.NotBefore.ToUniversalTime(), shown.NotAfter.ToUniversalTime(), reasons.Count > 0 ? string.Join("; ", reasons.Distinct()) : null);
    }
}
