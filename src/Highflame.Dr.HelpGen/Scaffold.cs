using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;

namespace Highflame.Dr.HelpGen;

/// <summary>
/// Keeps the pages in step with the built cmdlets: writes a page for a cmdlet that has none, and rewrites the SYNTAX section and the yaml
/// blocks of the others. Words that a person wrote stay as they are. Texts of new pages come from the doc comments in the source.
/// </summary>
internal static class Scaffold
{
    /// <param name="module">The module's manifest or its cmdlet assembly.</param>
    /// <returns>One line for each page that changed.</returns>
    public static IReadOnlyList<string> Pages(string module, string pagesFolder)
    {
        var changed = new List<string>();
        Directory.CreateDirectory(pagesFolder);
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        foreach (var command in Cmdlets(runspace, module))
        {
            var path = Path.Combine(pagesFolder, command.Name + ".md");
            var before = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : null;
            var contract = CmdletContract.Of(command);
            var after = before is null ? NewPage(contract) : Refresh(before, contract);
            if (after == before)
                continue;
            File.WriteAllText(path, after);
            changed.Add($"{(before is null ? "new" : "refreshed")} {path}");
        }

        return changed;
    }

    private static List<CmdletInfo> Cmdlets(Runspace runspace, string module)
    {
        using var shell = PowerShell.Create(runspace);
        var imported = shell.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("PassThru").AddParameter("ErrorAction", "Stop").Invoke<PSModuleInfo>().Single();
        return imported.ExportedCmdlets.Values.OrderBy(command => command.Name, StringComparer.Ordinal).ToList();
    }

    private static string NewPage(CmdletContract contract) => $$$"""
        ---
        external help file: Highflame.Dr.dll-Help.xml
        Module Name: Highflame.Dr
        online version:
        schema: 2.0.0
        ---

        # {{{contract.Name}}}

        ## SYNOPSIS
        {{{contract.Summary}}}

        ## SYNTAX

        {{{Syntax(contract)}}}

        ## DESCRIPTION
        {{{contract.Remarks}}}

        ## EXAMPLES

        ### Example 1: {{ Title }}
        ```powershell
        {{{contract.Name}}}
        ```

        {{ What the example does and shows }}

        ## PARAMETERS

        {{{Parameters(contract, [])}}}

        ## INPUTS

        {{{string.Join("\n\n", contract.Inputs.DefaultIfEmpty("None").Select(type => type == "None" ? "### None\nNothing comes from the pipeline." : $"### {type}\n{{{{ What it is taken as }}}}"))}}}

        ## OUTPUTS

        {{{string.Join("\n\n", contract.Outputs.DefaultIfEmpty("None").Select(type => type == "None" ? "### None\nNothing is written." : $"### {type}\n{{{{ What it tells }}}}"))}}}

        ## NOTES

        ## RELATED LINKS

        """.ReplaceLineEndings("\n");

    private static string Refresh(string page, CmdletContract contract)
    {
        var sections = MarkdownSection.Split(page, "## ");
        foreach (var section in sections)
        {
            if (section.Title == "SYNTAX")
                section.Body = $"\n{Syntax(contract)}\n\n";
            else if (section.Title == "PARAMETERS")
                section.Body = $"\n{Parameters(contract, MarkdownSection.Split(section.Body, "### "))}\n\n";
        }

        return string.Concat(sections);
    }

    private static string Syntax(CmdletContract contract) => string.Join("\n\n", contract.Syntax.Select(set =>
        (contract.Syntax.Count > 1 ? $"### {set.Name}{(set.IsDefault ? " (Default)" : "")}\n" : "") + $"```\n{Wrap(set.Line)}\n```"));

    // Like platyPS: continuation lines begin with one space.
    private static string Wrap(string line)
    {
        var text = new StringBuilder();
        var column = 0;
        foreach (var element in line.Replace(" [-", "\n[-", StringComparison.Ordinal).Replace(" -", "\n-", StringComparison.Ordinal).Replace(" [<", "\n[<", StringComparison.Ordinal).Split('\n'))
        {
            if (column > 0 && column + element.Length > 108)
            {
                text.Append('\n');
                column = 0;
            }

            text.Append(text.Length == 0 ? "" : " ").Append(element);
            column += element.Length + 1;
        }

        return text.ToString();
    }

    private static string Parameters(CmdletContract contract, IReadOnlyList<MarkdownSection> written)
    {
        var parts = contract.Parameters.Select(parameter =>
        {
            var words = written.FirstOrDefault(section => section.Title == "-" + parameter.Name)?.WithoutYaml() ?? parameter.Summary;
            return $"### -{parameter.Name}\n{words}\n\n" + string.Join("\n\n", parameter.Data.Select(Yaml));
        });
        var common = """
            ### CommonParameters
            This cmdlet supports the common parameters: -Debug, -ErrorAction, -ErrorVariable, -InformationAction, -InformationVariable, -OutBuffer,
            -OutVariable, -PipelineVariable, -ProgressAction, -Verbose, -WarningAction and -WarningVariable. See about_CommonParameters.
            """.ReplaceLineEndings("\n");
        return string.Join("\n\n", parts.Append(common));
    }

    private static string Yaml(HelpParameterData data)
    {
        var text = new StringBuilder("```yaml\n")
            .Append("Type: ").Append(data.Type).Append('\n')
            .Append("Parameter Sets: ").Append(data.ParameterSets).Append('\n')
            .Append(Line("Aliases", string.Join(", ", data.Aliases)));
        if (data.AcceptedValues.Count > 0)
            text.Append(Line("Accepted values", string.Join(", ", data.AcceptedValues)));
        return text.Append('\n')
            .Append(Line("Required", data.Required ? "True" : "False"))
            .Append(Line("Position", data.Position))
            .Append(Line("Default value", data.DefaultValue))
            .Append(Line("Accept pipeline input", data.PipelineInput))
            .Append(Line("Accept wildcard characters", data.Wildcards ? "True" : "False"))
            .Append("```").ToString();
    }

    private static string Line(string key, string value) => value.Length == 0 ? $"{key}:\n" : $"{key}: {value}\n";
}
