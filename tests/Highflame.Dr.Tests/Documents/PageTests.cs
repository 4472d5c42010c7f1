using System.Text.RegularExpressions;
using Highflame.Dr.Documentation;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Documents;

/// <summary>The document of the users' two regions, written once; one browser for all tests.</summary>
public sealed class WrittenDocument : IAsyncLifetime
{
    private RehearsalSession? _session;

    public RehearsalSession Session => _session!;

    public string Folder { get; } = Directory.CreateTempSubdirectory("hfdr-document-").FullName;

    public RegionDocument Document { get; private set; } = null!;

    public Chromium? Browser { get; private set; }

    public async Task InitializeAsync()
    {
        _session = new RehearsalSession();
        Document = _session.Shell.Invoke("Export-HfRegionDocument $folder", new { folder = Folder }).One<RegionDocument>();
        if (Chromium.Program is not null) Browser = await Chromium.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _session?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>What Export-HfRegionDocument writes of real regions, and how a browser shows it.</summary>
public sealed partial class PageTests(WrittenDocument written) : IClassFixture<WrittenDocument>
{
    private const string NoBrowser = "No Chromium is in the PATH, and HFDR_CHROMIUM is not set.";
    private static readonly string s_checks = File.ReadAllText(Path.Combine(BuiltModule.RepoRoot, "tests", "Highflame.Dr.Tests", "Documents", "PageChecks.js"));

    [Fact]
    public void Document_OfTheUsersRegions_NamesEveryEndpoint()
    {
        string[] names =
        [
            "highflame-prod-postgres.postgres.database.azure.com", "highflame-prod-dr-postgres.postgres.database.azure.com", "highflame-prod-postgres.privatelink.postgres.database.azure.com",
            "highflame-prod-redis.redis.cache.windows.net", "highflame-prod-dr-redis.privatelink.redis.cache.windows.net", "highflame-prod-db-kv", "highflame-prod-dr-db-kv", "highflame-prod-aks.hcp.eastus.azmk8s.io",
            "highflame-prod-dr-aks.hcp.westus.azmk8s.io", "highflame-prod-eastus.eastus.cloudapp.azure.com", "highflame-prod-dr-westus.westus.cloudapp.azure.com", "highflame-prod-global.trafficmanager.net",
            "highflame-prod-aks-appgw", "10.51.0.0/16", written.Session.Pair.Regions[0].GatewayTarget, written.Session.Pair.Regions[1].GatewayTarget, written.Session.Pair.SubscriptionId,
        ];

        foreach (var text in new[] { File.ReadAllText(written.Document.MarkdownPath!), File.ReadAllText(written.Document.HtmlPath!) })
            Assert.All(names, n => Assert.Contains(n, text, StringComparison.Ordinal));
        Assert.Empty(written.Document.Unread);
        Assert.Equal(("eastus", "westus", 90d, null), (written.Document.Active, written.Document.Passive, written.Document.SwitchSeconds, written.Document.AutomaticSeconds));
        Assert.Equal(["A. Planned failover from eastus to westus", "B. Forced failover from eastus to westus"], written.Document.Procedures);
    }

    [Fact]
    public void Document_Anywhere_HoldsNoSecretAndNothingToAskFor()
    {
        using var sandbox = System.Text.Json.JsonDocument.Parse(File.ReadAllText(written.Session.Sandbox.Path));
        string[] secrets =
        [
            .. new[] { "clientSecret", "controlKey" }.Select(n => sandbox.RootElement.GetProperty(n).GetString()!),
            .. sandbox.RootElement.GetProperty("regions").EnumerateArray().SelectMany(r => r.GetProperty("servers").EnumerateArray()).Select(s => s.GetProperty("password").GetString()!),
        ];
        var html = File.ReadAllText(written.Document.HtmlPath!);

        foreach (var text in new[] { File.ReadAllText(written.Document.MarkdownPath!), html })
        {
            Assert.All(secrets, s => Assert.DoesNotContain(s, text, StringComparison.Ordinal));
            Assert.DoesNotContain("Bearer ey", text, StringComparison.Ordinal);
        }

        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.Empty(Fetches().Matches(html).Select(m => m.Value));
    }

    [Fact]
    public void Document_FileInTheWay_HfDocumentNotWritten()
    {
        var blocked = Path.Combine(written.Folder, "blocked");
        File.WriteAllText(blocked, "");

        var result = written.Session.Shell.Invoke("Export-HfRegionDocument $blocked -Skip Parity, Readiness", new { blocked });

        Assert.Equal(["HfDocumentNotWritten,Highflame.Dr.Commands.ExportHfRegionDocumentCommand"], result.ErrorIds);
    }

    [SkippableTheory]
    [InlineData(1200, false, "screen")]
    [InlineData(1200, true, "screen")]
    [InlineData(390, false, "screen")]
    [InlineData(390, true, "screen")]
    [InlineData(703, false, "print")]
    public async Task Page_InABrowser_IsWholeReadableAndAsksForNothing(int width, bool dark, string media)
    {
        Skip.If(written.Browser is null, NoBrowser);
        await using var tab = await written.Browser.OpenAsync(written.Document.HtmlPath!, width, dark, media);

        var problems = (await tab.EvaluateAsync(s_checks))!.AsArray().Select(p => (string)p!).ToArray();

        Assert.True(problems.Length == 0, string.Join("\n", problems));
        Assert.Equal([new Uri(written.Document.HtmlPath!).AbsoluteUri], tab.Requests.Where(r => !r.StartsWith("data:", StringComparison.Ordinal)));
        Assert.Empty(tab.Complaints);
        if (Environment.GetEnvironmentVariable("HFDR_PICTURES") is { Length: > 0 } pictures)
            await tab.ScreenshotAsync(Path.Combine(Directory.CreateDirectory(pictures).FullName, $"{width}-{(dark ? "dark" : "light")}-{media}.png"));
    }

    [SkippableFact]
    public async Task Page_Printed_HasEachProcedureOnAPageOfItsOwn()
    {
        Skip.If(written.Browser is null, NoBrowser);
        await using var tab = await written.Browser.OpenAsync(written.Document.HtmlPath!, 703, media: "print");

        var pdf = await tab.PrintAsync();
        var breaks = await tab.EvaluateAsync("[...document.querySelectorAll('.page')].every(p => getComputedStyle(p).breakBefore === 'page') ? document.querySelectorAll('.page').length : -1");
        var split = await tab.EvaluateAsync("[...document.querySelectorAll('.step')].every(s => getComputedStyle(s).breakInside === 'avoid')");

        Assert.Equal("%PDF"u8.ToArray(), pdf[..4]);
        // The runbook's first page and its four procedures.
        Assert.Equal(5, (int)breaks!);
        Assert.True((bool)split!);
        if (Environment.GetEnvironmentVariable("HFDR_PICTURES") is { Length: > 0 } pictures) await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(pictures).FullName, "print.pdf"), pdf);
    }

    [GeneratedRegex("""(src|srcset|data|poster|action)=["'](?!data:)|url\((?!["']?(#|data:))|@import|<link(?![^>]*href="data:)""")]
    private static partial Regex Fetches();
}
