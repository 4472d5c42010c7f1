using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Tests.Postgres;

public sealed class PostgresInstallationTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hfdr-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Find_VariableSet_WinsOverPath()
    {
        var (named, path) = (Programs("named"), Programs("path"));

        Assert.Equal(named, PostgresInstallation.Find(Environment(named, path), []).Bin);
    }

    [Fact]
    public void Find_VariableWithoutPrograms_SaysSo()
    {
        var missing = Assert.Throws<InvalidOperationException>(() => PostgresInstallation.Find(Environment(_root, Programs("path")), []));

        Assert.Contains("HFDR_PG_BIN", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_OnlyInAnInstallFolder_TakesTheFirst()
    {
        var folder = Programs("17");

        Assert.Equal(folder, PostgresInstallation.Find(Environment(null, _root), [Path.Combine(_root, "absent"), folder, Programs("16")]).Bin);
    }

    [Fact]
    public void Find_Nowhere_SaysHowToInstall()
    {
        var missing = Assert.Throws<InvalidOperationException>(() => PostgresInstallation.Find(Environment(null, null), []));

        Assert.Contains("apt-get install postgresql", missing.Message, StringComparison.Ordinal);
    }

    private static Func<string, string?> Environment(string? named, string? path) => name => name switch
    {
        PostgresInstallation.Variable => named,
        "PATH" => path,
        _ => null,
    };

    private string Programs(string folder)
    {
        var path = Directory.CreateDirectory(Path.Combine(_root, folder)).FullName;
        foreach (var program in new[] { "postgres", "initdb", "pg_basebackup" }) File.WriteAllText(Path.Combine(path, OperatingSystem.IsWindows() ? program + ".exe" : program), "");
        return path;
    }
}
