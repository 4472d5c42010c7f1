using Highflame.Dr.Alerts;
using Highflame.Dr.Engine.Alerts;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Engine.Tests.Alerts;

/// <summary>Once for each alert, towards the region that was decided first, whoever asks and how often.</summary>
public sealed class AlertRegistrationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-alerts-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RegionPair _pair = Pairs.Create();
    private string? _active;

    public AlertRegistrationTests() => _active = First.Location;

    private PairRegion First => _pair.Regions[0];

    private PairRegion Second => _pair.Regions[1];

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Register_NewAndFired_ActsTowardsThePassiveRegion()
    {
        var receipt = await RegisterAsync(Alert("1"));

        Assert.Equal((true, Second.Location, 1, null), (receipt.Act, receipt.To, receipt.Times, receipt.Outcome));
    }

    [Fact]
    public async Task Register_SameAlertAfterTheFailover_NeverLeadsBack()
    {
        await RegisterAsync(Alert("1"));
        // The failover is done, and the job was killed before it could say so.
        _active = Second.Location;

        var again = await RegisterAsync(Alert("1"));

        Assert.Equal((true, Second.Location, 2), (again.Act, again.To, again.Times));
    }

    [Theory]
    [InlineData(StepOutcome.Succeeded, false)]
    [InlineData(StepOutcome.Failed, false)]
    [InlineData(StepOutcome.NoChange, false)]
    [InlineData(StepOutcome.Pending, true)]
    [InlineData(StepOutcome.Unknown, true)]
    public async Task Register_SameAlertAfterItsEnd_ActsOnlyWhenItStayedOpen(StepOutcome outcome, bool act)
    {
        await RegisterAsync(Alert("1"));
        await RegisterAsync(Alert("1"), outcome: outcome);

        Assert.Equal(act, (await RegisterAsync(Alert("1"))).Act);
    }

    [Fact]
    public async Task Register_Resolved_DoesNothingAndKeepsNothing()
    {
        var receipt = await RegisterAsync(Alert("1") with { Condition = AlertCondition.Resolved });

        Assert.False(receipt.Act);
        Assert.Empty(Directory.GetFiles(_folder));
        // The one that fires later is new.
        Assert.True((await RegisterAsync(Alert("1"))).Act);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public async Task Register_AboutOneRegion_ActsOnlyOnTheActiveOne(int region, bool act)
    {
        var id = $"/subscriptions/{_pair.SubscriptionId}/resourcegroups/{_pair.Regions[region].ResourceGroup.ToUpperInvariant()}/providers/microsoft.network/applicationgateways/x";

        var receipt = await RegisterAsync(Alert("1") with { TargetIds = [id] });

        Assert.Equal(act, receipt.Act);
        // A repetition is told the same.
        Assert.Equal(act, (await RegisterAsync(Alert("1") with { TargetIds = [id] })).Act);
    }

    [Fact]
    public async Task Register_AboutTheProfileThatIsKeptInThePassiveRegion_Acts()
    {
        _active = Second.Location;

        var receipt = await RegisterAsync(Alert("1") with { TargetIds = [_pair.Traffic.ProfileId] });

        Assert.Equal((true, First.Location), (receipt.Act, receipt.To));
    }

    [Fact]
    public async Task Register_NobodyKnowsWhichIsActive_HfActiveUnknownAndStaysNew()
    {
        _active = null;
        Assert.Equal("HfActiveUnknown", (await Assert.ThrowsAsync<DrException>(() => RegisterAsync(Alert("1")))).ErrorId);

        Assert.Equal((true, Second.Location), await RegisterAsync(Alert("1"), to: Second.Location) is var given ? (given.Act, given.To) : default);
    }

    [Fact]
    public async Task Register_TowardsTheActiveRegion_HasNothingToDo() => Assert.False((await RegisterAsync(Alert("1"), to: First.Location)).Act);

    [Fact]
    public async Task Register_ManyAtOnce_AllAreToldTheSameRegionAndCounted()
    {
        var receipts = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Task.Run(() =>
        {
            var active = n % 2 == 0 ? First.Location : Second.Location;
            return new AlertRegistration(_ => Store(), (_, _) => Task.FromResult<string?>(active), _time).RegisterAsync(new AlertRequest { Pair = _pair, Alert = Alert("1") }, CancellationToken.None);
        })));

        Assert.Single(receipts.Select(r => r.To).Distinct());
        Assert.Equal(Enumerable.Range(1, 12), receipts.Select(r => r.Times).Order());
    }

    [Fact]
    public async Task Register_Hundreds_TheOldestAreForgotten()
    {
        var ledger = new AlertLedger();
        for (var n = 0; n < AlertLedger.Kept + 10; n++) (ledger, _) = ledger.Register("p", Alert($"{n}"), "westus", null, _time.GetUtcNow().AddSeconds(n));

        Assert.Equal(AlertLedger.Kept, ledger.Alerts.Length);
        Assert.Null(ledger.Find("9"));
        Assert.NotNull(ledger.Find("10"));
        Assert.True((await RegisterAsync(Alert("else"))).Act);
    }

    private static DrAlert Alert(string id) => new() { AlertId = id, Rule = "rule", Condition = AlertCondition.Fired };

    private RunStore Store() => new(new FileRunStorage(_folder), _pair.Name, _time);

    private Task<AlertReceipt> RegisterAsync(DrAlert alert, string? to = null, StepOutcome? outcome = null) =>
        new AlertRegistration(_ => Store(), (_, _) => Task.FromResult(_active), _time).RegisterAsync(new AlertRequest { Pair = _pair, Alert = alert, To = to, Outcome = outcome }, CancellationToken.None);
}
