using Azure.Core;
using Azure.Identity;

namespace Highflame.Dr.Engine.Azure;

/// <summary>No link of the chain could sign in. The message names each link and why it could not.</summary>
internal sealed class ChainExhaustedException(string message) : CredentialUnavailableException(message);

/// <summary>A link that was set up on purpose was refused. The message names it, and why those before it were passed over.</summary>
internal sealed class ChainRefusedException(string message, Exception inner) : AuthenticationFailedException(message, inner);

/// <summary>One credential of the chain.</summary>
/// <param name="Name">As a person says it.</param>
/// <param name="Credential">What signs in.</param>
/// <param name="SetUpOnPurpose">True when only settings made for this very purpose bring it into play.</param>
internal sealed record ChainLink(string Name, TokenCredential Credential, bool SetUpOnPurpose = false);

/// <summary>
/// Tries credentials in order. One that is not set up here is passed over and its reason kept. One that somebody set up on purpose and that is refused ends the
/// search: a wrong secret must not be hidden by the next link. The link that signed in stays the one.
/// </summary>
internal sealed class CredentialChain(IReadOnlyList<ChainLink> links) : TokenCredential
{
    private volatile ChainLink? _chosen;

    /// <summary>Name of the link that signed in; null before.</summary>
    public string? Chosen => _chosen?.Name;

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Only asynchronous calls are made.");

    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        if (_chosen is { } chosen) return await chosen.Credential.GetTokenAsync(requestContext, cancellationToken).ConfigureAwait(false);
        var reasons = new List<string>();
        foreach (var link in links)
        {
            try
            {
                var token = await link.Credential.GetTokenAsync(requestContext, cancellationToken).ConfigureAwait(false);
                _chosen = link;
                return token;
            }
            catch (AuthenticationFailedException unavailable) when (unavailable is CredentialUnavailableException || !link.SetUpOnPurpose)
            {
                reasons.Add($"{link.Name}: {SignInFailure.Words(unavailable)}");
            }
            catch (AuthenticationFailedException refused)
            {
                throw new ChainRefusedException($"{link.Name}: {SignInFailure.Words(refused)}{(reasons.Count == 0 ? "" : $" Not available before it: {string.Join("; ", reasons)}")}", refused);
            }
        }

        throw new ChainExhaustedException(string.Join("; ", reasons));
    }
}
