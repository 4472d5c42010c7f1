using System.Diagnostics;
using System.Management.Automation;
using System.Reflection;
using Highflame.Dr.Tests.Hosting;
using Xunit.Abstractions;

namespace Highflame.Dr.Tests;

/// <summary>The module as it was built and laid out: what it exports and what it loads.</summary>
public class ModuleTests(ITestOutputHelper output)
{
    internal static readonly Type[] Cmdlets =
        [.. typeof(DrCmdlet).Assembly.GetExportedTypes().Where(t => t.GetCustomAttribute<CmdletAttribute>() is not null)];

    [Fact]
    public void Import_FreshRunspace_ExportsExactlyTheReflectedCmdlets()
    {
        using var shell = new HostedShell();

        var exported = shell.Invoke("(Get-Module -Name Highflame.Dr).ExportedCommands.Keys").EnsureNoErrors().As<string>();

        var reflected = Cmdlets.Select(t => t.GetCustomAttribute<CmdletAttribute>()!).Select(a => $"{a.VerbName}-{a.NounName}");
        Assert.Equal(reflected.Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Import_FreshRunspace_GivesNoWarning()
    {
        using var shell = new HostedShell(import: false);
        var clock = Stopwatch.StartNew();

        var result = shell.Invoke("Import-Module -Name $manifest", new { manifest = BuiltModule.Manifest });

        output.WriteLine($"import took {clock.Elapsed.TotalMilliseconds:0} ms");
        result.EnsureNoErrors();
        Assert.Empty(result.Warnings);
    }
}
