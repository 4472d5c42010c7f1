using Highflame.Dr.Sandbox;
using Highflame.Dr.Sandbox.Identity;
using Highflame.Dr.Sandbox.Seed;
using Highflame.Dr.Sandbox.Traffic;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Highflame.Dr.Tests.Support;

/// <summary>The tests with real processes run one after the other: they share two cores.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealProcesses
{
    public const string Name = "real processes";
}

/// <summary>Real parts over files of their own, with the primary in eastus and its replica in westus, and no region running.</summary>
internal sealed class RealSandbox : IAsyncDisposable
{
    private Composition? _azure;

    private RealSandbox(SandboxFiles files, RealParts parts) => (Files, Parts) = (files, parts);

    public SandboxFiles Files { get; }

    public RealParts Parts { get; }

    public SandboxLayout Layout => Files.Layout;

    /// <summary>Vaults and identities; there when regions run.</summary>
    public Composition Azure => _azure ?? throw new InvalidOperationException("No region runs.");

    public static async Task<RealSandbox> StartAsync(bool replica = true, bool regions = false)
    {
        var files = new SandboxFiles();
        var parts = await RealParts.CreateAsync(files.Layout, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var sandbox = new RealSandbox(files, parts);
        try
        {
            if (regions) await sandbox.StartVaultsAsync();
            var running = regions ? Task.WhenAll(files.Layout.Regions.Select(r => parts.Regions.StartAsync(r.Location, CancellationToken.None))) : Task.CompletedTask;
            await parts.Databases.CreatePrimaryAsync(
                SandboxFiles.Primary, "eastus", SandboxFiles.Administrator, SandboxFiles.Password, new Dictionary<string, string>(), CancellationToken.None);
            sandbox._azure?.AddAddress(SandboxFiles.Primary);
            if (replica) await parts.Databases.CreateReplicaAsync(SandboxFiles.Replica, "westus", SandboxFiles.Primary, CancellationToken.None);
            if (replica) sandbox._azure?.AddAddress(SandboxFiles.Replica);
            await running;
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>The vaults with the database secrets, the identities that may read them, and the names of the servers.</summary>
    private async Task StartVaultsAsync()
    {
        _azure = await Composition.StartAsync(Layout, SandboxIdentity.Create(1), Files.Certificates, Parts, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        SeededAccess.Assign(_azure);
        foreach (var region in Layout.Regions)
        {
            foreach (var (path, document) in RegionTemplate.Fill(Layout, region, _azure.Identity, _azure.Vaults.Port))
            {
                _azure.Vaults.Complete(path, document);
                _azure.Store.Put(path, document);
            }

            SeededAccess.PutSecrets(_azure, region);
        }
    }

    /// <summary>Publishes the one-endpoint profile of the users' environment.</summary>
    public void Publish(string target, long ttl = 0) => Parts.Traffic.Publish(new ProfileView
    {
        Id = "/profile",
        Fqdn = Layout.TrafficManagerFqdn,
        Enabled = true,
        RoutingMethod = "Weighted",
        Ttl = ttl,
        Monitor = new MonitorView("HTTPS", Layout.GatewayPort, "/", 30, 5, 3, [], []),
        Endpoints = [new EndpointView { Id = "/profile/global-endpoint", Name = "global-endpoint", Target = target, Enabled = true, AlwaysServe = true }],
    });

    public async Task<NpgsqlConnection> ConnectAsync(string server, string user = "highflame", string database = "highflame", SslMode tls = SslMode.VerifyCA)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Parts.Databases.AddressOf(server),
            Port = Layout.DatabasePort,
            Username = user,
            Password = user == SandboxFiles.Administrator ? SandboxFiles.Password : Layout.ApplicationPassword,
            Database = database,
            SslMode = tls,
            RootCertificate = tls == SslMode.VerifyCA ? Layout.CaCertificatePath : null,
            Pooling = false,
            Timeout = 5,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<T> ScalarAsync<T>(string server, string sql, string user = "highflame")
    {
        await using var connection = await ConnectAsync(server, user);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string server, string sql, string user = "highflame")
    {
        await using var connection = await ConnectAsync(server, user);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_azure is not null) await _azure.DisposeAsync();
        await Parts.DisposeAsync();
        Files.Dispose();
    }
}

/// <summary>Waits for what real processes do in their own time.</summary>
internal static class Eventually
{
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, string what, double seconds = 10)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(seconds)) Assert.Fail($"Not within {seconds} s: {what}");
            await Task.Delay(5);
        }

        return TimeProvider.System.GetElapsedTime(begun);
    }
}
