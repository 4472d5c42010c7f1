using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Traffic;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Traffic;

/// <summary>How long a process that comes later still has to wait for answers of the old TTL.</summary>
public sealed class OldTtlTests : FailoverFixture
{
    private const string ProfileId = "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Network/trafficManagerProfiles/global";

    private static PlanStep Step(string name) => new(name, ProfileId, "do it", StepClass.Reversible);

    private DateTimeOffset? Until => OldTtl.UntilOf(State, ProfileId, Time.GetUtcNow());

    private void Change(bool ended = true)
    {
        var open = Run.Journal.BeginStep(Step(ProfilePlanner.SetTtl));
        Run.Journal.RecordFact(OldTtl.FactName, new OldTtl { ProfileId = ProfileId, Seconds = 30 });
        if (ended) Run.Journal.EndStep(open, StepOutcome.Succeeded);
    }

    [Fact]
    public void UntilOf_StoppedInTheWait_IsTheRestOfIt()
    {
        Change();
        var end = Time.GetUtcNow().AddSeconds(30);
        Run.Journal.BeginStep(Step(ProfilePlanner.WaitForOldTtl));
        Time.Advance(TimeSpan.FromSeconds(12));
        Crash();

        Assert.Equal(end, Until);
        Time.Advance(TimeSpan.FromSeconds(18));
        Assert.Null(Until);
    }

    [Fact]
    public void UntilOf_NotKnownWhenItWasChanged_CountsFromNow()
    {
        Change(ended: false);
        Time.Advance(TimeSpan.FromSeconds(12));
        Crash();

        Assert.Equal(Time.GetUtcNow().AddSeconds(30), Until);
    }

    [Fact]
    public void UntilOf_ClockWasSetBackSince_IsTheTtlFromNowAtMost()
    {
        Change();
        var now = Time.GetUtcNow().AddHours(-2);

        Assert.Equal(now.AddSeconds(30), OldTtl.UntilOf(State, ProfileId, now));
    }

    [Fact]
    public void UntilOf_WaitedOutOrNeverChanged_IsNull()
    {
        Assert.Null(Until);
        Change();
        Run.Journal.EndStep(Run.Journal.BeginStep(Step(ProfilePlanner.WaitForOldTtl)), StepOutcome.Succeeded);
        Assert.Null(Until);
        Assert.Null(OldTtl.UntilOf(State, ProfileId + "2", Time.GetUtcNow()));
    }
}
