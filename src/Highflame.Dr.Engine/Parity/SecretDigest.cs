using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// Tells whether two secrets are equal without keeping or showing them: a keyed hash with a key that is made for one comparison and thrown away with it. The region's own names and addresses
/// count as equal, so that the host name of each region's own database is the same value.
/// </summary>
internal sealed class SecretDigest : IDisposable
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public string Of(string value, RegionNames names)
    {
        var canonical = IPAddress.TryParse(value, out _) && value.AsSpan().IndexOfAny('.', ':') >= 0 ? "{address}" : names.Tokens(value);
        return Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(canonical)));
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);
}
