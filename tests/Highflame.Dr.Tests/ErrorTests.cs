using System.Management.Automation;
using System.Reflection;
using Highflame.Dr.Errors;
using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests;

/// <summary>Errors are a contract: id, category, target, next step, and whether the pipeline goes on.</summary>
public class ErrorTests
{
    private static readonly string[] Calls =
    [
        "Export-HfRegionDocument /out",
        "Get-HfContext", "Get-HfRegionPair", "Get-HfDbServer", "Get-HfReplication x", "Get-HfLostWrite", "Export-HfLostWrite /out/x.jsonl", "Test-HfWriter", "Invoke-HfDbFailover x", "New-HfReadReplica x -Location eastus",
        "Get-HfTrafficProfile", "Set-HfTrafficProfile -Ttl 1", "Get-HfTrafficEndpoint", "Set-HfTrafficEndpoint -Location westus", "Test-HfHealth", "Test-HfReadiness westus", "Set-HfRegionCapacity -Location westus",
        "Test-HfTrafficRoute", "Get-HfOperation a", "Wait-HfOperation $op", "Start-HfRun westus", "Complete-HfFence", "Watch-HfRegionPair -Once", "New-HfRegion eastus", "Test-HfRegionSupport", "Export-HfTerraformVariable westus", "Export-HfTerraformImport westus",
        "Export-HfRegionSnapshot eastus /out/eastus.json", "Sync-HfSecret", "Set-HfTag",
        "Set-HfDbBinding -Location westus", "Copy-HfDbSetting x", "Unlock-HfResource", "Lock-HfResource", "Get-HfVirtualEndpoint", "New-HfVirtualEndpoint hf", "Set-HfVirtualEndpoint /e x", "Register-HfAlert $alert",
    ];

    public static TheoryData<string> ConnectedCalls => new(Calls);

    [Theory]
    [MemberData(nameof(ConnectedCalls))]
    public void ConnectedCmdlet_NoConnection_HfNotConnected(string script)
    {
        using var session = new FakeSession(connect: false);
        session.Engine.Journaled.Add(Samples.Operation("a"));
        script = script.Replace("Wait-HfOperation $op", "Wait-HfOperation -InputObject $op", StringComparison.Ordinal);

        var result = session.Invoke(script, new { op = Samples.Operation("a"), alert = Samples.Alert });

        var error = Assert.Single(result.Errors);
        Assert.StartsWith("HfNotConnected,Highflame.Dr.Commands.", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal("Run Connect-HfAzure first.", error.ErrorDetails.RecommendedAction);
        Assert.DoesNotContain(session.Engine.Methods, m => m.StartsWith("Get", StringComparison.Ordinal) && m != "GetJournaledOperations");
    }

    [Theory]
    [InlineData("Test-HfEvidence https://a.blob.core.windows.net/c/evidence.json")]
    [InlineData("Import-HfRegionPair https://a.blob.core.windows.net/c/prod.json")]
    [InlineData("Get-HfRun -Pair https://a.blob.core.windows.net/c/prod.json")]
    public void BlobAddress_NoConnection_HfNotConnected(string script)
    {
        using var session = new FakeSession(connect: false);

        Assert.StartsWith("HfNotConnected,", Assert.Single(session.Invoke(script).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void ConnectedCalls_AllConnectedCmdlets_AreCovered()
    {
        var connected = ModuleTests.Cmdlets.Where(t => t.IsSubclassOf(typeof(DrConnectedCmdlet))).Select(t => t.GetCustomAttribute<CmdletAttribute>()!).Select(a => $"{a.VerbName}-{a.NounName}");

        Assert.Equal(connected.Order(StringComparer.Ordinal), Calls.Select(c => c.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void GetHfContext_NoConnectionAndErrorsIgnored_GivesNothing()
    {
        using var session = new FakeSession(connect: false);

        Assert.True(session.Invoke("$ErrorActionPreference = 'Stop'; -not (Get-HfContext -ErrorAction Ignore)").One<bool>());
    }

    [Theory]
    [InlineData(DrErrorKind.InvalidArgument, ErrorCategory.InvalidArgument, false)]
    [InlineData(DrErrorKind.NotFound, ErrorCategory.ObjectNotFound, false)]
    [InlineData(DrErrorKind.InvalidState, ErrorCategory.InvalidOperation, false)]
    [InlineData(DrErrorKind.ConnectionFailed, ErrorCategory.ConnectionError, true)]
    [InlineData(DrErrorKind.AuthenticationFailed, ErrorCategory.AuthenticationError, true)]
    [InlineData(DrErrorKind.PermissionDenied, ErrorCategory.PermissionDenied, false)]
    [InlineData(DrErrorKind.ResourceBusy, ErrorCategory.ResourceBusy, false)]
    [InlineData(DrErrorKind.TimedOut, ErrorCategory.OperationTimeout, false)]
    [InlineData(DrErrorKind.OperationFailed, ErrorCategory.InvalidResult, false)]
    [InlineData(DrErrorKind.MalformedData, ErrorCategory.InvalidData, false)]
    public void EngineError_EachKind_IsItsCategoryAndEndsThePipelineOrNot(DrErrorKind kind, ErrorCategory category, bool ends)
    {
        using var session = new FakeSession();
        session.Engine.On = (method, request, _, _) =>
            method == "GetServers" && ((DbServerQuery)request!).ResourceId == "bad"
                ? throw new DrException("HfSomething", kind, "It went wrong.", "the-resource", "Do this next.")
                : Task.CompletedTask;

        var result = session.Invoke("[pscustomobject]@{ ResourceId = 'bad' }, $good | Get-HfDbServer -ThrottleLimit 1", new { good = Samples.Primary });

        var error = Assert.Single(result.Errors);
        Assert.Equal("HfSomething,Highflame.Dr.Commands.GetHfDbServerCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal("the-resource", error.TargetObject);
        Assert.Equal("It went wrong.", error.ToString());
        Assert.Equal("Do this next.", error.ErrorDetails.RecommendedAction);
        Assert.Equal(ends ? 0 : 1, result.Output.Count);
    }

    [Fact]
    public void Error_InPowerShellsOwnView_ShowsTheNextStepOnce()
    {
        using var session = new FakeSession();
        session.Engine.On = (_, _, _, _) => throw new DrException("HfSomething", DrErrorKind.NotFound, "It went wrong.", "the-resource", "Do this next.");

        var shown = session.Shell.Invoke("$ErrorView = 'ConciseView'; Get-HfDbServer 2>&1", throughHost: true);

        var text = string.Join("\n", shown.ErrorLines.Concat(shown.Lines));
        Assert.Contains("It went wrong.", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("Do this next.").Length);
    }

    [Fact]
    public void Error_WhereTheViewShowsNoRecommendation_HasTheNextStepInItsMessage()
    {
        var record = DrErrors.ToRecord(new DrException("HfSomething", DrErrorKind.NotFound, "It went wrong.", null, "Do this next."), viewShowsAction: false);

        Assert.Equal("It went wrong. Do this next.", record.ErrorDetails.Message);
        Assert.Equal("Do this next.", record.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Category_EveryKind_IsMapped() =>
        Assert.DoesNotContain(ErrorCategory.NotSpecified, Enum.GetValues<DrErrorKind>().Select(DrErrors.Category));

    [Fact]
    public void EngineError_OfAnyOtherType_HfUnexpected()
    {
        using var session = new FakeSession();
        session.Engine.On = (_, _, _, _) => throw new FormatException("odd");

        var error = Assert.Single(session.Invoke("Get-HfDbServer").Errors);

        Assert.Equal("HfUnexpected,Highflame.Dr.Commands.GetHfDbServerCommand", error.FullyQualifiedErrorId);
        Assert.Contains("FormatException: odd", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void GetHfDbServer_UnknownName_HfServerNotFoundAndTheOthersGoOn()
    {
        using var session = new FakeSession();

        var result = session.Invoke("Get-HfDbServer highflame-prod-postgres, nobody, highflame-prod-dr-postgres");

        Assert.Equal(["HfServerNotFound,Highflame.Dr.Commands.GetHfDbServerCommand"], result.ErrorIds);
        Assert.Equal([Samples.PrimaryName, Samples.ReplicaName], result.As<DbServer>().Select(s => s.Name));
    }

    [Theory]
    [InlineData("Get-HfDbServer -Pair nobody", "HfPairNotFound,Highflame.Dr.Commands.GetHfDbServerCommand")]
    [InlineData("Get-HfDbServer -Pair /pairs/bad.json", "HfPairFileMalformed,Highflame.Dr.Commands.GetHfDbServerCommand")]
    [InlineData("Import-HfRegionPair /pairs/bad.json", "HfPairFileMalformed,Highflame.Dr.Commands.ImportHfRegionPairCommand")]
    [InlineData("Get-HfRegionPair nobody", "HfPairNotFound,Highflame.Dr.Commands.GetHfRegionPairCommand")]
    [InlineData("Start-HfRun mars", "HfLocationNotInPair,Highflame.Dr.Commands.StartHfRunCommand")]
    [InlineData("Set-HfDbBinding -Location mars", "HfLocationNotInPair,Highflame.Dr.Commands.SetHfDbBindingCommand")]
    [InlineData("Set-HfRegionCapacity -Location mars", "HfLocationNotInPair,Highflame.Dr.Commands.SetHfRegionCapacityCommand")]
    [InlineData("Test-HfHealth -Location mars", "HfLocationNotInPair,Highflame.Dr.Commands.TestHfHealthCommand")]
    [InlineData("Complete-HfRun", "HfNoRun,Highflame.Dr.Commands.CompleteHfRunCommand")]
    [InlineData("Export-HfEvidence", "HfNoRun,Highflame.Dr.Commands.ExportHfEvidenceCommand")]
    [InlineData("Export-HfEvidence -Run $other", "HfPairNotFound,Highflame.Dr.Commands.ExportHfEvidenceCommand")]
    [InlineData("Get-HfSandboxLoad", "HfSandboxRequired,Highflame.Dr.Commands.GetHfSandboxLoadCommand")]
    public void BadInput_EachWay_HasItsOwnErrorId(string script, string id)
    {
        using var session = new FakeSession();

        Assert.Equal([id], session.Invoke(script, new { other = Samples.Run with { Pair = "other" } }).ErrorIds);
        Assert.DoesNotContain(session.Engine.Methods, m => m.StartsWith("Execute", StringComparison.Ordinal) || m == "StartRun");
    }

    [Theory]
    [InlineData("Test-HfHealth", 0)]
    [InlineData("Test-HfHealth", 2)]
    [InlineData("Start-HfRun westus", 0)]
    [InlineData("Get-HfTrafficEndpoint", 2)]
    public void PairNeeded_NoneOrTwoImported_HfPairRequired(string script, int imported)
    {
        using var session = new FakeSession(importPair: false);
        for (int i = 0; i < imported; i++) session.Invoke($"Import-HfRegionPair /pairs/p{i}.json").EnsureNoErrors();

        Assert.StartsWith("HfPairRequired,", Assert.Single(session.Invoke(script).ErrorIds), StringComparison.Ordinal);
    }

    [Fact]
    public void ImportHfRegionPair_OneBadFile_TheOthersAreImported()
    {
        using var session = new FakeSession(importPair: false);

        var result = session.Invoke("'/pairs/a.json', '/pairs/bad.json', '/pairs/c.json' | Import-HfRegionPair");

        Assert.Equal(["a", "c"], result.As<RegionPair>().Select(p => p.Name));
        Assert.Single(result.Errors);
    }
}
