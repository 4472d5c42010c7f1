using System.Collections;
using System.IO.Compression;
using System.Management.Automation.Language;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Highflame.Dr.HelpGen;

/// <summary>
/// The built module as it is handed out: a zip that Azure Automation and Expand-Archive take (<c>Highflame.Dr/&lt;version&gt;/...</c>), and the nuspec of a gallery's package. What breaks a rule of
/// Automation is not written.
/// </summary>
internal static class ModulePackage
{
    /// <summary>Automation takes no file with a longer path.</summary>
    public const int LongestPath = 139;

    /// <summary>Automation takes no larger module.</summary>
    public const long LargestZip = 100_000_000;

    /// <summary>Azure Automation's newest runtime, PowerShell 7.4, is .NET 8.</summary>
    private static readonly Version s_newestRuntime = new(8, 0);

    private static readonly string[] s_programs = [".exe", ".so", ".dylib", ".com", ".bat", ".cmd", ".sh"];

    /// <param name="module">Folder of the built module, named by its version, with the manifest in it.</param>
    /// <param name="output">Folder for <c>&lt;name&gt;.zip</c>.</param>
    /// <param name="nuspec">Path of the nuspec.</param>
    /// <returns>The paths that were written.</returns>
    /// <exception cref="HelpProblemsException">The module breaks a rule.</exception>
    public static IReadOnlyList<string> Write(string module, string output, string nuspec)
    {
        module = Path.TrimEndingDirectorySeparator(module);
        var version = Path.GetFileName(module);
        var manifestPath = Directory.EnumerateFiles(module, "*.psd1").Single();
        var name = Path.GetFileNameWithoutExtension(manifestPath);
        var manifest = ReadManifest(manifestPath);
        var files = Directory.EnumerateFiles(module, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(module, f).Replace('\\', '/')).Order(StringComparer.Ordinal).ToList();
        var problems = files.SelectMany(f => Problems(module, f, $"{name}/{version}/{f}")).ToList();
        if ((string)manifest["ModuleVersion"]! != version) problems.Add(new(manifestPath, 1, $"the version is {manifest["ModuleVersion"]}, and the folder's name is {version}"));

        Directory.CreateDirectory(output);
        var zip = Path.Combine(output, name + ".zip");
        if (problems.Count == 0)
        {
            Zip(module, files, $"{name}/{version}/", zip);
            var length = new FileInfo(zip).Length;
            if (length >= LargestZip) problems.Add(new(zip, 1, $"{length} bytes; Azure Automation takes less than {LargestZip}"));
        }

        if (problems.Count > 0) throw new HelpProblemsException(problems);
        Directory.CreateDirectory(Path.GetDirectoryName(nuspec)!);
        Nuspec(name, version, manifest).Save(nuspec);
        return [zip, nuspec];
    }

    /// <summary>A manifest is data: literals only, nothing is run.</summary>
    private static Hashtable ReadManifest(string path)
    {
        var script = Parser.ParseFile(path, out _, out var errors);
        return errors.Length == 0 && script.Find(node => node is HashtableAst, false) is HashtableAst table
            ? (Hashtable)table.SafeGetValue()
            : throw new HelpProblemsException([new(path, 1, "not a module manifest")]);
    }

    private static IEnumerable<HelpProblem> Problems(string module, string file, string packed)
    {
        var path = Path.Combine(module, file);
        if (packed.Length > LongestPath) yield return new(path, 1, $"its path in the module is {packed.Length} characters long; Azure Automation takes {LongestPath}");
        if (s_programs.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) yield return new(path, 1, "a program or native library; Azure Automation's sandbox runs none");
        if (Path.GetExtension(file).Equals(".dll", StringComparison.OrdinalIgnoreCase) && AssemblyProblem(path) is { } problem) yield return new(path, 1, problem);
    }

    /// <summary>Null for managed code of every processor that .NET 8 runs.</summary>
    private static string? AssemblyProblem(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        if (!reader.HasMetadata || reader.PEHeaders.CorHeader is not { } header) return "a native library; Azure Automation's sandbox runs none";
        var metadata = reader.GetMetadataReader();
        // Precompiled (ready-to-run) code is managed code too, and says so by a native header.
        if (!header.Flags.HasFlag(CorFlags.ILOnly) && header.ManagedNativeHeaderDirectory.Size == 0) return "has native code in it; Azure Automation's sandbox runs none";
        var runtime = metadata.AssemblyReferences.Select(metadata.GetAssemblyReference).Where(r => metadata.GetString(r.Name) == "System.Runtime").Select(r => r.Version).FirstOrDefault();
        return runtime?.Major > s_newestRuntime.Major ? $"needs .NET {runtime.Major}; PowerShell 7.4 is .NET {s_newestRuntime.Major}" : null;
    }

    /// <summary>The same files give the same bytes: sorted, and without their times.</summary>
    private static void Zip(string module, IReadOnlyList<string> files, string root, string path)
    {
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var file in files)
        {
            var entry = zip.CreateEntry(root + file, CompressionLevel.Optimal);
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var content = entry.Open();
            using var source = File.OpenRead(Path.Combine(module, file));
            source.CopyTo(content);
        }
    }

    /// <summary>What PowerShellGet writes when it publishes: the module at the package's root, its commands as tags.</summary>
    private static XDocument Nuspec(string name, string version, Hashtable manifest)
    {
        XNamespace ns = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";
        var data = (Hashtable)((Hashtable)manifest["PrivateData"]!)["PSData"]!;
        var cmdlets = Words(manifest["CmdletsToExport"]);
        string[] tags = ["PSModule", .. Words(data["Tags"]), "PSIncludes_Cmdlet", .. cmdlets.Select(c => "PSCmdlet_" + c), .. cmdlets.Select(c => "PSCommand_" + c)];
        return new XDocument(new XElement(
            ns + "package",
            new XElement(
                ns + "metadata",
                new XElement(ns + "id", name),
                new XElement(ns + "version", version),
                new XElement(ns + "authors", manifest["Author"]),
                new XElement(ns + "requireLicenseAcceptance", "false"),
                new XElement(ns + "license", new XAttribute("type", "expression"), "MIT"),
                new XElement(ns + "description", manifest["Description"]),
                new XElement(ns + "copyright", manifest["Copyright"]),
                new XElement(ns + "tags", string.Join(' ', tags.Distinct(StringComparer.Ordinal)))),
            new XElement(ns + "files", new XElement(ns + "file", new XAttribute("src", "**"), new XAttribute("target", "")))));
    }

    private static string[] Words(object? value) => value is IEnumerable list and not string ? [.. list.Cast<object>().Select(o => o.ToString()!)] : value is string one ? [one] : [];
}
