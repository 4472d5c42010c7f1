namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>Where Microsoft's API documents lie: HFDR_SPECS, or shared/reference/specs beside the repository. A user's clone has none.</summary>
internal static class Specs
{
    private static readonly Lazy<string?> s_root = new(Find);

    public static string? Root => s_root.Value;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("HFDR_SPECS") is { Length: > 0 } named) return Directory.Exists(named) ? named : null;
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Highflame.Dr.sln"))) folder = folder.Parent;
        var beside = folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "reference", "specs") : null;
        return Directory.Exists(beside) ? beside : null;
    }
}

/// <summary>A test that needs Microsoft's API documents; skipped where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SpecsFactAttribute : FactAttribute
{
    public SpecsFactAttribute()
    {
        if (Specs.Root is null) Skip = "Microsoft's API documents are not here (HFDR_SPECS, or ../shared/reference/specs).";
    }
}

/// <summary>A theory that needs Microsoft's API documents; skipped where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SpecsTheoryAttribute : TheoryAttribute
{
    public SpecsTheoryAttribute()
    {
        if (Specs.Root is null) Skip = "Microsoft's API documents are not here (HFDR_SPECS, or ../shared/reference/specs).";
    }
}
