namespace Highflame.Dr.Shell.Tests;

public sealed class ModuleLocationTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hf-shell-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Find_FromAFolderBelow_TakesTheNewestVersion()
    {
        Manifest("0.9.0");
        var newest = Manifest("0.10.0");
        var below = Directory.CreateDirectory(Path.Combine(_root, "src", "deep")).FullName;

        Assert.Equal(newest, ModuleLocation.Find(below));
    }

    [Fact]
    public void Find_NothingBuilt_IsNull()
    {
        Directory.CreateDirectory(Path.Combine(_root, "artifacts", "module", "Highflame.Dr", "0.1.0"));

        Assert.Null(ModuleLocation.Find(_root));
    }

    private string Manifest(string version)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "artifacts", "module", "Highflame.Dr", version)).FullName;
        var path = Path.Combine(folder, "Highflame.Dr.psd1");
        File.WriteAllText(path, "@{}");
        return path;
    }
}
