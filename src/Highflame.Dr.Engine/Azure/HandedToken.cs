using System.Security;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>A token that the caller got elsewhere. It is revealed for each request and never renewed.</summary>
internal sealed class HandedToken(SecureString token, TimeProvider time) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        var text = SecretText.Reveal(token);
        var expires = TokenClaims.Read(text) is { } claims && claims.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number && exp.TryGetInt64(out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new AuthenticationFailedException("The access token that was handed in is not a JSON Web Token with an expiry.");
        return expires > time.GetUtcNow()
            ? new(text, expires)
            : throw new AuthenticationFailedException($"The access token that was handed in expired at {expires.UtcDateTime:u}.");
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
}
