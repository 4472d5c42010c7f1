using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Highflame.Dr.Engine.Azure.Wire;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Postgres;
using Highflame.Dr.Engine.Rehearsal;
using Highflame.Dr.Engine.Vaults;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Opens a connection: options filled, roots read, signed in, and proven with one read of the subscription.</summary>
internal sealed class SignIn
{
    private readonly TimeProvider _time;
    private readonly Func<DrConnectionOptions, TimeProvider, INameResolver> _names;
    private readonly Func<DrConnectionOptions, INameResolver, X509Certificate2Collection?, TimeProvider, IDatabases> _databases;

    public SignIn(
        TimeProvider time,
        Func<DrConnectionOptions, TimeProvider, INameResolver> names,
        Func<DrConnectionOptions, INameResolver, X509Certificate2Collection?, TimeProvider, IDatabases> databases)
    {
        _time = time;
        _names = names;
        _databases = databases;
    }

    /// <summary>Errors: HfSandboxFileInvalid, HfCaCertificateInvalid, HfSignInFailed, HfArmUnreachable, HfSubscriptionNotFound.</summary>
    public async Task<AzureConnection> OpenAsync(DrConnectionOptions asked, IDrObserver observer, CancellationToken cancellationToken)
    {
        var options = asked.SandboxPath is null ? asked : SandboxFile.Read(asked.SandboxPath).Fill(asked);
        if (options.Credential == DrCredentialKind.Default && options is { ClientId: not null, ClientSecret: not null })
            options = options with { Credential = DrCredentialKind.ClientSecret };
        if (options.ArmEndpoint is not null) RequireHttps(options.ArmEndpoint, "ARM endpoint");
        if (options.AuthorityHost is not null) RequireHttps(options.AuthorityHost, "sign-in authority");
        if (options.Credential == DrCredentialKind.ClientCertificate && options is { Certificate: null, CertificatePath: { } file } && !File.Exists(file))
            throw new DrException("HfCertificateInvalid", DrErrorKind.InvalidArgument, "The client certificate's file does not exist.", file, "Give the path of a PEM or PKCS#12 file.");

        var roots = options.CaCertificatePath is null ? null : TrustedRoots.Read(options.CaCertificatePath);
        var owned = new Owned();
        try
        {
            var client = owned.Add(new HttpClient(TrustedRoots.CreateHandler(roots)) { Timeout = Timeout.InfiniteTimeSpan });
            var transport = new HttpClientTransport(client);
            var cloud = await AzureClouds.FindAsync(options.Cloud, client, cancellationToken).ConfigureAwait(false);
            options = options with { ArmEndpoint = options.ArmEndpoint ?? cloud.ArmEndpoint, ArmAudience = options.ArmAudience ?? cloud.Audience };
            // Azure.Identity's own default stays when nothing was said: AZURE_AUTHORITY_HOST, else the public cloud.
            if (options.AuthorityHost is null && !string.IsNullOrEmpty(options.Cloud)) options = options with { AuthorityHost = cloud.Authority };
            var endpoint = options.ArmEndpoint;
            var credential = AzureCredentials.Create(options, transport, observer.Warning, disposable => owned.Add(disposable), _time);
            var scope = ArmPipeline.ScopeOf(options.ArmAudience);
            observer.Verbose($"Signing in with {SignInFailure.NameOf(options.Credential)} for {endpoint.GetLeftPart(UriPartial.Authority)}.");
            var account = await AccountAsync(credential, scope, options, cancellationToken).ConfigureAwait(false);
            // Every connection of one principal counts into the same limits, whichever session it belongs to.
            var arm = new ArmGateway(ArmPipeline.Build(transport, credential, scope), endpoint, _time, budget: ArmBudget.Of(endpoint, account ?? options.ClientId ?? "", _time));
            var subscription = await SubscriptionAsync(arm, options.SubscriptionId, cancellationToken).ConfigureAwait(false);
            options = options with { SubscriptionId = subscription.SubscriptionId };

            var names = owned.Add(_names(options, _time));
            var vaults = owned.Add(new KeyVaultGateway(credential, names, roots, _time));
            if (options is { DatabaseVault: { } vault, DatabaseUser: null })
            {
                RequireHttps(vault, "vault's address");
                options = options with
                {
                    DatabaseUser = await vaults.GetSecretAsync(vault, options.DatabaseUserSecret, cancellationToken).ConfigureAwait(false),
                    DatabasePassword = SecretText.Secure(await vaults.GetSecretAsync(vault, options.DatabasePasswordSecret, cancellationToken).ConfigureAwait(false)),
                };
            }

            var databases = owned.Add(_databases(options, names, roots, _time));
            var context = new DrContext
            {
                Environment = asked.SandboxPath is not null ? "Sandbox" : string.IsNullOrEmpty(asked.Cloud) || cloud == AzureClouds.Public ? "Azure" : cloud.Name,
                SubscriptionId = subscription.SubscriptionId!,
                SubscriptionName = subscription.DisplayName,
                TenantId = options.TenantId ?? subscription.TenantId,
                Account = account,
                Credential = options.Credential,
                CredentialSource = (credential as CredentialChain)?.Chosen,
                ArmEndpoint = endpoint,
                DatabaseUser = databases.Available ? options.DatabaseUser : null,
                Resolvers = options.Resolvers,
            };
            observer.Verbose($"Signed in as {account ?? "(unnamed)"} to subscription {subscription.DisplayName} ({subscription.SubscriptionId}).");
            return new(context, options, arm, databases, names, roots, _time, owned) { Token = credential, Transport = transport, Vaults = vaults };
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    private static void RequireHttps(Uri uri, string what)
    {
        if (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps)
            throw new DrException("HfEndpointInvalid", DrErrorKind.InvalidArgument, $"The {what} must be an https URL.", uri.ToString(), "Give a URL that begins with https://.");
    }

    /// <summary>Gets the first token, so that a refusal is told as one, and reads from it who is signed in.</summary>
    private static async Task<string?> AccountAsync(TokenCredential credential, string scope, DrConnectionOptions options, CancellationToken cancellationToken)
    {
        try
        {
            // As the pipeline will ask: Azure.Identity keeps tokens with continuous access evaluation apart, and a user would be asked twice.
            var token = await credential.GetTokenAsync(new TokenRequestContext([scope], isCaeEnabled: true), cancellationToken).ConfigureAwait(false);
            return TokenClaims.NameIn(token.Token) ?? options.ClientId;
        }
        catch (AuthenticationFailedException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw SignInFailure.From(failure, options);
        }
        catch (Exception failure) when (failure is not OperationCanceledException and not DrException)
        {
            throw new DrException("HfSignInFailed", DrErrorKind.AuthenticationFailed, $"The sign-in with {SignInFailure.NameOf(options.Credential)} failed: {failure.Message.Split('\n')[0].Trim()}", options.AuthorityHost?.ToString(),
                "Check the sign-in authority and the network, then run Connect-HfAzure again.", failure);
        }
    }

    private static async Task<SubscriptionWire> SubscriptionAsync(ArmGateway arm, string? subscriptionId, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(subscriptionId))
        {
            if (!Guid.TryParse(subscriptionId, out _)) throw NotFound($"'{subscriptionId}' is not a subscription id.", subscriptionId, "Give the id of the subscription, a GUID.");
            var document = await ReadAsync(arm, subscriptionId, cancellationToken).ConfigureAwait(false)
                ?? throw NotFound("Azure shows no such subscription to the signed-in principal.", subscriptionId, "Check the subscription id and the tenant, and give the principal the Reader role on it.");
            var wire = WireJson.Read(document, WireJson.Default.SubscriptionWire, subscriptionId);
            return wire with { SubscriptionId = wire.SubscriptionId ?? subscriptionId };
        }
        var list = await arm.ListAsync("/subscriptions", ApiVersions.Subscriptions, cancellationToken).ConfigureAwait(false);
        return list switch
        {
            [var only] => WireJson.Read(only, WireJson.Default.SubscriptionWire, "/subscriptions"),
            [] => throw NotFound("Azure shows no subscription to the signed-in principal.", null, "Give the principal the Reader role on the subscription."),
            _ => throw NotFound($"The signed-in principal sees {list.Count} subscriptions.", null, "Choose one with -SubscriptionId."),
        };
    }

    /// <summary>The subscription; a principal with roles on resource groups only may not read it, and yet finds it in its list.</summary>
    private static async Task<JsonElement?> ReadAsync(ArmGateway arm, string subscriptionId, CancellationToken cancellationToken)
    {
        try
        {
            return await arm.TryGetAsync($"/subscriptions/{subscriptionId}", ApiVersions.Subscriptions, cancellationToken).ConfigureAwait(false);
        }
        catch (DrException refused) when (refused.ErrorId == "HfPermissionDenied")
        {
            var list = await arm.ListAsync("/subscriptions", ApiVersions.Subscriptions, cancellationToken).ConfigureAwait(false);
            foreach (var document in list)
            {
                if (string.Equals(WireJson.Read(document, WireJson.Default.SubscriptionWire, subscriptionId).SubscriptionId, subscriptionId, StringComparison.OrdinalIgnoreCase)) return document;
            }

            return null;
        }
    }

    private static DrException NotFound(string message, string? target, string next) => new("HfSubscriptionNotFound", DrErrorKind.NotFound, message, target, next);

    /// <summary>What a connection disposes of, last first.</summary>
    private sealed class Owned : IDisposable
    {
        private readonly Stack<IDisposable> _items = new();

        public T Add<T>(T item)
        {
            if (item is IDisposable disposable) _items.Push(disposable);
            return item;
        }

        public void Dispose()
        {
            while (_items.TryPop(out var item)) item.Dispose();
        }
    }
}
