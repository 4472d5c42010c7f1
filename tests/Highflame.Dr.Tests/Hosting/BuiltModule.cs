using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Highflame.Dr.Tests.Hosting;

/// <summary>The module as the build laid it out. The test assembly's own references to the cmdlets and the Model resolve to these very files.</summary>
public static class BuiltModule
{
    /// <summary>The repository's root: the nearest folder above with the solution.</summary>
    public static string RepoRoot { get; } = FindRoot();

    /// <summary>artifacts/module/Highflame.Dr/&lt;version&gt;.</summary>
    public static string Directory { get; } = FindLayout();

    public static string Manifest => Path.Combine(Directory, "Highflame.Dr.psd1");

    public static string Deps => Path.Combine(Directory, "deps");

    public static string SandboxProgram => Path.Combine(RepoRoot, "artifacts", "sandbox", "Highflame.Dr.Sandbox.dll");

#pragma warning disable CA2255 // The references must resolve before any test class is loaded.
    [ModuleInitializer]
    internal static void Initialize()
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            name.Name is "Highflame.Dr" or "Highflame.Dr.Model"
                ? context.LoadFromAssemblyPath(Path.Combine(FindLayout(), name.Name + ".dll"))
                : null;
    }
#pragma warning restore CA2255

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Highflame.Dr.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No Highflame.Dr.sln above {AppContext.BaseDirectory}.");
    }

    private static string FindLayout()
    {
        // The test assembly has the version of the whole solution.
        string version = typeof(BuiltModule).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        string path = Path.Combine(FindRoot(), "artifacts", "module", "Highflame.Dr", version);
        return System.IO.Directory.Exists(path) ? path : throw new DirectoryNotFoundException($"The module is not laid out in {path}: build the solution first.");
    }
}
