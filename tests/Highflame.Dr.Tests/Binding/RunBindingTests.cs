using Highflame.Dr.Evidence;
using Highflame.Dr.Execution;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Runs, their evidence and what they lost, by name, by pipeline object and by property name.</summary>
public sealed class RunBindingTests : CmdletBindingTests
{
    [Theory]
    [InlineData("Get-HfRun")]
    [InlineData("Get-HfRun run-* -Pair highflame-prod")]
    [InlineData("Get-HfRun -Id run-1 -Unfinished")]
    [InlineData("$pair | Get-HfRun")]
    [InlineData("[pscustomobject]@{ Pair = 'highflame-prod' } | Get-HfRun")]
    public void GetHfRun_EachWay_ShowsThePairsRuns(string script)
    {
        Engine.Runs.AddRange([Samples.RunStatus, Samples.RunStatus with { Id = "other", Hold = RunHold.Ended }]);

        Assert.Contains(Invoke(script, new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") }).EnsureNoErrors().As<RunStatus>(), r => r.Id == "run-1");
        Assert.Equal("highflame-prod", Engine.Last<RegionPair>("GetRuns").Name);
    }

    [Fact]
    public void GetHfRun_UnknownId_HfRunNotFoundAndTheOthersAreShown()
    {
        Engine.Runs.Add(Samples.RunStatus);

        var result = Invoke("Get-HfRun no-such, run-1");

        Assert.Equal(["HfRunNotFound,Highflame.Dr.Commands.GetHfRunCommand"], result.ErrorIds);
        Assert.Single(result.As<RunStatus>());
    }

    [Theory]
    [InlineData("Get-HfLostWrite", null)]
    [InlineData("Get-HfLostWrite -Pair highflame-prod -OldPrimary highflame-prod-postgres", "highflame-prod-postgres")]
    [InlineData("$pair | Get-HfLostWrite", null)]
    [InlineData("[pscustomobject]@{ OldPrimaryResourceId = 'highflame-prod-postgres' } | Get-HfLostWrite", "highflame-prod-postgres")]
    public void GetHfLostWrite_EachWay_NamesPairAndOldPrimary(string script, string? oldPrimary)
    {
        Assert.Equal(2, Invoke(script, new { pair = Samples.Pair("highflame-prod", "/pairs/highflame-prod.json") }).EnsureNoErrors().As<LostWrite>().Length);

        var request = Engine.Last<LostWriteRequest>("FindLostWrites");
        Assert.Equal(("highflame-prod", oldPrimary), (request.Pair.Name, request.OldPrimary));
    }

    [Fact]
    public void ExportHfLostWrite_ManyFromThePipeline_WritesOneFile()
    {
        var export = Invoke("Get-HfLostWrite | Export-HfLostWrite -Path /out/lost.jsonl").One<LostWriteExport>();

        Assert.Equal("/out/lost.jsonl", export.Path);
        Assert.Equal(Samples.PrimaryName, Engine.Last<(LostWriteRequest, string)>("ExportLostWrites").Item1.OldPrimary);
        Assert.Empty(Invoke("Export-HfLostWrite -Path /out/lost.jsonl -WhatIf").EnsureNoErrors().Output);
    }

    [Theory]
    [InlineData("Export-HfLostWrite", "/runs/lost-writes.jsonl")]
    [InlineData("Get-HfLostWrite | Export-HfLostWrite https://a.blob.core.windows.net/c/lost.jsonl", "https://a.blob.core.windows.net/c/lost.jsonl")]
    public void ExportHfLostWrite_WithoutAPathOrToABlob_LeavesThePlaceToTheEngine(string script, string place) => Assert.Equal(place, Invoke(script).One<LostWriteExport>().Path);

    [Theory]
    [InlineData("Get-HfLostWrite -Pair https://a.blob.core.windows.net/pairs/other.json", "FindLostWrites")]
    [InlineData("Get-HfRun -Pair https://a.blob.core.windows.net/pairs/other.json", "GetRuns")]
    public void Pair_AddressOfABlob_IsFetched(string script, string method)
    {
        Invoke(script).EnsureNoErrors();

        var request = Engine.Calls.Last(c => c.Method == method).Request;
        Assert.Equal("other", request is LostWriteRequest lost ? lost.Pair.Name : ((RegionPair)request!).Name);
    }

    [Theory]
    [InlineData("Test-HfEvidence https://a.blob.core.windows.net/c/runs/x/evidence.json", true)]
    [InlineData("$run | Test-HfEvidence", true)]
    [InlineData("Test-HfEvidence HTTPS://a.blob.core.windows.net/c/changed.json", false)]
    public void TestHfEvidence_AddressOfABlob_IsReadThere(string script, bool intact)
    {
        var check = Invoke(script, new { run = Samples.RunStatus with { JournalPath = "https://a.blob.core.windows.net/c/journal.jsonl" } }).One<EvidenceCheck>();

        Assert.Equal((intact, Engine.Last<Uri>("CheckEvidence").ToString()), (check.Intact, check.Path));
    }

    [Fact]
    public void ExportHfEvidence_ToABlob_GivesItsAddressToTheEngine() =>
        Assert.Equal("https://a.blob.core.windows.net/c/e.json", Invoke("$run | Export-HfEvidence https://a.blob.core.windows.net/c/e.json", new { run = Samples.Run }).One<RunEvidence>().Path);

    [Theory]
    [InlineData("Test-HfEvidence $path")]
    [InlineData("Test-HfEvidence -JournalPath $path")]
    [InlineData("$path | Test-HfEvidence")]
    [InlineData("$run | Test-HfEvidence")]
    [InlineData("$evidence | Test-HfEvidence")]
    [InlineData("[System.IO.FileInfo]::new($path) | Test-HfEvidence")]
    [InlineData("Test-HfEvidence no-such.jsonl, $path -ErrorAction SilentlyContinue")]
    public void TestHfEvidence_EachWay_ChecksTheFile(string script)
    {
        var path = Path.GetTempFileName();
        try
        {
            var variables = new { path, run = Samples.RunStatus with { JournalPath = path }, evidence = Samples.Evidence with { Path = path } };

            Assert.Equal(path, Invoke(script, variables).As<EvidenceCheck>().Single().Path);
            Assert.True(Invoke(script + " -Quiet", variables).As<bool>().Single());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void TestHfEvidence_FileThatIsNotThere_HfEvidenceNotFound() =>
        Assert.Equal(["HfEvidenceNotFound,Highflame.Dr.Commands.TestHfEvidenceCommand"], Invoke("Test-HfEvidence no-such.jsonl").ErrorIds);

    [Theory]
    [InlineData("Export-HfEvidence /out/e.json")]
    [InlineData("$run | Export-HfEvidence -Path /out/e.json")]
    [InlineData("Export-HfEvidence -Run $run -Pair highflame-prod -Path /out/e.json")]
    public void ExportHfEvidence_AnyWay_WritesIt(string script)
    {
        Invoke("$null = Start-HfRun westus; $null = Complete-HfRun").EnsureNoErrors();

        var evidence = Invoke(script, new { run = Samples.Run }).One<RunEvidence>();

        Assert.Equal(("run-1", "/out/e.json"), (evidence.RunId, evidence.Path));
    }

    [Theory]
    [InlineData("Export-HfDrillReport planned /out/d.json -Evidence $evidence -Load $load")]
    [InlineData("$evidence | Export-HfDrillReport -Scenario planned -Load $load -Path /out/d.json")]
    public void ExportHfDrillReport_AnyWay_WritesIt(string script)
    {
        var report = Invoke(script, new { evidence = Samples.Evidence, load = Samples.Load }).One<DrillReport>();

        Assert.Equal(("planned", "/out/d.json"), (report.Scenario, report.Path));
    }
}
