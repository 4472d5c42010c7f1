using System.Collections.Concurrent;
using Highflame.Dr.Hosting;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Fakes;

/// <summary>
/// A module folder whose sessions all play on one fake engine, for scripts that import the module into sessions of their own: the built cmdlets and the shipped runbooks under a manifest that hands each
/// session the engine.
/// </summary>
internal sealed class UnderstudyModule : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-understudy-").FullName;
    private readonly string _key = Guid.NewGuid().ToString("N");

    public UnderstudyModule(FakeEngine engine)
    {
        Understudies.Add(_key, engine);
        var runbooks = Directory.CreateDirectory(Path.Combine(_folder, "Runbooks")).FullName;
        foreach (var script in Directory.GetFiles(Path.Combine(BuiltModule.Directory, "Runbooks"))) File.Copy(script, Path.Combine(runbooks, Path.GetFileName(script)));
        File.WriteAllText(Path.Combine(_folder, "Highflame.Dr.psm1"), $"[{typeof(Understudies).FullName}]::Enter('{_key}')\nExport-ModuleMember -Cmdlet *");
        File.WriteAllText(Manifest, $"@{{ ModuleVersion = '0.0.1'; RootModule = 'Highflame.Dr.psm1'; NestedModules = @('{Path.Combine(BuiltModule.Directory, "Highflame.Dr.dll")}'); CmdletsToExport = '*' }}");
    }

    public string Manifest => Path.Combine(_folder, "Highflame.Dr.psd1");

    public string Runbook(string name) => Path.Combine(_folder, "Runbooks", name);

    public void Dispose()
    {
        Understudies.Remove(_key);
        Directory.Delete(_folder, true);
    }
}

/// <summary>Called by the manifests of <see cref="UnderstudyModule"/>, each with its own key.</summary>
public static class Understudies
{
    private static readonly ConcurrentDictionary<string, FakeEngine> s_engines = new(StringComparer.Ordinal);

    /// <summary>The session that this is called in works with that engine from now on.</summary>
    public static void Enter(string key) => RunspaceState.Current.Engine = s_engines[key];

    internal static void Add(string key, FakeEngine engine) => s_engines[key] = engine;

    internal static void Remove(string key) => s_engines.TryRemove(key, out _);
}
