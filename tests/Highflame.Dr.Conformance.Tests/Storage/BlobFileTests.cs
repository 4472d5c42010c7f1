using System.Net.Http.Headers;
using System.Text;
using Azure.Storage.Blobs.Specialized;
using Highflame.Dr.Engine.Evidence;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Engine.Loss;
using Highflame.Dr.Engine.Tests.Support;
using Highflame.Dr.Engine.Topology;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Conformance.Tests.Storage;

/// <summary>What a machine without a disk of its own keeps and reads as single blobs: pair files, evidence, lost writes; against Microsoft's emulator.</summary>
[Collection("azurite")]
public sealed class BlobFileTests(AzuriteProcess azurite)
{
    private readonly Uri _container = azurite.Missing is null ? azurite.NewContainer() : azurite.Account;

    [SkippableFact]
    public async Task Pair_WithItsRunsInAContainer_IsReadAndNamesItsAddress()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await UploadAsync("pairs/prod.json", "\uFEFF" + PairFile($"{_container}/dr"));

        var pair = await new PairBlob(Blobs()).ReadAsync(At("pairs/prod.json"), CancellationToken.None);

        Assert.Equal(("highflame-prod", At("pairs/prod.json").ToString(), $"{_container}/dr"), (pair.Name, pair.Path, pair.RunStore));
    }

    [SkippableFact]
    public async Task Pair_ThatCannotBeRead_SaysWhyAndNeverShowsAQuery()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await UploadAsync("prod.json", PairFile($"{_container}/dr"));

        Assert.Equal(DrErrorKind.NotFound, (await NotReadAsync(Blobs(), At("no-such.json"), "BlobNotFound (HTTP 404)")).Kind);
        Assert.Equal(DrErrorKind.NotFound, (await NotReadAsync(Blobs(), new Uri($"{azurite.Account}devstoreaccount1/no-such/prod.json"), "ContainerNotFound (HTTP 404)")).Kind);
        await NotReadAsync(Blobs(), _container, "names a container");
        await NotReadAsync(Blobs(inner => new Unreachable(inner)), At("prod.json"), "No route to host");
        var refused = await NotReadAsync(Blobs(inner => new ForeignToken(inner)), At("prod.json?sig=secret"), "(HTTP 403)");
        Assert.Equal(DrErrorKind.PermissionDenied, refused.Kind);
        Assert.DoesNotContain("secret", $"{refused.Target} {refused.Message}", StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("no JSON at all", "this is not JSON")]
    [InlineData("{\"name\":\"x\"}", "subscriptionId")]
    [InlineData(null, "runStore is a folder")]
    public async Task Pair_ThatIsNoPairFile_IsMalformedWithItsPlace(string? text, string told)
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await UploadAsync("prod.json", text ?? PairFile("runs"));

        var error = await Assert.ThrowsAsync<DrException>(() => new PairBlob(Blobs()).ReadAsync(At("prod.json"), CancellationToken.None));

        Assert.Equal(("HfPairFileMalformed", At("prod.json").ToString()), (error.ErrorId, error.Target));
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData("audit/e.json")]
    public async Task Evidence_OfARunInAContainer_IsKeptThereAndProvenByItsAddress(string? name)
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        var store = Store();
        var handle = store.Start("westus", FailoverMode.Forced, new RunBefore { Active = "eastus" });
        handle.Journal.RecordFact("note", new { Words = "kept" });
        var run = store.Complete(handle, StepOutcome.Succeeded);

        var evidence = await new EvidenceExport(null, store, TimeProvider.System, new Silent(), blobs: Blobs()).WriteAsync(run, Pairs.Create(), name is null ? null : At(name).ToString(), CancellationToken.None);

        Assert.Equal(name is null ? $"{_container}/dr/prod/runs/{run.Id}/evidence.json" : At(name).ToString(), evidence.Path);
        var check = await EvidenceVerification.CheckAsync(Blobs(), new Uri(evidence.Path!), CancellationToken.None);
        Assert.Equal((true, "Evidence", run.Id, 3), (check.Intact, check.Kind, check.RunId, check.ProvenLines));
        var journal = await EvidenceVerification.CheckAsync(Blobs(), new Uri(run.JournalPath), CancellationToken.None);
        Assert.Equal((true, "Journal", check.LastHash), (journal.Intact, journal.Kind, journal.LastHash));

        await UploadAsync("changed.json", (await TextAsync(evidence.Path!)).Replace("kept", "bent", StringComparison.Ordinal));
        Assert.False((await EvidenceVerification.CheckAsync(Blobs(), At("changed.json"), CancellationToken.None)).Intact);
    }

    [SkippableFact]
    public async Task Evidence_BlobThatCannotBeWrittenOrRead_SaysWhichRoleItTakes()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        var store = Store();
        var run = store.Complete(store.Start("westus", FailoverMode.Forced, new RunBefore()), StepOutcome.Succeeded);
        Task WriteAsync(string path, BlobFiles? blobs) => new EvidenceExport(null, store, TimeProvider.System, new Silent(), blobs: blobs).WriteAsync(run, Pairs.Create(), path, CancellationToken.None);
        var nowhere = $"{azurite.Account}devstoreaccount1/no-such/e.json";

        var unwritten = await Assert.ThrowsAsync<DrException>(() => WriteAsync(nowhere, Blobs()));
        Assert.Equal("HfEvidenceNotWritten", unwritten.ErrorId);
        Assert.Contains("Storage Blob Data Contributor", unwritten.NextStep, StringComparison.Ordinal);
        Assert.Equal(DrErrorKind.PermissionDenied, (await Assert.ThrowsAsync<DrException>(() => WriteAsync(At("e.json").ToString(), Blobs(inner => new ForeignToken(inner))))).Kind);
        Assert.Equal("HfNotConnected", (await Assert.ThrowsAsync<DrException>(() => WriteAsync(At("e.json").ToString(), null))).ErrorId);

        var unread = await Assert.ThrowsAsync<DrException>(() => EvidenceVerification.CheckAsync(Blobs(), new Uri(nowhere), CancellationToken.None));
        Assert.Equal("HfEvidenceNotFound", unread.ErrorId);
        Assert.Contains("Storage Blob Data Reader", unread.NextStep, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Salvage_IntoABlob_IsSeenOnlyWhenItIsWholeAndReplacesAnOlderOne()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await UploadAsync("lost.jsonl", "older");
        string[] lines = [.. Enumerable.Range(0, 300).Select(n => $"{{\"row\":{n},\"value\":\"naïve ✓\"}}")];

        await using (var given = new SalvageInBlob(Block("lost.jsonl"), blockSize: 1000)) foreach (var line in lines) await given.WriteLineAsync(line, CancellationToken.None);
        Assert.Equal("older", await TextAsync(At("lost.jsonl").ToString()));

        // Two at once, whose blocks must not mix.
        await using var first = new SalvageInBlob(Block("lost.jsonl"), blockSize: 1000);
        await using var second = new SalvageInBlob(Block("lost.jsonl"), blockSize: 700);
        foreach (var line in lines)
        {
            await first.WriteLineAsync(line, CancellationToken.None);
            await second.WriteLineAsync("not this", CancellationToken.None);
        }

        await first.CompleteAsync(CancellationToken.None);

        Assert.Equal(At("lost.jsonl").ToString(), first.Location);
        Assert.Equal(string.Concat(lines.Select(l => l + "\n")), await TextAsync(first.Location));
    }

    [SkippableFact]
    public async Task Salvage_IntoABlobThatCannotBeWritten_IsHfSalvageNotWritten()
    {
        Skip.If(azurite.Missing is not null, azurite.Missing);
        await using var place = new SalvageInBlob(new BlobFiles(u => azurite.Open(u)).Open(new Uri($"{azurite.Account}devstoreaccount1/no-such/lost.jsonl")), blockSize: 10);

        var error = await Assert.ThrowsAsync<DrException>(() => place.WriteLineAsync("a line that fills the block", CancellationToken.None));

        Assert.Equal("HfSalvageNotWritten", error.ErrorId);
        Assert.Contains("ContainerNotFound (HTTP 404)", error.Message, StringComparison.Ordinal);
    }

    private static async Task<DrException> NotReadAsync(BlobFiles blobs, Uri at, string why)
    {
        var error = await Assert.ThrowsAsync<DrException>(() => new PairBlob(blobs).ReadAsync(at, CancellationToken.None));
        Assert.Equal("HfPairFileNotFound", error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains("Storage Blob Data Reader", error.NextStep, StringComparison.Ordinal);
        return error;
    }

    private static string PairFile(string runStore) => $$"""
        {
          "name": "highflame-prod",
          "subscriptionId": "00000000-0000-0000-0000-000000000001",
          "regions": [
            { "location": "East US", "resourceGroup": "highflame-prod-rg", "gatewayTarget": "20.1.1.1" },
            { "location": "westus", "resourceGroup": "highflame-prod-dr-rg", "gatewayTarget": "gw.westus.cloudapp.azure.com" }
          ],
          "traffic": { "profileId": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/trafficManagerProfiles/global", "endpointName": "e" },
          "health": { "hostName": "control.example.com" },
          "objectives": {},
          "runStore": "{{runStore}}"
        }
        """;

    private Uri At(string name) => new($"{_container}/{name}");

    private BlobFiles Blobs(Func<HttpMessageHandler, HttpMessageHandler>? wrap = null) => new(u => azurite.Open(u, wrap));

    private BlockBlobClient Block(string name) => Blobs().Open(At(name));

    private RunStore Store() => new(new BlobRunStorage(At("dr"), "prod", u => azurite.Open(u)), "prod", TimeProvider.System);

    private Task UploadAsync(string name, string text) => azurite.Open(_container).GetBlobClient(name).UploadAsync(BinaryData.FromString(text), overwrite: true);

    private async Task<string> TextAsync(string at) => Encoding.UTF8.GetString(await Blobs().ReadAsync(new Uri(at), CancellationToken.None));

    /// <summary>Comes with a token that the service does not take: as a principal without a role.</summary>
    private sealed class ForeignToken(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "e30.e30.e30");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Unreachable(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new HttpRequestException("No route to host");
    }

    private sealed class Silent : IDrObserver
    {
        public void Progress(DrProgress progress)
        {
        }

        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Information(string message)
        {
        }
    }
}
