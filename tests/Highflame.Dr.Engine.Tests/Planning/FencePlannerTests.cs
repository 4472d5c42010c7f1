using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Planning;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Planning;

public sealed class FencePlannerTests
{
    private static readonly FenceRequest Request = new() { Server = "p" };

    private static FenceObservation Owed => new() { At = Seen.At, Server = Seen.Primary, Database = Seen.PrimaryDatabase, Debt = Seen.Debt("p", "r") };

    [Fact]
    public void Plan_ServerThatNobodyReplaced_IsRefusedAndKeepsServing()
    {
        var plan = FencePlanner.Plan(Owed with { Debt = null }, Request);

        Assert.Equal("HfServerIsActivePrimary", Assert.Single(plan.Refusals).Code);
        Assert.Empty(plan.Steps);
    }

    [Theory]
    [InlineData(DbRole.Replica, false)]
    [InlineData(DbRole.Unknown, true)]
    public void Plan_ReplicaThatNobodyOwesAFence_IsRefused(DbRole role, bool inRecovery) =>
        Assert.Equal("HfServerIsReplica", Assert.Single(FencePlanner.Plan(Owed with { Debt = null, Server = Seen.Primary with { Role = role }, Database = Seen.PrimaryDatabase with { InRecovery = inRecovery } }, Request).Refusals).Code);

    [Fact]
    public void Plan_AnyProofThatItWasReplaced_FencesEndsSessionsAndStops()
    {
        string[] steps = ["FenceOldPrimary", "EndSessions", "StopOldPrimary"];
        Assert.Equal(steps, FencePlanner.Plan(Owed, Request).Steps.Select(s => s.Name));
        Assert.Equal(steps, FencePlanner.Plan(Owed with { Debt = null, PromotedByRun = "r" }, Request).Steps.Select(s => s.Name));
        Assert.Equal(steps, FencePlanner.Plan(Owed with { Debt = null, ReplacedBy = "r" }, Request).Steps.Select(s => s.Name));
        Assert.Equal(steps, FencePlanner.Plan(Owed with { Debt = null }, Request with { AssumePromoted = true }).Steps.Select(s => s.Name));
        Assert.Equal(steps[..2], FencePlanner.Plan(Owed, Request with { KeepRunning = true }).Steps.Select(s => s.Name));
    }

    [Theory]
    [InlineData(Sighting.Untouched, false, true)]
    [InlineData(Sighting.Unclear, false, true)]
    [InlineData(Sighting.Untouched, true, false)]
    [InlineData(Sighting.Unclear, true, false)]
    [InlineData(Sighting.Promoted, false, false)]
    [InlineData(Sighting.UnderWay, false, false)]
    public void Plan_SuccessorNotSeenPromoted_TheOnlyPrimaryIsNotStopped(object successor, bool journaled, bool refused)
    {
        var plan = FencePlanner.Plan(Owed with { Successor = "r", SuccessorIs = (Sighting)successor, PromotionJournaled = journaled }, Request);

        Assert.Equal(refused ? ["HfServerIsActivePrimary"] : [], plan.Refusals.Select(r => r.Code));
        Assert.Equal(!refused && (Sighting)successor != Sighting.UnderWay, plan.Steps.Any(s => s.Name == "StopOldPrimary"));
    }

    [Fact]
    public void Plan_DebtorIsAReplicaNow_IsPaidAndNotStopped()
    {
        var plan = FencePlanner.Plan(Owed with { Database = Seen.PrimaryDatabase with { InRecovery = true }, Successor = "r", SuccessorIs = Sighting.Unclear }, Request);

        Assert.Equal(["StrikeFenceDebt"], plan.Steps.Select(s => s.Name));
    }

    [Fact]
    public void Plan_StoppedAndNothingOwed_IsNoChangeButADebtIsAlwaysWorkedOff()
    {
        var stopped = Owed with { Server = Seen.Primary with { State = "Stopped" }, Database = null };

        Assert.True(FencePlanner.Plan(stopped with { Debt = null, PromotedByRun = "r" }, Request).NoChange);
        Assert.False(FencePlanner.Plan(stopped, Request).NoChange);
    }

    [Fact]
    public void Plan_KeepRunningAndReadOnlyAlready_IsNoChange()
    {
        var fenced = Owed with { Debt = null, PromotedByRun = "r", Database = Seen.PrimaryDatabase with { ReadOnly = true } };

        Assert.True(FencePlanner.Plan(fenced, Request with { KeepRunning = true }).NoChange);
        Assert.False(FencePlanner.Plan(fenced, Request).NoChange);
    }
}
