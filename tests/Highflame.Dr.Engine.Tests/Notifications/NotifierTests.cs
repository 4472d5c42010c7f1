using System.Net;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Notifications;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Highflame.Dr.Engine.Tests.Notifications;

/// <summary>Who is told, in which words, and that nobody who is told holds anything up.</summary>
public sealed class NotifierTests : IDisposable
{
    private const string Key = "00000000-0000-0000-0000-000000000001";
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DrNotice Notice = new()
    {
        Event = "WatchAlert", Severity = NoticeSeverity.Critical, Pair = "prod", Title = "eastus is <gone> & lost", Text = "Nothing answers.", At = Noon, Facts = [new("Verdict", "Region")],
    };

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly Receiver _receiver = new();
    private readonly Listener _observer = new();

    public void Dispose() => _receiver.Dispose();

    [Fact]
    public async Task Send_EachReceiver_GetsItInItsOwnWords()
    {
        var pair = Told(
            new PairNotifications
            {
                Webhooks = [new() { Url = "https://teams.test/hook?sig=secret" }, new() { Url = "https://slack.test/hook", Format = WebhookFormat.Slack }, new() { Url = "http://127.0.0.1:9/hook", Format = WebhookFormat.Json }],
                ApplicationInsights = $"InstrumentationKey={Key};IngestionEndpoint=https://westeurope.test/",
            });

        await Notifier().SendAsync(pair, Notice, _observer, default);

        Assert.Empty(_observer.Warnings);
        var card = _receiver.Bodies["https://teams.test/hook?sig=secret"]["attachments"]![0]!;
        Assert.Equal("application/vnd.microsoft.card.adaptive", (string?)card["contentType"]);
        Assert.Equal("prod: eastus is <gone> & lost", (string?)card["content"]!["body"]![0]!["text"]);
        Assert.Equal("Verdict", (string?)card["content"]!["body"]![2]!["facts"]![0]!["title"]);
        Assert.Contains("prod: eastus is &lt;gone&gt; &amp; lost", (string?)_receiver.Bodies["https://slack.test/hook"]["text"], StringComparison.Ordinal);
        Assert.Equal("Critical", (string?)_receiver.Bodies["http://127.0.0.1:9/hook"]["severity"]);
        var envelope = _receiver.Bodies["https://westeurope.test/v2.1/track"][0]!;
        Assert.Equal((Key, "EventData", "Highflame.Dr.WatchAlert"), ((string?)envelope["iKey"], (string?)envelope["data"]!["baseType"], (string?)envelope["data"]!["baseData"]!["name"]));
        Assert.Equal("Region", (string?)envelope["data"]!["baseData"]!["properties"]!["Verdict"]);
    }

    [Fact]
    public async Task Send_OneRefusesAndOneIsSilent_IsOneWarningThatKeepsTheirUrlsSecret()
    {
        _receiver.Answers["refusing.test"] = HttpStatusCode.Forbidden;
        _receiver.Silent.Add("silent.test");
        var pair = Told(new PairNotifications { Webhooks = [new() { Url = "https://refusing.test/hook?sig=secret" }, new() { Url = "https://silent.test/hook?sig=secret" }, new() { Url = "https://well.test/hook" }] });

        await _time.DriveAsync(Notifier().SendAsync(pair, Notice, _observer, default));

        var warning = Assert.Single(_observer.Warnings);
        Assert.Contains("refusing.test answered HTTP 403", warning, StringComparison.Ordinal);
        Assert.Contains("silent.test did not answer within 5 s", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warning, StringComparison.Ordinal);
        Assert.Contains("https://well.test/hook", _receiver.Bodies.Keys);
        Assert.InRange((_time.GetUtcNow() - Noon).TotalSeconds, 5, 6);
    }

    [Theory]
    [InlineData("https://hook.test/x", true)]
    [InlineData("http://127.0.0.1:8080/x", true)]
    [InlineData("http://[::1]/x", true)]
    [InlineData("http://localhost/x", true)]
    [InlineData("env:HFDR_HOOK", true)]
    [InlineData("http://hook.test/x", false)]
    [InlineData("http://127.0.0.1.nip.io/x", false)]
    [InlineData("ftp://hook.test/x", false)]
    [InlineData("hook.test", false)]
    public void IsAllowed_Url_IsHttpsOrThisComputer(string url, bool allowed) => Assert.Equal(allowed, WebhookUrl.IsAllowed(url));

    [Fact]
    public async Task Send_VariableThatIsNotSet_IsAWarningThatNamesIt()
    {
        await Notifier().SendAsync(Told(new PairNotifications { Webhooks = [new() { Url = "env:HFDR_NO_SUCH_HOOK" }] }), Notice, _observer, default);

        Assert.Contains("HFDR_NO_SUCH_HOOK", Assert.Single(_observer.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"InstrumentationKey={Key}", "https://dc.services.visualstudio.com/v2.1/track")]
    [InlineData($"InstrumentationKey={Key};IngestionEndpoint=https://westus-0.in.applicationinsights.azure.com/;LiveEndpoint=x", "https://westus-0.in.applicationinsights.azure.com/v2.1/track")]
    [InlineData($"instrumentationkey={Key};IngestionEndpoint=http://evil.test/", null)]
    [InlineData("InstrumentationKey=none", null)]
    [InlineData("", null)]
    public void TryParse_ConnectionString_IsWhereEventsGo(string text, string? track) => Assert.Equal(track, InsightsTarget.TryParse(text)?.Track.ToString());

    [Fact]
    public async Task Run_FromItsJournal_TellsStartEachPhaseRefusalAndEnd()
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-notices-").FullName;
        try
        {
            var pair = Told(new PairNotifications { Webhooks = [new() { Url = "https://hook.test/x", Format = WebhookFormat.Json }] });
            var store = new RunStore(new FileRunStorage(folder), "prod", _time);
            var run = store.Start("westus", FailoverMode.Planned, new RunBefore { Active = "eastus" });
            run.Notices = RunNotices.Begin(pair, run, Notifier(), _time);

            var step = run.Journal.BeginStep(new PlanStep("PromoteReplica", "/x/replica", "promote", StepClass.Irreversible));
            run.Journal.EndStep(step, StepOutcome.Succeeded, "done");
            run.Journal.RecordStep(new StepResult { Name = "Preflight", Target = "prod", Started = Noon, Outcome = StepOutcome.Failed });
            run.Journal.RecordStep(new StepResult { Name = "Quiet", Target = "prod", Started = Noon, Outcome = StepOutcome.NoChange });
            store.Complete(run, StepOutcome.Failed);
            await run.Notices.FinishAsync(_observer, default);

            Assert.Equal(["RunStarted", "RunStep", "RunRefused", "RunEnded"], _receiver.InOrder.Select(b => (string?)b["event"]));
            Assert.Equal("PromoteReplica: Succeeded", (string?)_receiver.InOrder[1]["title"]);
            Assert.Empty(_observer.Warnings);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public async Task Run_ReceiverThatNeverAnswers_HoldsNothingUpAndIsOneWarning()
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-notices-").FullName;
        try
        {
            _receiver.Silent.Add("silent.test");
            var store = new RunStore(new FileRunStorage(folder), "prod", _time);
            var run = store.Start("westus", FailoverMode.Planned, new RunBefore { Active = "eastus" });
            run.Notices = RunNotices.Begin(Told(new PairNotifications { Webhooks = [new() { Url = "https://silent.test/x" }] }), run, Notifier(), _time);

            // No clock moves here: nothing of this waits for the receiver.
            for (var i = 0; i < 20; i++) run.Journal.RecordStep(new StepResult { Name = "Step", Target = "x", Started = Noon, Outcome = StepOutcome.Succeeded });
            store.Complete(run, StepOutcome.Succeeded);
            Assert.Equal(Noon, _time.GetUtcNow());

            await _time.DriveAsync(run.Notices.FinishAsync(_observer, default));

            Assert.Single(_observer.Warnings);
            Assert.InRange((_time.GetUtcNow() - Noon).TotalSeconds, 3, 5);
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static RegionPair Told(PairNotifications notifications) => Pairs.Create() with { Notifications = notifications };

    private Notifier Notifier() => new(null, _time, () => _receiver);

    private sealed class Receiver : HttpMessageHandler
    {
        public Dictionary<string, JsonNode> Bodies { get; } = [];

        public List<JsonNode> InOrder { get; } = [];

        public Dictionary<string, HttpStatusCode> Answers { get; } = [];

        public HashSet<string> Silent { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Silent.Contains(request.RequestUri!.Host)) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
            lock (Bodies)
            {
                Bodies[request.RequestUri.ToString()] = body;
                InOrder.Add(body);
            }

            return new HttpResponseMessage(Answers.GetValueOrDefault(request.RequestUri.Host, HttpStatusCode.OK));
        }
    }

    private sealed class Listener : IDrObserver
    {
        public List<string> Warnings { get; } = [];

        public void Progress(DrProgress progress)
        {
        }

        public void Verbose(string message)
        {
        }

        public void Warning(string message) => Warnings.Add(message);

        public void Information(string message)
        {
        }
    }
}
