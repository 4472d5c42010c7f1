using System.IO.Enumeration;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Npgsql;

namespace Highflame.Dr.Engine.Postgres;

/// <summary>
/// Sessions over Npgsql. The host name is resolved by the connection's own name servers; the server's certificate must be valid for that host name, from the
/// connection's roots where it has some, else from the machine's. No pool: a session is one TCP connection, and ends when it is disposed.
/// </summary>
internal sealed class NpgsqlDatabases : IDatabases
{
    /// <summary>Name under which every server sees this product in pg_stat_activity.</summary>
    public const string ApplicationName = "highflame-dr";

    private readonly DrConnectionOptions _options;
    private readonly INameResolver _names;
    private readonly X509Certificate2Collection? _trustedRoots;
    private readonly TimeProvider _time;

    public NpgsqlDatabases(DrConnectionOptions options, INameResolver names, X509Certificate2Collection? trustedRoots, TimeProvider time)
    {
        _options = options;
        _names = names;
        _trustedRoots = trustedRoots;
        _time = time;
    }

    public bool Available => !string.IsNullOrEmpty(_options.DatabaseUser);

    public bool Asks(string hostName) => Available && (_options.DatabaseServers.Length == 0 || Array.Exists(_options.DatabaseServers, name => FileSystemName.MatchesSimpleExpression(name, hostName.AsSpan(0, Label(hostName)), ignoreCase: true)));

    public Task<IDatabase> OpenAsync(string hostName, TimeSpan timeout, CancellationToken cancellationToken) =>
        OpenAsync<IDatabase>(hostName, null, (source, session) => new NpgsqlDatabase(hostName, source, session), timeout, cancellationToken);

    public Task<ITransactionHistory> OpenHistoryAsync(string hostName, string? database, TimeSpan timeout, CancellationToken cancellationToken) =>
        OpenAsync<ITransactionHistory>(hostName, database, (source, session) => new NpgsqlTransactionHistory(hostName, session.Database, source, session), timeout, cancellationToken);

    private async Task<T> OpenAsync<T>(string hostName, string? database, Func<NpgsqlDataSource, NpgsqlConnection, T> make, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!Available) throw new DrException("HfDatabaseSignInFailed", DrErrorKind.InvalidState, "The connection has no database credential.", hostName, "Connect again with -DatabaseCredential.");
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var addresses = await _names.ResolveAsync(hostName, both.Token).ConfigureAwait(false);
            return await OpenFirstAsync(hostName, addresses, database, make, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(hostName, $"no answer within {timeout.TotalSeconds:0.#} s", null);
        }
        catch (DrException e) when (e.ErrorId == "HfNameNotResolved")
        {
            throw Unreachable(hostName, e.Message, e);
        }
    }

    private async Task<T> OpenFirstAsync<T>(string hostName, IPAddress[] addresses, string? database, Func<NpgsqlDataSource, NpgsqlConnection, T> make, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var source = Source(hostName, addresses[i], database);
            try
            {
                return make(source, await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e)
            {
                await source.DisposeAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (Explain(hostName, e) is not { } error) throw;
                if (error.ErrorId != "HfDatabaseUnreachable" || i == addresses.Length - 1) throw error;
            }
        }
    }

    /// <summary>How long the first label of a host name is: the server's name.</summary>
    private static int Label(string hostName) => hostName.IndexOf('.', StringComparison.Ordinal) is > 0 and var end ? end : hostName.Length;

    private NpgsqlDataSource Source(string hostName, IPAddress address, string? database)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = address.ToString(),
            Port = _options.DatabasePort,
            Database = database ?? _options.Database,
            Username = _options.DatabaseUser,
            Password = _options.DatabasePassword is { } password ? SecretText.Reveal(password) : null,
            ApplicationName = ApplicationName,
            SslMode = SslMode.Require,
            Pooling = false,
            Enlist = false,
            Timeout = 15,
            CommandTimeout = 15,
            CancellationTimeout = 200,
            TcpKeepAlive = true,
        };
        var builder = new NpgsqlDataSourceBuilder(text.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        builder.UseSslClientAuthenticationOptionsCallback(tls =>
        {
            tls.TargetHost = hostName;
            tls.RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None;
            if (_trustedRoots is not null) tls.CertificateChainPolicy = TrustedRoots.PolicyOf(_trustedRoots);
        });
        return builder.Build();
    }

    /// <summary>What went wrong with a server, in our words; null for what is no matter of the server.</summary>
    internal static DrException? Explain(string hostName, Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName or "42501" } e
            when e.Severity == "FATAL" => new DrException(
                "HfDatabaseSignInFailed", DrErrorKind.PermissionDenied, $"{hostName} refused the sign-in: {e.MessageText}.", hostName,
                "Check user, password and database of the connection (Connect-HfAzure -DatabaseCredential).", e),
        PostgresException { Severity: "FATAL" or "PANIC" } e => Unreachable(hostName, e.MessageText, e),
        PostgresException e => new DrException(
            "HfDatabaseRefused", DrErrorKind.OperationFailed, $"{hostName} refused a statement: {e.SqlState}: {e.MessageText}.", hostName,
            "Give the database user the rights of azure_pg_admin: pg_monitor, pg_signal_backend, pg_checkpoint.", e),
        NpgsqlException { InnerException: AuthenticationException e } => new DrException(
            "HfDatabaseTlsFailed", DrErrorKind.OperationFailed, $"The certificate of {hostName} is not trusted for that name: {e.Message}", hostName,
            "Make sure that the name leads to the server and that its certificate comes from a root this connection trusts.", e),
        NpgsqlException e when e.Message.Contains("SSL", StringComparison.Ordinal) => new DrException(
            "HfDatabaseTlsFailed", DrErrorKind.OperationFailed, $"{hostName} does not offer TLS: {e.Message}", hostName,
            "Turn on require_secure_transport at the server; this product does not speak to a database in clear.", e),
        NpgsqlException or SocketException or TimeoutException or IOException => Unreachable(hostName, (exception.InnerException ?? exception).Message, exception),
        _ => null,
    };

    private static DrException Unreachable(string hostName, string why, Exception? inner) => new(
        "HfDatabaseUnreachable", DrErrorKind.OperationFailed, $"{hostName} does not answer: {why.TrimEnd('.')}.", hostName,
        "Check that the server runs and that its port can be reached from here.", inner);
}
