using System.Net;
using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Dns;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Engine.Readiness;
using Highflame.Dr.Engine.Tests.Execution;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Readiness;

/// <summary>The forced way back, by a person or by the watcher: the region that is lost is not asked, and its silence is no drift.</summary>
public sealed class ReadinessSurveyTests : FailoverFixture
{
    // Traffic came from westus to eastus, which is lost now: back to westus.
    private void LeaveWestus(double secondsAgo)
    {
        var run = Store.Start("eastus", FailoverMode.Planned, new RunBefore { Active = "westus" });
        run.Journal.RecordStep(new StepResult { Name = StepNames.Promote, Target = Regions.Primary.Id, Started = Time.GetUtcNow(), Finished = Time.GetUtcNow(), Outcome = StepOutcome.Succeeded });
        Store.Complete(run, StepOutcome.Succeeded);
        Time.Advance(TimeSpan.FromSeconds(secondsAgo));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Take_ForcedWayBack_AsksNothingOfTheLostRegionDoesNotHangAndFindsNoDrift(bool unattended)
    {
        LeaveWestus(600);
        var azure = new LostRegion(Regions);
        Regions.Primary.DatabaseAnswers = false;
        var connection = new AzureConnection(Connection.Context, Connection.Options, azure, Regions, new Nameless(), null, Time);
        var survey = new ReadinessSurvey(connection, AzureInventory.Of(connection, Observer), Time, Observer);
        var began = Time.GetUtcNow();

        var seen = await Time.DriveAsync(survey.TakeAsync(new ReadinessRequest { Pair = Pair, To = "westus", Mode = FailoverMode.Forced }, null, CancellationToken.None));
        var found = ReadinessRules.Judge(seen, unattended);

        Assert.NotEmpty(azure.Asked);
        Assert.DoesNotContain(azure.Asked, LostRegion.IsLost);
        Assert.InRange((Time.GetUtcNow() - began).TotalSeconds, 0, 15);
        Assert.True(seen.Last!.Left(seen.To));
        Assert.DoesNotContain(found, f => f.Code is "HfFailbackDrift" or "HfFailbackNotInStep");
        Assert.Contains(found, f => f is { Code: "HfSkipped", Severity: ReadinessSeverity.Skipped } && f.Observed.StartsWith("Whether the two regions differ", StringComparison.Ordinal) && f.Observed.Contains("needs the region that is left", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Take_ForcedWayBackInsideTheCooldown_WarnsAPersonAndHoldsTheWatcher()
    {
        LeaveWestus(10);
        var connection = new AzureConnection(Connection.Context, Connection.Options, new LostRegion(Regions), Regions, new Nameless(), null, Time);

        var seen = await Time.DriveAsync(new ReadinessSurvey(connection, AzureInventory.Of(connection, Observer), Time, Observer).TakeAsync(new ReadinessRequest { Pair = Pair, To = "westus", Mode = FailoverMode.Forced }, null, CancellationToken.None));

        Assert.Equal(ReadinessSeverity.Warning, Assert.Single(ReadinessRules.Judge(seen), f => f.Code == "HfFailoverTooRecent").Severity);
        Assert.Equal(ReadinessSeverity.Refusal, Assert.Single(ReadinessRules.Judge(seen, unattended: true), f => f.Code == "HfFailoverTooRecent").Severity);
    }

    /// <summary>Azure with eastus gone: what is asked of it is never answered. The Traffic Manager profile and ARM's own locks are global, wherever they are.</summary>
    private sealed class LostRegion(TwoRegions azure) : IArm
    {
        private readonly List<string> _asked = [];

        public string[] Asked
        {
            get
            {
                lock (_asked) return [.. _asked];
            }
        }

        public static bool IsLost(string path) =>
            path.Contains("/flexibleServers/p", StringComparison.OrdinalIgnoreCase)
            || (path.Contains("/resourceGroups/rg1/", StringComparison.OrdinalIgnoreCase) && !path.Contains("trafficManagerProfiles", StringComparison.OrdinalIgnoreCase) && !path.EndsWith("/rg1/providers/Microsoft.Authorization/locks", StringComparison.OrdinalIgnoreCase));

        public async Task<JsonElement?> TryGetAsync(string path, string apiVersion, CancellationToken cancellationToken)
        {
            await NoteAsync(path, cancellationToken);
            return await azure.TryGetAsync(path, apiVersion, cancellationToken);
        }

        public async Task<JsonElement> GetAsync(string path, string apiVersion, CancellationToken cancellationToken)
        {
            await NoteAsync(path, cancellationToken);
            return await azure.GetAsync(path, apiVersion, cancellationToken);
        }

        public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, CancellationToken cancellationToken)
        {
            await NoteAsync(path, cancellationToken);
            return await azure.ListAsync(path, apiVersion, cancellationToken);
        }

        public Task<ArmAccepted> WriteAsync(HttpMethod method, string path, string apiVersion, object? body, CancellationToken cancellationToken) => throw new NotSupportedException("A preflight changes nothing.");

        public Task<ArmPoll> PollAsync(string operationUrl, CancellationToken cancellationToken) => azure.PollAsync(operationUrl, cancellationToken);

        private async Task NoteAsync(string path, CancellationToken cancellationToken)
        {
            lock (_asked) _asked.Add(path);
            if (IsLost(path)) await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    private sealed class Nameless : INameResolver
    {
        public Task<NameAnswer> QueryAsync(string name, DnsServer? resolver, CancellationToken cancellationToken) => throw Failed(name);

        public Task<IPAddress[]> ResolveAsync(string hostOrAddress, CancellationToken cancellationToken) => throw Failed(hostOrAddress);

        private static DrException Failed(string name) => new("HfDnsFailed", DrErrorKind.ConnectionFailed, "No name is known here.", name);
    }
}
