using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Highflame.Dr.Sandbox.Application;
using Highflame.Dr.Sandbox.Processes;
using Highflame.Dr.Tests.Support;
using static Highflame.Dr.Tests.Support.SandboxFiles;

namespace Highflame.Dr.Tests.Application;

/// <summary>Everything together: clients, DNS, gateways, applications, databases, in processes of their own.</summary>
[Collection(RealProcesses.Name)]
public sealed class EndToEndTests
{
    [Fact]
    public async Task PlannedMove_FencedAndCaughtUp_LosesNothing()
    {
        await using var sandbox = await RealSandbox.StartAsync(regions: true);
        var (parts, west) = (sandbox.Parts, sandbox.Layout.Region("westus").GatewayAddress.ToString());
        using var client = new GatewayClient(sandbox);
        await Eventually.TrueAsync(async () => (await client.HealthAsync("eastus")).Role == "Primary", "eastus serves");
        await Eventually.TrueAsync(async () => (await client.HealthAsync("westus")).Role == "Replica", "westus is healthy beside it");

        await ApplicationAnswersAsItShould(client);
        await LoadIsUnderWayAsync(sandbox, "eastus");
        await parts.Databases.SetParameterAsync(Primary, "default_transaction_read_only", "on", CancellationToken.None);
        await sandbox.ExecuteAsync(Primary, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'highflame' AND pid <> pg_backend_pid()", Administrator);
        await parts.Databases.PromoteAsync(Replica, waitForReplay: true, CancellationToken.None);
        sandbox.Publish(west);
        await Eventually.TrueAsync(async () => (await parts.Load.GetAsync(CancellationToken.None)).Shares.Any(s => s is { Region: "westus", Acknowledged: > 50 }), "writes in westus");
        var report = await parts.Load.StopAsync(CancellationToken.None);

        Assert.Equal((0L, 0L, Replica, false), (report.Lost, report.AcceptedByOldPrimary, report.CountedIn, report.Running));
        Assert.Equal([("eastus", Primary), ("westus", Replica)], report.Shares.Select(s => (s.Region, s.Server)));
        Assert.Equal(report.Acknowledged, report.Shares.Sum(s => s.Acknowledged));
        Assert.InRange(report.OutageSeconds, 0.001, 5);
        Assert.Equal(report, await parts.Load.GetAsync(CancellationToken.None));
        await HealthSwitchIsSeenByTheGateway(sandbox, client);
    }

    [Fact]
    public async Task RegionLost_WritesHeldBackByTheLink_AreCountedAsLost()
    {
        await using var sandbox = await RealSandbox.StartAsync(regions: true);
        var parts = sandbox.Parts;
        using var client = new GatewayClient(sandbox);
        await LoadIsUnderWayAsync(sandbox, "eastus");
        parts.Links.Set("eastus", "westus", new LinkSettings(LatencyMilliseconds: 400));
        var before = (await parts.Load.GetAsync(CancellationToken.None)).Acknowledged;
        await Eventually.TrueAsync(async () => (await parts.Load.GetAsync(CancellationToken.None)).Acknowledged > before + 50, "writes over the slow link");

        await Task.WhenAll(parts.Databases.CrashAsync(Primary, CancellationToken.None), parts.Regions.KillAsync("eastus", CancellationToken.None));
        Assert.Contains(new RegionState("eastus", false, false, false), parts.Regions.GetStates());
        await parts.Databases.PromoteAsync(Replica, waitForReplay: false, CancellationToken.None);
        sandbox.Publish(sandbox.Layout.Region("westus").GatewayAddress.ToString());
        await Eventually.TrueAsync(async () => (await parts.Load.GetAsync(CancellationToken.None)).Shares.Any(s => s is { Region: "westus", Acknowledged: > 20 }), "writes in westus");
        var report = await parts.Load.StopAsync(CancellationToken.None);

        Assert.True(report.Lost > 0, "the link held acknowledged writes back");
        var record = Directory.GetFiles(Path.Combine(sandbox.Layout.Root, "load"), "*.lost.jsonl");
        Assert.Equal(report.Lost, (await File.ReadAllLinesAsync(Assert.Single(record))).Length);
        Assert.Equal((Replica, 0L), (report.CountedIn, report.AcceptedByOldPrimary));

        await parts.Databases.StartAsync(Primary, CancellationToken.None);
        await parts.Regions.StartAsync("eastus", CancellationToken.None);
        await Eventually.TrueAsync(async () => (await client.HealthAsync("eastus")).Status == "healthy", "eastus is back");
    }

    [Fact]
    public async Task Secrets_EmptyOrWrong_BreakTheRegionsApplicationUntilARestartWithGoodOnes()
    {
        await using var sandbox = await RealSandbox.StartAsync(regions: true);
        var (secrets, regions, west) = (sandbox.Azure.Secrets, sandbox.Parts.Regions, sandbox.Layout.Region("westus"));
        const string Vault = "highflame-prod-dr-db-kv";
        using var http = new HttpClient { BaseAddress = new Uri($"http://{west.ApplicationAddress}:{west.ApplicationPort}/") };
        async Task<string> HealthAsync() => await (await http.GetAsync(new Uri("healthz", UriKind.Relative))).Content.ReadAsStringAsync();
        await Eventually.TrueAsync(async () => (await HealthAsync()).Contains("\"healthy\"", StringComparison.Ordinal), "westus serves");

        secrets.Set(Vault, "password", "");
        Assert.Contains("\"healthy\"", await HealthAsync(), StringComparison.Ordinal);
        await regions.RestartApplicationAsync("westus", CancellationToken.None);
        await Eventually.TrueAsync(async () => (await HealthAsync()).Contains("of highflame-prod-dr-db-kv.vault.azure.net is empty", StringComparison.Ordinal), "the empty password is told");

        secrets.Set(Vault, "password", "wrong");
        await regions.RestartApplicationAsync("westus", CancellationToken.None);
        await Eventually.TrueAsync(async () => (await HealthAsync()).Contains("28P01", StringComparison.Ordinal), "the database refuses the wrong password");

        secrets.Set(Vault, "password", sandbox.Layout.ApplicationPassword);
        await regions.RestartApplicationAsync("westus", CancellationToken.None);
        await Eventually.TrueAsync(async () => (await HealthAsync()).Contains("\"healthy\"", StringComparison.Ordinal), "westus serves again");
    }

    [Fact]
    public async Task KillOfTheSandbox_LeavesNothingBehind()
    {
        var start = OwnProgram.Detached(Environment.ProcessPath!);
        foreach (var argument in new[] { "exec", typeof(EndToEndTests).Assembly.Location, "host" }) start.ArgumentList.Add(argument);
        using var host = System.Diagnostics.Process.Start(start)!;
        var line = (await host.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)))?.Split(' ');
        Assert.True(line is { Length: 2 }, await (line is null ? host.StandardError.ReadToEndAsync() : Task.FromResult("")));
        var (network, root) = (byte.Parse(line![0], System.Globalization.CultureInfo.InvariantCulture), line[1]);
        var register = new ProcessRegister(ProcessRegister.Under(root));
        // Reaper, load, two applications, two gateways, two servers.
        Assert.Equal(8, register.Living().Count);

        host.Kill();

        await Eventually.TrueAsync(() => Task.FromResult(register.Living().Count == 0 && Listening(network).Count == 0), "no process and no port");
        Assert.Empty(Directory.GetDirectories(root, "postgres"));
        Directory.Delete(root, recursive: true);
    }

    private static async Task ApplicationAnswersAsItShould(GatewayClient client)
    {
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("eastus", "/livez")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("eastus", "/v1/entries/unknown")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync("eastus", "", "x")).StatusCode);
        using var first = await client.PostAsync("eastus", "order-1", "one");
        using var again = await client.PostAsync("eastus", "order-1", "another");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, again.StatusCode));
        using var written = JsonDocument.Parse(await first.Content.ReadAsStringAsync());
        Assert.Equal((Primary, "eastus"), (written.RootElement.GetProperty("server").GetString(), written.RootElement.GetProperty("region").GetString()));
        using var read = JsonDocument.Parse(await (await client.GetAsync("eastus", "/v1/entries/order-1")).Content.ReadAsStringAsync());
        Assert.Equal("one", read.RootElement.GetProperty("value").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.PostAsync("westus", "order-2", "x")).StatusCode);
    }

    private static async Task HealthSwitchIsSeenByTheGateway(RealSandbox sandbox, GatewayClient client)
    {
        await sandbox.Parts.Regions.SetHealthFailingAsync("westus", true, CancellationToken.None);
        await Eventually.TrueAsync(async () => (await client.GetAsync("westus", "/livez")).StatusCode == HttpStatusCode.ServiceUnavailable, "the gateway takes the application out");
        await sandbox.Parts.Regions.SetHealthFailingAsync("westus", false, CancellationToken.None);
        await Eventually.TrueAsync(async () => (await client.GetAsync("westus", "/livez")).StatusCode == HttpStatusCode.OK, "the gateway takes the application back");
        await sandbox.Parts.Regions.SetGatewayAsync("westus", false, CancellationToken.None);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("westus", "/livez"));
    }

    private static async Task LoadIsUnderWayAsync(RealSandbox sandbox, string location)
    {
        sandbox.Publish(sandbox.Layout.Region(location).GatewayAddress.ToString());
        await sandbox.Parts.Load.StartAsync(4, 5, CancellationToken.None);
        await Eventually.TrueAsync(async () => (await sandbox.Parts.Load.GetAsync(CancellationToken.None)).Acknowledged > 100, "100 writes");
    }

    private static List<IPEndPoint> Listening(byte network)
    {
        var properties = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties();
        return [.. properties.GetActiveTcpListeners().Concat(properties.GetActiveUdpListeners()).Where(e => e.Address.GetAddressBytes() is [127, var second, ..] && second == network)];
    }
}
