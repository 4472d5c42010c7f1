using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Watch;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Watch;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Watch;

/// <summary>What must hold of watchers whose memory lies in a run store, of whatever kind. A store is opened anew for each watcher, as another process would.</summary>
internal static class StoredWatches
{
    /// <summary>Many watchers look at a lost region at the same moments: one alerts, one asks.</summary>
    public static async Task OneActsAsync(Func<RunStore> open, int watchers)
    {
        var scenes = Enumerable.Range(0, watchers).Select(n => (Scene: new WatchScene { Store = open(), TakenUp = false }, Name: $"process {n} on here")).ToArray();

        for (var second = 0d; second <= 320; second += 20)
        {
            var now = second;
            await Task.WhenAll(scenes.Select(s => Task.Run(() => s.Scene.Look(now, now < 70 ? WatchWorld.Well : WatchWorld.RegionLost, s.Name))));
            // Whoever was asked holds the lease from now on.
            if (scenes.Any(s => s.Scene.Failovers.Any())) foreach (var (scene, _) in scenes) scene.Guards = new WatchGuards { Holder = "process 9 on here" };
        }

        var asked = Assert.Single(scenes.SelectMany(s => s.Scene.Failovers));
        Assert.Equal(180, (asked.At - asked.FirstFailure!.Value).TotalSeconds, 20d);
        Assert.Single(scenes.SelectMany(s => s.Scene.Alerts));
        Assert.Equal(watchers * 17, scenes.Sum(s => s.Scene.Events.Count));
    }

    /// <summary>
    /// Two watchers, each of which runs what it is asked for: one takes the run's lease and works; the other is told who holds it, and by the lease itself when it comes all the same; nothing is asked for
    /// a second time while it works, nor when it has ended.
    /// </summary>
    public static async Task OneRunsAndTheOtherIsToldAsync(Func<RunStore> open)
    {
        var scenes = Enumerable.Range(0, 2).Select(n => (Scene: new WatchScene { Store = open(), TakenUp = false }, Name: $"process {n} on here")).ToArray();
        var active = "eastus";
        async Task<WatchEvent[]> LookAsync(double second) => await Task.WhenAll(scenes.Select(s => Task.Run(() =>
        {
            s.Scene.Active = active;
            s.Scene.Guards = WatchGuards.Read(s.Scene.Store!);
            return s.Scene.Look(second, second < 70 || active == "westus" ? WatchWorld.Well : WatchWorld.RegionLost, s.Name);
        })));

        var asked = -1;
        for (var second = 0d; asked < 0; second += 20)
        {
            Assert.True(second <= 280, "Nobody was asked.");
            asked = Array.FindIndex(await LookAsync(second), e => e.Action == WatchAction.Failover);
        }

        var run = scenes[asked].Scene.Store!.Start("westus", FailoverMode.Forced, new RunBefore { Active = "eastus" });
        var other = scenes[1 - asked].Scene;
        for (var second = 300d; second <= 400; second += 20)
        {
            Assert.All(await LookAsync(second), e => Assert.Equal((WatchPhase.FailingOver, WatchAction.None), (e.Phase, e.Action)));
            Assert.Equal("HfRunHeld", Assert.Single(other.Events[^1].Refusals).Code);
            Assert.Contains($"process {Environment.ProcessId} on ", other.Events[^1].Refusals[0].Observed, StringComparison.Ordinal);
        }

        Assert.Equal((run.Run.Id, "westus"), (other.Guards!.Unfinished!.Value.Id, other.Guards.Unfinished.Value.To));
        var refused = Assert.Throws<DrException>(() => other.Store!.Start("westus", FailoverMode.Forced, new RunBefore()));
        Assert.Equal("HfRunHeld", refused.ErrorId);
        Assert.Contains(run.Run.Id, refused.Message, StringComparison.Ordinal);

        // It has ended: both see traffic in the other region, and nobody asks again.
        run.Store.Complete(run, StepOutcome.Succeeded);
        active = "westus";
        for (var second = 420d; second <= 520; second += 20) await LookAsync(second);
        Assert.Single(scenes.SelectMany(s => s.Scene.Failovers));
        Assert.Single(open().ReadRuns());
        Assert.Single(scenes.SelectMany(s => s.Scene.Alerts), a => a.StartsWith("Traffic goes to westus", StringComparison.Ordinal));
    }

    /// <summary>Each round is another watcher that knows nothing but what the store holds: first failure, hold-off, request, and cooldown go on.</summary>
    public static void NothingIsForgotten(Func<RunStore> open)
    {
        var guards = new WatchGuards();
        var active = "eastus";
        var round = 0;
        WatchEvent Look(double second, WatchWorld world) => new WatchScene { Store = open(), Guards = guards, Active = active }.Look(second, world, $"process {++round} on here");

        for (var second = 0; second <= 60; second += 20) Look(second, WatchWorld.Well);
        for (var second = 80; second < 260; second += 20)
        {
            var waiting = Look(second, WatchWorld.RegionLost);
            Assert.Equal((WatchScene.Start.AddSeconds(80), WatchPhase.HoldOff), (waiting.FirstFailure, waiting.Phase));
            Assert.NotEqual(WatchAction.Failover, waiting.Action);
        }

        Assert.Equal(WatchAction.Failover, Look(260, WatchWorld.RegionLost).Action);
        guards = new WatchGuards { Holder = "process 9 on here" };
        Assert.Equal((WatchPhase.FailingOver, WatchAction.None), Of(Look(280, WatchWorld.RegionLost)));

        // It has ended: the other region is active, and dies at once.
        (guards, active) = (new WatchGuards(), "westus");
        var moved = Look(300, WatchWorld.Well);
        Assert.Equal(WatchScene.Start.AddSeconds(600), moved.CooldownUntil);
        for (var second = 320; second < 600; second += 20) Assert.NotEqual(WatchAction.Failover, Look(second, WatchWorld.RegionLost).Action);
        Assert.Equal(WatchAction.Failover, Look(600, WatchWorld.RegionLost).Action);

        static (WatchPhase, WatchAction) Of(WatchEvent found) => (found.Phase, found.Action);
    }

    /// <summary>As many changes as were made.</summary>
    public static async Task NoChangeIsLostAsync(Func<RunStore> open, int watchers, int changes)
    {
        await Task.WhenAll(Enumerable.Range(0, watchers).Select(_ => Task.Run(() =>
        {
            var store = open();
            for (var i = 0; i < changes; i++) store.ChangeDocument<WatchMemory, bool>("watch.json", memory => ((memory ?? new()) with { Confirmed = (memory?.Confirmed ?? 0) + 1 }, true));
        })));

        Assert.Equal(watchers * changes, open().ReadDocument<WatchMemory>("watch.json")!.Confirmed);
    }
}
