using System.Reflection;
using System.Runtime.Loader;

namespace Highflame.Dr.Hosting;

/// <summary>
/// Load context of the engine and its packages, so that they live beside Az.* modules of any version. Only the vocabulary (Highflame.Dr.Model) and the
/// base library are shared with the cmdlets; everything that the engine's own deps.json names is loaded from <c>deps/</c>.
/// </summary>
internal sealed class EngineLoadContext : AssemblyLoadContext
{
    private static readonly Assembly Model = typeof(IDrEngine).Assembly;

    private readonly AssemblyDependencyResolver _resolver;

    public EngineLoadContext(string enginePath)
        : base("Highflame.Dr.Engine") => _resolver = new AssemblyDependencyResolver(enginePath);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == Model.GetName().Name) return Model;
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;
}
