using System.Text.Json;
using System.Text.RegularExpressions;
using Highflame.Dr.Engine.Documentation;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Engine.Documentation.Paper;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Tests.Documentation;

public partial class PaperTests
{
    [Fact]
    public void Az_EveryCommand_ExistsWithThoseOptionsAndValues()
    {
        using var list = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), "tests", "Highflame.Dr.Engine.Tests", "Documentation", "az-commands.json")));
        var root = list.RootElement;
        string[] Names(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray().Select(n => n.GetString()!)];
        var seen = new HashSet<string>(StringComparer.Ordinal);

        foreach (var line in Commands(DocumentSamples.Facts()).Where(c => c.Kind.StartsWith("az", StringComparison.Ordinal)).SelectMany(c => c.Kind == "az" ? [Joined(c.Text)] : c.Text.TrimEnd(')').Split('\n')))
        {
            var command = Regex.Match(line, "az ([^-$].*?)(?= --|$)").Groups[1].Value;
            Assert.True(root.GetProperty("commands").TryGetProperty(command, out var known), $"'{command}' of: {line}");
            var options = Option().Matches(line).Select(m => (Name: m.Groups[1].Value, Value: m.Groups[2].Value)).ToArray();
            Assert.Empty(options.Select(o => o.Name).Except([.. Names(known, "required"), .. Names(known, "optional"), .. Names(root, "everywhere")]));
            Assert.Empty(Names(known, "required").Except(options.Select(o => o.Name)));
            Assert.Equal(options.Length, options.DistinctBy(o => o.Name).Count());
            foreach (var (name, value) in options)
                if (root.GetProperty("values").TryGetProperty(name, out var allowed)) Assert.Contains(value, allowed.EnumerateArray().Select(v => v.GetString()));
            seen.Add(command);
        }

        Assert.True(seen.Count >= 9, string.Join(", ", seen));
    }

    [Fact]
    public void Rest_EveryCommand_GoesToTheConnectionsEndpointWithABodyThatIsJson()
    {
        var rest = Commands(DocumentSamples.Facts()).Where(c => c.Kind == "rest").ToArray();

        Assert.True(rest.Length > 30);
        foreach (var command in rest)
        {
            Assert.DoesNotContain(command.Text.Split('\n'), l => l.Length > 100);
            var text = Joined(command.Text);
            Assert.Matches("'https://management\\.azure\\.com/subscriptions/[^' ]+\\?api-version=\\d{4}-\\d\\d-\\d\\d'", text);
            if (Regex.Match(text, "-d '((?:[^']|'\\\\'')*)'") is { Success: true } body) JsonDocument.Parse(body.Groups[1].Value.Replace("'\\''", "'", StringComparison.Ordinal)).Dispose();
            else Assert.True(command.Text.Contains("-X GET", StringComparison.Ordinal) || command.Text.Contains("-X POST", StringComparison.Ordinal) || !command.Text.Contains("-X", StringComparison.Ordinal), command.Text);
        }
    }

    [Fact]
    public void NewReplica_WithACustomerManagedKey_TakesKeyAndIdentityOfItsOwnRegion()
    {
        var create = Commands(DocumentSamples.Facts()).First(c => c.Kind == "rest" && c.Text.Contains("-X PUT", StringComparison.Ordinal)).Text.Replace("'\\\n'", "", StringComparison.Ordinal);

        Assert.Contains("/flexibleServers/acme-pg-2?", create, StringComparison.Ordinal);
        Assert.Contains("https://eastus-keys.vault.azure.net/keys/pg", create, StringComparison.Ordinal);
        Assert.Contains("eastus-key-reader", create, StringComparison.Ordinal);
        Assert.DoesNotContain("westus-key", create, StringComparison.Ordinal);
        Assert.Contains("/flexibleServers/acme-dr-pg\"", create, StringComparison.Ordinal);
        Assert.DoesNotContain("assword", create, StringComparison.Ordinal);
    }

    [Fact]
    public void Planned_InItsOrder_FencesAndSeesItReplayedBeforeItPromotes()
    {
        string[] titles = [.. Steps(DocumentSamples.Facts(), 'A').Select(s => s.Title)];
        int At(string title) => Array.FindIndex(titles, t => t.StartsWith(title, StringComparison.Ordinal));

        int[] order = [At("The names still hold: roles"), At("The replica follows"), At("Let clients follow"), At("Fence"), At("The fence holds"), At("End the sessions"), At("Take the last position"), At("The replica has everything"), At("Promote"), At("Send traffic"), At("The new primary"), At("Clients arrive"), At("Stop the old primary"), At("Build a new replica")];
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
        // The first words name the step from which on writes are down.
        var paper = PaperRunbook.Of(DocumentSamples.Facts()).Blocks;
        Assert.Contains(paper.OfType<Paragraph>(), p => p.Text.Contains($"down from step A{At("Fence") + 1} ", StringComparison.Ordinal));
    }

    [Fact]
    public void Forced_InItsOrder_HasTheLossSignedBeforeItPromotesAndPaysTheFenceBeforeTheNewReplica()
    {
        string[] titles = [.. Steps(DocumentSamples.Facts(), 'B').Select(s => s.Title)];
        int At(string title) => Array.FindIndex(titles, t => t.StartsWith(title, StringComparison.Ordinal));

        int[] order = [At("Is eastus really lost?"), At("What will be lost"), At("Try to fence"), At("Promote"), At("Send traffic"), At("The new primary"), At("Pay the fence"), At("Stop the old primary"), At("Build a new replica")];
        Assert.DoesNotContain(-1, order);
        Assert.Equal(order.Order(), order);
        // Nothing that the promotion waits for asks the lost region.
        var promote = Steps(DocumentSamples.Facts(), 'B')[At("Promote")];
        Assert.DoesNotContain(promote.Body.OfType<Command>(), c => c.Text.Contains("rg1", StringComparison.Ordinal));
    }

    [Fact]
    public void Steps_OfAllProcedures_AreNumberedOnceEach()
    {
        var steps = PaperRunbook.Of(DocumentSamples.Facts()).Blocks.OfType<Step>().Select(s => s.Number).ToArray();

        Assert.Equal(steps.Length, steps.Distinct().Count());
        Assert.All(["A1", "B1", "C1", "D1"], n => Assert.Contains(n, steps));
    }

    [Theory]
    [InlineData("replica")]
    [InlineData("active")]
    [InlineData("status")]
    [InlineData("misrouted")]
    public void Runbook_PairThatCannotFailOver_SaysWhyAndHasNoProcedure(string missing)
    {
        var facts = DocumentSamples.Facts();
        facts = missing switch
        {
            "replica" => facts with { Status = facts.Status! with { ReplicaServer = null, ReplicaResourceId = null, State = PairState.Unprotected } },
            "active" => facts with { Status = facts.Status! with { Active = null, Passive = null } },
            "misrouted" => facts with { Status = facts.Status! with { Active = "westus", Passive = "eastus", State = PairState.Misrouted } },
            _ => facts with { Status = null },
        };

        var runbook = PaperRunbook.Of(facts);

        Assert.Empty(runbook.Procedures);
        Assert.DoesNotContain(runbook.Blocks, b => b is Step);
        Assert.Contains(runbook.Blocks.OfType<Paragraph>(), p => p.Tone == Tone.Stop && p.Text.Contains("No failover can be done", StringComparison.Ordinal));
    }

    private static IReadOnlyList<Step> Steps(DocumentFacts facts, char letter) => [.. PaperRunbook.Of(facts).Blocks.OfType<Step>().Where(s => s.Number[0] == letter)];

    private static IEnumerable<Command> Commands(DocumentFacts facts) => PaperRunbook.Of(facts).Blocks.SelectMany(b => b is Step step ? step.Body : [b]).OfType<Command>();

    // As the shell joins it.
    private static string Joined(string text) => text.Replace(" \\\n  ", " ", StringComparison.Ordinal).Replace("'\\\n'", "", StringComparison.Ordinal).Replace("\\\n", "", StringComparison.Ordinal);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Highflame.Dr.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex("--([a-z-]+)(?: (?!--)('[^']*'|[^ ]+))?")]
    private static partial Regex Option();
}
