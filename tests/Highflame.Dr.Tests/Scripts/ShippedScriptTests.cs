namespace Highflame.Dr.Tests.Scripts;

/// <summary>Every shipped script parses and calls only what exists, with parameters that exist and go together.</summary>
public sealed class ShippedScriptTests(CallableCommands commands) : IClassFixture<CallableCommands>
{
    [Fact]
    public void Scripts_ForBareEngine_CallOnlyWhatExists()
    {
        var checker = new ScriptCallChecker(commands.ByName);

        var faults = ShippedScripts.ForBareEngine().SelectMany(path => checker.Check(path, File.ReadAllText(path))).ToList();

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact]
    public void Scripts_ForPwsh_CallOurCmdletsAsTheyAre()
    {
        var checker = new ScriptCallChecker(commands.ByName, foreignAllowed: true);

        var faults = ShippedScripts.ForPwsh().SelectMany(path => checker.Check(path, File.ReadAllText(path))).ToList();

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Theory]
    [InlineData("Get-HfContext", null)]
    [InlineData("Get-HfContext -ErrorAction Ignore", null)]
    [InlineData("Get-HfContext -Nonesuch 1", "has no parameter -Nonesuch")]
    [InlineData("Get-HfNothing", "is not a core command")]
    [InlineData("Get-ChildItem", "is not a core command")]
    [InlineData("Connect-HfAzure -Identity -ClientId x", null)]
    [InlineData("Connect-HfAzure -Identity -DeviceCode", "no parameter set of Connect-HfAzure takes this call")]
    [InlineData("Connect-HfAzure -ClientId x", "no parameter set of Connect-HfAzure takes this call")]
    [InlineData("Connect-HfAzure -Sandbox", "-Sandbox has no value")]
    [InlineData("Import-HfRegionPair", "needs -Path")]
    [InlineData("Import-HfRegionPair ./a.json", null)]
    [InlineData("Import-HfRegionPair ./a.json ./b.json", "takes 1 values by position, 2 are given")]
    [InlineData("$p = @{ Path = 'x' }; Import-HfRegionPair @p", null)]
    [InlineData("$p = @{ Pfad = 'x' }; Import-HfRegionPair @p", "has no parameter -Pfad")]
    [InlineData("Write-Error -Message x -Category Nonsense", "'Nonsense' is none of")]
    [InlineData("1..3 | ForEach-Object { Where-Object -NoSuch }", "has no parameter -NoSuch")]
    [InlineData("if (", "Missing")]
    [InlineData("$r = [IO.Path]::Combine($PSScriptRoot, 'Invoke-HfDrill.ps1'); & $r -OutputPath x", null)]
    [InlineData("$r = [IO.Path]::Combine($PSScriptRoot, 'Invoke-HfDrill.ps1'); & $r -Out x", "Invoke-HfDrill.ps1 has no parameter -Out")]
    public void Check_OfOneLine_FindsItsFault(string line, string? fault)
    {
        var found = new ScriptCallChecker(commands.ByName).Check("test.ps1", line);

        if (fault is null)
            Assert.Empty(found);
        else
            Assert.Contains(found, text => text.Contains(fault, StringComparison.Ordinal) && text.StartsWith("test.ps1:1:", StringComparison.Ordinal));
    }
}
