using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Highflame.Dr.HelpGen;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Packaging;

/// <summary>The packed module keeps Azure Automation's rules, and works from where it was unpacked in a process that has only what an Automation worker has.</summary>
public sealed class PackTests(PackedModule packed, Xunit.Abstractions.ITestOutputHelper output) : IClassFixture<PackedModule>
{
    [Fact]
    public void Zip_Unpacked_KeepsAutomationsRules()
    {
        Assert.True(new FileInfo(packed.Zip).Length < 100_000_000);
        using var zip = ZipFile.OpenRead(packed.Zip);
        Assert.All(zip.Entries, e => Assert.StartsWith($"Highflame.Dr/{packed.Version}/", e.FullName, StringComparison.Ordinal));
        Assert.All(zip.Entries, e => Assert.InRange(e.FullName.Length, 1, 139));
        Assert.Equal(Relative(BuiltModule.Directory), Relative(packed.Module));
        Assert.Equal([packed.Version], Directory.GetDirectories(Path.Combine(packed.Unpacked, "Highflame.Dr")).Select(Path.GetFileName));
        // A file that is neither managed code nor text would be for one processor.
        var extensions = Relative(packed.Module).Select(f => Path.GetExtension(f)).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(["", ".bicep", ".dll", ".json", ".pdb", ".ps1", ".ps1xml", ".psd1", ".txt", ".xml"], extensions);
        foreach (var assembly in Directory.GetFiles(packed.Module, "*.dll", SearchOption.AllDirectories))
        {
            using var reader = new PEReader(File.OpenRead(assembly));
            Assert.True(reader.HasMetadata, assembly);
            // PowerShell 7.4 is .NET 8.
            var references = reader.GetMetadataReader();
            foreach (var runtime in references.AssemblyReferences.Select(references.GetAssemblyReference).Where(r => references.GetString(r.Name) == "System.Runtime")) Assert.InRange(runtime.Version.Major, 0, 8);
        }
    }

    [Fact]
    public void Package_OfAGallery_HasTheModuleAtItsRootAndItsCommandsAsTags()
    {
        using var package = ZipFile.OpenRead(packed.Package);
        var content = package.Entries.Select(e => e.FullName).Where(n => n is not ("[Content_Types].xml" or "Highflame.Dr.nuspec") && !n.StartsWith("_rels/", StringComparison.Ordinal) && !n.StartsWith("package/", StringComparison.Ordinal));
        Assert.Equal(Relative(packed.Module), content.Order(StringComparer.Ordinal));
        using var stream = package.GetEntry("Highflame.Dr.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata").Elements().ToDictionary(e => e.Name.LocalName, e => e.Value);
        Assert.Equal(("Highflame.Dr", packed.Version, "MIT"), (metadata["id"], metadata["version"], metadata["license"]));
        var tags = metadata["tags"].Split(' ');
        foreach (var tag in (string[])["PSModule", "PSEdition_Core", "PSIncludes_Cmdlet", "PSCmdlet_Start-HfRun", "PSCommand_Start-HfRun"]) Assert.Contains(tag, tags);
    }

    [Fact]
    public void Pack_OfWhatAutomationRefuses_SaysEachAndWritesNothing()
    {
        var folder = Directory.CreateDirectory(Path.Combine(packed.Root, "bad", "Highflame.Dr", packed.Version)).FullName;
        File.Copy(Path.Combine(packed.Module, "Highflame.Dr.psd1"), Path.Combine(folder, "Highflame.Dr.psd1"));
        var deep = Directory.CreateDirectory(Path.Combine(folder, new string('d', 60), new string('e', 60))).FullName;
        File.WriteAllText(Path.Combine(deep, "long-enough.txt"), "");
        File.WriteAllText(Path.Combine(folder, "helper.so"), "");
        // A program for Windows without managed code in it: the DOS header, and the PE header of nothing.
        File.WriteAllBytes(Path.Combine(folder, "native.dll"), NativeImage());
        var nowhere = Path.Combine(packed.Root, "bad", "out");

        var refused = Assert.Throws<HelpProblemsException>(() => ModulePackage.Write(folder, nowhere, Path.Combine(nowhere, "x.nuspec")));

        Assert.Equal(["helper.so", "long-enough.txt", "native.dll"], refused.Problems.Select(p => Path.GetFileName(p.File)).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(nowhere));
    }

    [Fact]
    public void Zip_OfTheSameModule_IsTheSameToTheByte()
    {
        var again = Path.Combine(packed.Root, "again");

        ModulePackage.Write(BuiltModule.Directory, again, Path.Combine(again, "x.nuspec"));

        Assert.Equal(File.ReadAllBytes(packed.Zip), File.ReadAllBytes(Path.Combine(again, "Highflame.Dr.zip")));
    }

    [Fact]
    public void PlannedDrill_FromTheUnpackedModuleInAnAutomationLikeProcess_LosesNothing()
    {
        using var session = new RehearsalSession();
        session.Shell.Invoke("$null = Set-HfTrafficProfile -Ttl 1 -Confirm:$false; $null = Start-HfSandboxLoad -Sandbox $path", new { path = session.Sandbox.Path }).EnsureNoErrors();
        session.WaitForWrites("eastus", 300);

        var worker = AutomationWorker.Run(packed, session.Sandbox, """
            $ended = & ([IO.Path]::Combine((Get-Module Highflame.Dr).ModuleBase, 'Runbooks', 'Start-HfFailover.ps1')) -PairPath $pairPath -To westus -Sandbox $sandbox
            $evidence = [System.Text.Json.Nodes.JsonNode]::Parse([IO.File]::ReadAllText($ended.Evidence))
            "> code $($ended.ExitCode)"; "> outcome $($ended.Outcome)"; "> lossless $($evidence['zeroLossProven'])"; "> module $((Get-Module Highflame.Dr).ModuleBase)"; "> $((Get-HfContext).Credential)"
            """);

        output.WriteLine($"{worker.PeakBytes / 1e6:0} MB at most");
        // The runbook has shown its plan before.
        Assert.Equal(["> code 0", "> outcome Succeeded", "> lossless true", $"> module {packed.Module}", "> ManagedIdentity"], worker.Lines.Where(l => l.StartsWith('>')));
        session.WaitForWrites("westus", 100);
        var load = session.Shell.Invoke("Stop-HfSandboxLoad -Sandbox $path", new { path = session.Sandbox.Path }).One<Highflame.Dr.Rehearsal.LoadReport>();
        Assert.Equal((0L, 0L), (load.Lost, load.AcceptedByOldPrimary));
        worker.AssertKeptWithinItsSandbox();
    }

    private static List<string> Relative(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static byte[] NativeImage()
    {
        var image = new byte[0x400];
        "MZ"u8.CopyTo(image);
        image[0x3c] = 0x80;
        "PE\0\0"u8.CopyTo(image.AsSpan(0x80));
        BitConverter.TryWriteBytes(image.AsSpan(0x84), (ushort)0x8664);
        BitConverter.TryWriteBytes(image.AsSpan(0x94), (ushort)0xf0);
        BitConverter.TryWriteBytes(image.AsSpan(0x98), (ushort)0x20b);
        BitConverter.TryWriteBytes(image.AsSpan(0x98 + 108), 16);
        return image;
    }
}
