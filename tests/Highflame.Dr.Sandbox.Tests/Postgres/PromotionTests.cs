using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Postgres;
using Highflame.Dr.Tests.Support;
using static Highflame.Dr.Tests.Support.SandboxFiles;

namespace Highflame.Dr.Tests.Postgres;

/// <summary>Roles that change, each on a pair of its own.</summary>
[Collection(RealProcesses.Name)]
public sealed class PromotionTests : IAsyncLifetime
{
    private RealSandbox _sandbox = null!;

    private IDatabaseFleet Databases => _sandbox.Parts.Databases;

    public async Task InitializeAsync()
    {
        _sandbox = await RealSandbox.StartAsync();
        await _sandbox.ExecuteAsync(Primary, "CREATE TABLE rows (n int)");
    }

    public async Task DisposeAsync() => await _sandbox.DisposeAsync();

    [Fact]
    public async Task Promote_Planned_HasEveryWriteAndLeavesAnIndependentPrimary()
    {
        _sandbox.Parts.Links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 200));
        await _sandbox.ExecuteAsync(Primary, "INSERT INTO rows SELECT generate_series(1, 1000)");

        await Databases.PromoteAsync(Replica, waitForReplay: true, CancellationToken.None);

        Assert.Equal(1000, await CountAsync(Replica));
        await _sandbox.ExecuteAsync(Replica, "INSERT INTO rows VALUES (0)");
        Assert.Equal((true, false), await RoleAsync(Replica));
        // Its slot is dropped at the source, in the background.
        await Eventually.TrueAsync(() => _sandbox.ScalarAsync<bool>(Primary, "SELECT count(*) = 0 FROM pg_replication_slots", Administrator), "no slot at the old primary");

        await Databases.StopAsync(Primary, CancellationToken.None);
        Assert.False((await Databases.GetStateAsync(Primary, CancellationToken.None)).Running);
        await Databases.StartAsync(Primary, CancellationToken.None);
        Assert.Equal((true, false), await RoleAsync(Primary));
    }

    [Fact]
    public async Task Promote_ForcedAfterACrash_LosesWhatTheLinkHeld_AndTheOldPrimaryCanFollow()
    {
        _sandbox.Parts.Links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 2000));
        await _sandbox.ExecuteAsync(Primary, "INSERT INTO rows SELECT generate_series(1, 10)");
        await Databases.CrashAsync(Primary, CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Databases.PromoteAsync(Replica, waitForReplay: true, CancellationToken.None));
        Assert.Equal((true, true), await RoleAsync(Replica));
        await Databases.PromoteAsync(Replica, waitForReplay: false, CancellationToken.None);

        Assert.Equal(0, await _sandbox.ScalarAsync<long>(Replica, "SELECT CASE WHEN to_regclass('rows') IS NULL THEN 0 ELSE (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM rows', false, true, '')))[1]::text::bigint END"));
        // What was acknowledged is on the old primary's disk.
        await Databases.StartAsync(Primary, CancellationToken.None);
        Assert.Equal((true, false), await RoleAsync(Primary));
        Assert.Equal(10, await CountAsync(Primary));

        _sandbox.Parts.Links.Set("eastus", "westus", new LinkSettings());
        await _sandbox.ExecuteAsync(Replica, "CREATE TABLE IF NOT EXISTS rows (n int); INSERT INTO rows VALUES (42)");
        await Databases.FollowAsync(Primary, Replica, CancellationToken.None);
        Assert.Equal((true, true), await RoleAsync(Primary));
        await Eventually.TrueAsync(async () => await CountAsync(Primary) == 1, "the new primary's row at the old one");
    }

    [Fact]
    public async Task Delete_OfAReplica_FreesItsSlotAndAReplicaOfTheSameNameCanBeMadeAgain()
    {
        await Databases.DeleteAsync(Replica, CancellationToken.None);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => Databases.GetStateAsync(Replica, CancellationToken.None));
        await Eventually.TrueAsync(() => _sandbox.ScalarAsync<bool>(Primary, "SELECT count(*) = 0 FROM pg_replication_slots", Administrator), "no slot at the primary");

        await Databases.CreateReplicaAsync("highflame-second", "eastus", Primary, CancellationToken.None);
        await Databases.CreateReplicaAsync(Replica, "westus", Primary, CancellationToken.None);

        Assert.Equal(3, new[] { Primary, Replica, "highflame-second" }.Select(Databases.AddressOf).Distinct().Count());
        await Eventually.TrueAsync(async () => (await Databases.GetLagAsync("highflame-second", CancellationToken.None)).State == "streaming", "the second replica streams");
        await Eventually.TrueAsync(async () => (await Databases.GetLagAsync(Replica, CancellationToken.None)).State == "streaming", "the first replica streams");
    }

    private Task<long> CountAsync(string server) => _sandbox.ScalarAsync<long>(server, "SELECT count(*) FROM rows");

    private async Task<(bool Running, bool InRecovery)> RoleAsync(string server)
    {
        var state = await Databases.GetStateAsync(server, CancellationToken.None);
        return (state.Running, state.InRecovery);
    }
}
