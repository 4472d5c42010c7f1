using System.Diagnostics;
using Highflame.Dr.Engine.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Provisioning;

public sealed class TfVarsTests
{
    [Fact]
    public void ToString_AllKindsOfValues_IsAsTerraformFmtWritesIt()
    {
        Assert.Equal(
            """
            # What it is for.
            enable = true
            name   = "with \"quotes\", a \\ and $${no} %%{template}"
            count  = 3
            zones  = ["1", "2"]
            common_tags = {
              ManagedBy   = "Terraform"
              "with dots" = "x"
            }
            last = "one"
            pools = [
              {
                name               = "general"
                aks_node_vm_size   = "Standard_D4as_v6"
                aks_node_priority  = "Regular"
                aks_node_min_count = 3
                aks_node_max_count = 6
              },
            ]

            """.ReplaceLineEndings("\n"), Sample());
    }

    [TerraformFact]
    public void ToString_CheckedByTerraform_IsFormattedAndValid()
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-tf-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "env.auto.tfvars"), Sample());
            Assert.Equal((0, ""), Terraform(folder, "fmt", "-check", "-diff"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static string Sample()
    {
        var file = new TfVars();
        file.Comment("What it is for.");
        file.Add("enable", true);
        file.Add("name", "with \"quotes\", a \\ and ${no} %{template}");
        file.Add("count", 3);
        file.List("zones", ["1", "2"]);
        file.Map("common_tags", new SortedDictionary<string, string>(StringComparer.Ordinal) { ["ManagedBy"] = "Terraform", ["with dots"] = "x" });
        file.Add("last", "one");
        file.Pools("pools", [new PairNodePool { Name = "general", Mode = "User", Size = "Standard_D4as_v6", Count = 3, Min = 3, Max = 6 }]);
        return file.ToString();
    }

    private static (int ExitCode, string Said) Terraform(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("terraform") { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}

/// <summary>A test that needs the terraform program; skipped where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerraformFactAttribute : FactAttribute
{
    public TerraformFactAttribute()
    {
        var name = OperatingSystem.IsWindows() ? "terraform.exe" : "terraform";
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, name)))) Skip = "Terraform is not on this machine.";
    }
}
