namespace Highflame.Dr.Hosting;

/// <summary>
/// Loads <c>deps/Highflame.Dr.Engine.dll</c> on first need and hands out its composition root. The engine holds no state, so one serves the whole process;
/// whatever belongs to a session is in <see cref="RunspaceState"/>.
/// </summary>
internal static class EngineHost
{
    private const string RootType = "Highflame.Dr.Engine.DrEngine";

    private static readonly object Gate = new();
    private static volatile IDrEngine? _engine;

    /// <summary>The engine, loaded now if it was not. Errors: HfEngineNotLoaded.</summary>
    public static IDrEngine Engine
    {
        get
        {
            if (_engine is { } loaded) return loaded;
            lock (Gate) return _engine ??= Load();
        }
    }

    /// <summary>True once the engine's assembly is in the process.</summary>
    public static bool IsLoaded => _engine is not null;

    private static IDrEngine Load()
    {
        string path = Path.Combine(Path.GetDirectoryName(typeof(EngineHost).Assembly.Location)!, "deps", "Highflame.Dr.Engine.dll");
        try
        {
            var type = new EngineLoadContext(path).LoadFromAssemblyPath(path).GetType(RootType, throwOnError: true)!;
            return (IDrEngine)Activator.CreateInstance(type)!;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or InvalidOperationException or MissingMethodException or InvalidCastException)
        {
            throw new DrException(
                "HfEngineNotLoaded",
                DrErrorKind.OperationFailed,
                $"The engine could not be loaded: {e.Message}",
                path,
                "Install the module again: its deps folder is incomplete.",
                e);
        }
    }
}
