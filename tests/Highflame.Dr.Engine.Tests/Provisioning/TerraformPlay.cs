using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Engine.Tests.Provisioning;

/// <summary>
/// A Terraform folder like the users' infra-setup with the resources of their two database modules, at the addresses that 'terraform state list' shows there (recorded-addresses.txt). Terraform is
/// the real one; since no provider is needed for what is asked here, each resource is a terraform_data whose name says what it stands for.
/// </summary>
internal sealed partial class TerraformPlay : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-truce-").FullName;

    public static string[] Recorded { get; } = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Provisioning", "recorded-addresses.txt"));

    /// <summary>The address in this folder of what has that address in the users'.</summary>
    public static string Renamed(string text) => Address().Replace(text, "terraform_data.$1__$2");

    /// <param name="enabled">primary, secondary or none: the module that the folder was applied with.</param>
    public void Start(string enabled)
    {
        foreach (var module in (string[])["postgres_primary", "postgres_secondary"])
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, module)).FullName;
            File.WriteAllText(Path.Combine(folder, "main.tf"), string.Join('\n', Recorded.Select(r => Line().Match(r)).Where(m => m.Groups["module"].Value == module)
                .GroupBy(m => $"{m.Groups["type"].Value}__{m.Groups["name"].Value}").Select(g => Resource(g.Key, [.. g.Select(m => m.Groups["key"].Value)]))));
        }

        File.WriteAllText(Path.Combine(_folder, "main.tf"), """
            variable "enable_postgres_primary" {
              type = bool
            }
            variable "enable_postgres_secondary" {
              type = bool
            }
            module "postgres_primary" {
              count  = var.enable_postgres_primary == true ? 1 : 0
              source = "./postgres_primary"
            }
            module "postgres_secondary" {
              count  = var.enable_postgres_secondary == true ? 1 : 0
              source = "./postgres_secondary"
            }

            """);
        File.WriteAllText(Path.Combine(_folder, "env.auto.tfvars"), $"""
            enable_postgres_primary   = {(enabled == "primary" ? "true" : "false")}
            enable_postgres_secondary = {(enabled == "secondary" ? "true" : "false")}

            """);
        Assert.Equal(0, Run("init", "-no-color", "-input=false").Code);
        if (enabled != "none") Assert.Equal(0, Run("apply", "-auto-approve", "-no-color", "-input=false").Code);
    }

    /// <summary>Whether 'terraform fmt' leaves the files as they are.</summary>
    public (int Code, string Said) Format(string blocks, string variables)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "as-written")).FullName;
        File.WriteAllText(Path.Combine(folder, "hfdr-failover.tf"), blocks);
        File.WriteAllText(Path.Combine(folder, "hfdr-failover.auto.tfvars"), variables);
        return Run("fmt", "-check", "-diff", "as-written");
    }

    public void Write(string blocks, string variables)
    {
        blocks = Renamed(Declared().Replace(blocks, "resource \"terraform_data\" \"$1__$2\" {"));
        File.WriteAllText(Path.Combine(_folder, "hfdr-failover.tf"), Argument().Replace(blocks, ""));
        File.WriteAllText(Path.Combine(_folder, "hfdr-failover.auto.tfvars"), variables);
    }

    public (int Code, string Said) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("terraform") { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        using var process = Process.Start(start)!;
        var wrong = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? said : said + wrong.Result);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static string Resource(string name, string[] keys) =>
        $"resource \"terraform_data\" \"{name}\" {{\n" + (keys switch
        {
            ["0"] => "  count = 1\n  lifecycle {\n    prevent_destroy = true\n  }\n",
            [""] => "",
            _ => $"  for_each = toset([{string.Join(", ", keys)}])\n",
        }) + "}\n";

    [GeneratedRegex("""\b(azurerm_\w+|random_password)\.(\w+)""")]
    private static partial Regex Address();

    [GeneratedRegex("""resource "(azurerm_\w+)" "(\w+)" \{""")]
    private static partial Regex Declared();

    [GeneratedRegex("""^  (name|resource_group_name|location) +=.*\n""", RegexOptions.Multiline)]
    private static partial Regex Argument();

    [GeneratedRegex("""^module\.(?<module>\w+)\[0\]\.(?<type>\w+)\.(?<name>\w+)(\[(?<key>.+)\])?$""")]
    private static partial Regex Line();
}

/// <summary>A theory that needs the terraform program; skipped where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TerraformTheoryAttribute : TheoryAttribute
{
    public TerraformTheoryAttribute() => Skip = new TerraformFactAttribute().Skip;
}
