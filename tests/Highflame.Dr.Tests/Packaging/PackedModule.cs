using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Packaging;

/// <summary>What <c>build.ps1 Pack</c> makes, made once and unpacked for the tests of it.</summary>
public sealed class PackedModule : IDisposable
{
    public PackedModule()
    {
        Root = Directory.CreateTempSubdirectory("hfdr-pack-").FullName;
        Version = Path.GetFileName(BuiltModule.Directory);
        var project = Path.Combine(BuiltModule.RepoRoot, "src", "Highflame.Dr.HelpGen");
        var configuration = typeof(PackedModule).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["msbuild", project, "-nologo", "-nodeReuse:false", "-t:PackModule", $"-p:Configuration={configuration}", $"-p:PackDir={Root}/"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, said);
        // As the shell looks for a built module: below the folder it is started in.
        Unpacked = Path.Combine(Root, "artifacts", "module");
        ZipFile.ExtractToDirectory(Zip, Unpacked);
    }

    public string Root { get; }

    public string Version { get; }

    public string Zip => Path.Combine(Root, "Highflame.Dr.zip");

    public string Package => Path.Combine(Root, $"Highflame.Dr.{Version}.nupkg");

    public string Unpacked { get; }

    public string Module => Path.Combine(Unpacked, "Highflame.Dr", Version);

    public void Dispose() => Directory.Delete(Root, true);
}
