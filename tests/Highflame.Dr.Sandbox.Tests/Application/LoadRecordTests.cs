using System.Text.Json;
using Highflame.Dr.Sandbox.Application;
using Microsoft.Extensions.Time.Testing;

namespace Highflame.Dr.Tests.Application;

public sealed class LoadRecordTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hfdr-test-").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Snapshot_GapBetweenAcknowledgements_IsTheOutage()
    {
        var clock = new Stopclock(_time);
        var path = Path.Combine(_root, "load", "x.jsonl");
        await using (var record = new LoadRecord(path, clock))
        {
            foreach (var (after, server) in new[] { (5, "one"), (10, "one"), (400, "two"), (20, "two") })
            {
                var sent = clock.Now;
                _time.Advance(TimeSpan.FromMilliseconds(after));
                record.Acknowledge($"{server}-{after}", sent, "region", server);
            }

            record.Fail();
            var snapshot = record.Snapshot();

            Assert.Equal((4, 1, true), (snapshot.Acknowledged, snapshot.Failed, snapshot.Running));
            Assert.Equal(0.4, snapshot.OutageSeconds, 6);
            Assert.Equal(snapshot.Started.AddMilliseconds(15), snapshot.OutageStarted);
            Assert.Equal(snapshot.Started.AddMilliseconds(415), snapshot.OutageEnded);
            Assert.Equal([("one", 2L), ("two", 2L)], snapshot.Shares.Select(s => (s.Server, s.Acknowledged)));
        }

        var lines = (await File.ReadAllLinesAsync(path)).Select(l => JsonSerializer.Deserialize(l, ChildJson.Default.AcknowledgedWrite)!.Id);
        Assert.Equal(["one-5", "one-10", "two-400", "two-20"], lines);
    }
}
