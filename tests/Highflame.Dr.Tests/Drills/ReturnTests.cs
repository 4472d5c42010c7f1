using System.Text.Json.Nodes;
using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Health;
using Highflame.Dr.Planning;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Drills;

/// <summary>There and back, three times in a row, with clients writing all the while: what a failover leaves behind is what the next one begins with.</summary>
public sealed class ReturnTests
{
    [Fact]
    public void CopyDbSetting_AfterAPlannedFailover_RestoresWhatTheRunKept()
    {
        using var session = new RehearsalSession();
        var (before, group) = (session.Status(), $"/subscriptions/{session.Pair.SubscriptionId}/resourceGroups");
        const string Administrator = "/administrators/3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        void Write(string method, string path, string version, string body) => SandboxArm.Write(session.Sandbox.Path, method, path, version, body);
        Write("PATCH", before.PrimaryResourceId!, "2025-08-01", """{"tags":{"Project":"highflame","Owner":"dba"},"properties":{"backup":{"backupRetentionDays":21},"authConfig":{"activeDirectoryAuth":"Enabled"},"highAvailability":{"mode":"ZoneRedundant"}}}""");
        Write("PUT", before.PrimaryResourceId + Administrator, "2025-08-01", """{"properties":{"principalName":"dba","principalType":"Group"}}""");
        Write("PATCH", before.PrimaryResourceId + "/configurations/work_mem", "2025-08-01", """{"properties":{"value":"8192","source":"user-override"}}""");
        Write("PUT", before.PrimaryResourceId + "/providers/Microsoft.Authorization/locks/second", "2020-05-01", """{"properties":{"level":"CanNotDelete"}}""");

        session.Shell.Invoke("$null = Start-HfRun -Pair $pair -To westus -Confirm:$false; $failover = Invoke-HfDbFailover -Pair $pair -ResourceId $id -Confirm:$false", new { pair = session.Pair, id = before.ReplicaResourceId }).EnsureNoErrors();
        var changes = session.Shell.Invoke("$failover | Copy-HfDbSetting -Pair $pair -Confirm:$false").EnsureNoErrors().As<DbSettingChange>();

        Assert.All(changes, c => Assert.Equal((StepOutcome.Succeeded, (string?)null), (c.Outcome, c.Shortfall)));
        Assert.Equal(
            ["Tags Tags", "Authentication Entra authentication", "Administrator dba", "Backup Backup retention", "Parameter work_mem", "HighAvailability HighAvailability"],
            changes.Select(c => $"{c.Kind} {c.Name}"));
        var promoted = SandboxArm.Get(session.Sandbox.Path, before.ReplicaResourceId!, "2025-08-01");
        Assert.Equal(("dba", 21, "ZoneRedundant"), ((string)promoted["tags"]!["Owner"]!, (int)promoted["properties"]!["backup"]!["backupRetentionDays"]!, (string)promoted["properties"]!["highAvailability"]!["mode"]!));
        Assert.Equal("8192", (string)SandboxArm.Get(session.Sandbox.Path, before.ReplicaResourceId + "/configurations/work_mem", "2025-08-01")["properties"]!["value"]!);
        Assert.Empty(session.Shell.Invoke("$failover | Copy-HfDbSetting -Pair $pair -Confirm:$false").EnsureNoErrors().Output);
        session.Shell.Invoke("$null = Complete-HfRun -Outcome Succeeded -Confirm:$false").EnsureNoErrors();
    }

    [Fact]
    public void Runbook_ThereAndBackThreeTimes_LosesNothingAndLeavesNamesSecretsAndApplicationsRight()
    {
        using var session = new RehearsalSession();
        var shell = session.Shell;
        var runbook = RehearsalSession.Runbook("Invoke-HfRegionFailover.ps1");
        shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false").EnsureNoErrors();
        shell.Invoke("$null = Start-HfSandboxLoad -Sandbox $path -Writers 2", new { path = session.Sandbox.Path }).EnsureNoErrors();
        var names = session.Status().Servers.Select(s => s.Name).ToList();

        // There and back once through a change freeze: on the profile, on the primary, on a whole group.
        string[] frozen = [session.Pair.Traffic.ProfileId, session.Status().PrimaryResourceId!, Group(session, 1)];
        foreach (var scope in frozen) SandboxArm.Write(session.Sandbox.Path, "PUT", scope + Freeze, "2020-05-01", Frozen);

        for (var round = 0; round < 6; round++)
        {
            var (to, from) = round % 2 == 0 ? ("westus", "eastus") : ("eastus", "westus");
            var promoted = session.Status().ReplicaServer;
            if (round == 0) Assert.Equal(4, shell.Invoke("& $runbook -PairPath $path -To $to -Confirm:$false 2> $null; $LASTEXITCODE", new { runbook, path = session.Pair.Path, to }).Output[^1].BaseObject);

            var result = shell.Invoke("& $runbook -PairPath $path -To $to -Unlock:$unlock -Confirm:$false; $LASTEXITCODE", new { runbook, path = session.Pair.Path, to, unlock = round < 2 }).EnsureNoErrors();

            Assert.Equal(0, result.Output[^1].BaseObject);
            var evidence = Assert.Single(result.Output.Select(o => o.BaseObject).OfType<RunEvidence>());
            Assert.Equal((StepOutcome.Succeeded, true), (evidence.Outcome, evidence.ZeroLossProven));
            Assert.Contains(evidence.Steps, s => s is { Name: "BindSecrets", Outcome: StepOutcome.Succeeded });
            var status = session.Status();
            Assert.Equal((PairState.Protected, to, promoted), (status.State, status.Active, status.PrimaryServer));
            Assert.Empty(status.FenceDebt);
            if (round < 2) AssertFrozen(session, evidence, frozen, status.PrimaryResourceId!);
            if (round == 1) Thaw(session);
            // A name is never used twice.
            Assert.DoesNotContain(status.ReplicaServer, names);
            names.Add(status.ReplicaServer!);

            // The pods of the region that was left read their secrets anew, and find the new replica.
            shell.Invoke("$null = Invoke-HfSandboxFault ApplicationRestart -Sandbox $path -Region $from -Confirm:$false", new { path = session.Sandbox.Path, from }).EnsureNoErrors();
            AssertServes(session, to, status.PrimaryServer!, DbRole.Primary);
            AssertServes(session, from, status.ReplicaServer!, DbRole.Replica);
        }

        SwitchThereAndBackThreeTimes(session, runbook);
        var load = shell.Invoke("Stop-HfSandboxLoad -Sandbox $path -Confirm:$false", new { path = session.Sandbox.Path }).EnsureNoErrors().One<LoadReport>();
        Assert.Equal(0, load.Lost);
        Assert.True(load.Acknowledged > 100, $"{load.Acknowledged} writes were acknowledged.");
        Assert.Equal("eastus", session.Status().Active);
    }

    private const string Freeze = "/providers/Microsoft.Authorization/locks/freeze";
    private const string Frozen = """{"properties":{"level":"ReadOnly","notes":"Change freeze until Monday","owners":[{"applicationId":"8d9f1a3e-0000-4000-8000-000000000001"}]}}""";

    private static string Group(RehearsalSession session, int region) => $"/subscriptions/{session.Pair.SubscriptionId}/resourceGroups/{session.Pair.Regions[region].ResourceGroup}";

    // Every lock stands as it stood, nothing is owed, and the new primary is as frozen as the old one was.
    private static void AssertFrozen(RehearsalSession session, RunEvidence evidence, string[] frozen, string primary)
    {
        Assert.All(frozen, scope => Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(Frozen)!["properties"], SandboxArm.Get(session.Sandbox.Path, scope + Freeze, "2020-05-01")["properties"]), $"The lock of {scope} is another one."));
        Assert.Equal("ReadOnly", (string)SandboxArm.Get(session.Sandbox.Path, primary + Freeze, "2020-05-01")["properties"]!["level"]!);
        Assert.Empty(session.Status().LockDebt);
        Assert.Empty(evidence.Owed);
        var (away, back) = (evidence.Steps.Where(s => s.Name == "RemoveLock").ToArray(), evidence.Steps.Where(s => s.Name == "PutBackLock").ToArray());
        Assert.All(away.Concat(back), s => Assert.Equal(StepOutcome.Succeeded, s.Outcome));
        Assert.True(away.Length >= 3);
        Assert.Equal(away.Select(s => s.Target).Order(StringComparer.Ordinal), back.Select(s => s.Target).Order(StringComparer.Ordinal));
    }

    private static void Thaw(RehearsalSession session)
    {
        foreach (var group in new[] { Group(session, 0), Group(session, 1) })
            foreach (var held in SandboxArm.Get(session.Sandbox.Path, group + "/providers/Microsoft.Authorization/locks", "2020-05-01")["value"]!.AsArray().Where(l => (string)l!["properties"]!["level"]! == "ReadOnly"))
                SandboxArm.Write(session.Sandbox.Path, "DELETE", (string)held!["id"]!, "2020-05-01", "{}");
    }

    // The same servers exchange their roles, and nothing else changes its name.
    private static void SwitchThereAndBackThreeTimes(RehearsalSession session, string runbook)
    {
        var (shell, pair, before) = (session.Shell, session.Pair, session.Status());
        Assert.StartsWith("HfSwitchoverNoEndpoint,", Assert.Single(shell.Invoke("Invoke-HfDbFailover $id -Pair $pair -Promotion Switchover -Confirm:$false", new { id = before.ReplicaServer, pair }).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        var name = "hf-" + Guid.NewGuid().ToString("n")[..8];
        Assert.Equal((before.PrimaryServer, before.ReplicaServer), shell.Invoke("New-HfVirtualEndpoint $name -Pair $pair -Confirm:$false", new { name, pair }).EnsureNoErrors().One<VirtualEndpoint>() is var made ? (made.Server, made.Reader) : default);
        for (var round = 0; round < 6; round++)
        {
            var (to, from) = round % 2 == 0 ? ("westus", "eastus") : ("eastus", "westus");
            var (primary, replica) = (session.Status().PrimaryServer, session.Status().ReplicaServer);

            var result = shell.Invoke("& $runbook -PairPath $path -To $to -Promotion Switchover -Confirm:$false; $LASTEXITCODE", new { runbook, path = pair.Path, to }).EnsureNoErrors();

            Assert.Equal(0, result.Output[^1].BaseObject);
            var evidence = Assert.Single(result.Output.Select(o => o.BaseObject).OfType<RunEvidence>());
            Assert.Equal((StepOutcome.Succeeded, true, "Switchover"), (evidence.Outcome, evidence.ZeroLossProven, evidence.Promotion));
            Assert.Equal([("Standalone", 6), ("Switchover", round + 1)], evidence.Compared.Select(c => (c.Promotion, c.Runs)));
            var status = session.Status();
            Assert.Equal((PairState.Protected, to, replica, primary), (status.State, status.Active, status.PrimaryServer, status.ReplicaServer));
            Assert.Empty(status.FenceDebt);
            var endpoint = shell.Invoke("Get-HfVirtualEndpoint -Pair $pair", new { pair }).EnsureNoErrors().One<VirtualEndpoint>();
            Assert.Equal((name, replica, primary), (endpoint.Name, endpoint.Server, endpoint.Reader));
            Assert.Equal([replica], shell.Invoke("Test-HfWriter -Pair $pair | Where-Object AcceptsWrites", new { pair }).EnsureNoErrors().As<WriterCheck>().Select(w => w.Name));
            shell.Invoke("$null = Invoke-HfSandboxFault ApplicationRestart -Sandbox $path -Region $from -Confirm:$false", new { path = session.Sandbox.Path, from }).EnsureNoErrors();
            AssertServes(session, to, replica!, DbRole.Primary);
            AssertServes(session, from, primary!, DbRole.Replica);
        }
    }

    private static void AssertServes(RehearsalSession session, string location, string server, DbRole role)
    {
        var verdict = session.Shell.Invoke("Test-HfHealth -Pair $pair -Location $location -Via Gateway -ExpectedRole $role -WaitSeconds 30", new { pair = session.Pair, location, role }).EnsureNoErrors().One<HealthVerdict>();
        Assert.True(verdict.Healthy, $"{location}: {verdict.Reason}");
        Assert.Equal((server, role), (verdict.Server, verdict.Role));
    }
}
