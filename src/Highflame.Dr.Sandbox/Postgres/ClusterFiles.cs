using System.Net;

namespace Highflame.Dr.Sandbox.Postgres;

/// <summary>What the sandbox writes into a cluster's data directory. Parameters that users set lie in postgresql.auto.conf, by ALTER SYSTEM, and win.</summary>
internal sealed class ClusterFiles(ServerAccount account, string caCertificate, string serverCertificate, string serverKey)
{
    private const string Settings = """

        # --- sandbox ---
        ssl = on
        ssl_cert_file = 'server.crt'
        ssl_key_file = 'server.key'
        password_encryption = 'scram-sha-256'
        unix_socket_directories = ''
        # No segments outside the data directory: a killed server leaves nothing behind.
        dynamic_shared_memory_type = mmap
        shared_buffers = 32MB
        huge_pages = off
        jit = off
        wal_level = replica
        max_wal_senders = 10
        max_replication_slots = 10
        wal_keep_size = 64MB
        hot_standby = on
        wal_receiver_status_interval = 1
        wal_retrieve_retry_interval = 200ms
        # An acknowledged write is on disk: the drills count on it.
        fsync = on
        log_line_prefix = '%m [%p] %q%u@%d '
        log_checkpoints = off
        include_if_exists = 'standby.conf'

        """;

    private const string HostRules = """
        # TYPE   DATABASE     USER        ADDRESS        METHOD
        hostssl  replication  replicator  127.0.0.0/8    scram-sha-256
        hostssl  all          all         127.0.0.0/8    scram-sha-256

        """;

    /// <summary>Configuration, rules and certificates of a fresh cluster.</summary>
    public async Task WriteAsync(string data, CancellationToken cancellationToken)
    {
        var path = Path.Combine(data, "postgresql.conf");
        var sample = await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        await account.WriteAsync(path, sample + Settings, cancellationToken).ConfigureAwait(false);
        await account.WriteAsync(Path.Combine(data, "pg_hba.conf"), HostRules, cancellationToken).ConfigureAwait(false);
        await CopyAsync(serverCertificate, Path.Combine(data, "server.crt"), cancellationToken).ConfigureAwait(false);
        await CopyAsync(serverKey, Path.Combine(data, "server.key"), cancellationToken).ConfigureAwait(false);
        await CopyAsync(caCertificate, Path.Combine(data, "root.crt"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a cluster a standby at its next start.</summary>
    public async Task WriteStandbyAsync(string data, string name, IPEndPoint source, string user, string password, string slot, CancellationToken cancellationToken)
    {
        var conninfo = $"host={source.Address} port={source.Port} user={user} password={password} application_name={name} sslmode=verify-ca sslrootcert=root.crt connect_timeout=5";
        await account.WriteAsync(
            Path.Combine(data, "standby.conf"),
            $"primary_conninfo = {SuperuserSession.Literal(conninfo)}\nprimary_slot_name = {SuperuserSession.Literal(slot)}\n",
            cancellationToken).ConfigureAwait(false);
        await account.WriteAsync(Path.Combine(data, "standby.signal"), "", cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyAsync(string from, string to, CancellationToken cancellationToken) =>
        await account.WriteAsync(to, await File.ReadAllTextAsync(from, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
}
