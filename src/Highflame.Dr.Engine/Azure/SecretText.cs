using System.Net;
using System.Security;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Secrets between <see cref="SecureString"/> and the libraries that want text: revealed as late as possible, never stored.</summary>
internal static class SecretText
{
    public static SecureString? Secure(string? text)
    {
        if (text is null) return null;
        var secure = new SecureString();
        foreach (var character in text) secure.AppendChar(character);
        secure.MakeReadOnly();
        return secure;
    }

    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;
}
