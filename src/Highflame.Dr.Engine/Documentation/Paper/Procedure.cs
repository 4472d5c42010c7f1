using System.Globalization;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>Numbers the steps of one procedure and holds the parts that planned and forced have in common.</summary>
internal sealed class Procedure
{
    /// <summary>az writes the endpoint as a whole; one that is older than the setting would take it away.</summary>
    public static readonly Block OldAz = new Paragraph("If az does not know `--always-serve` it is too old for this step: use REST.");

    private readonly List<Block> _blocks = [];
    private int _number;

    public Procedure(DocumentFacts facts, PaperRoute route, char letter)
    {
        Facts = facts;
        Route = route;
        Letter = letter;
        Commands = new PaperCommands(facts);
        Title = $"{letter}. {route.Mode} failover from {route.From.Location} to {route.To.Location}";
    }

    public DocumentFacts Facts { get; }

    public PaperRoute Route { get; }

    public char Letter { get; }

    public PaperCommands Commands { get; }

    public string Title { get; }

    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>Number of the step that comes next.</summary>
    public string Next => Number(_number + 1);

    public void Add(params IEnumerable<Block> blocks) => _blocks.AddRange(blocks);

    /// <returns>Its number, for others to speak of.</returns>
    public string Step(string title, params IEnumerable<Block> body)
    {
        _number++;
        _blocks.Add(new Step(Number(_number), title, [.. body]));
        return Number(_number);
    }

    public string NoReturn(string title, params IEnumerable<Block> body)
    {
        _number++;
        _blocks.Add(new Step(Number(_number), title, [.. body], NoReturn: true));
        return Number(_number);
    }

    public void Begin(string purpose)
    {
        Add(
        [
            new NewPage(),
            new Heading(2, Title, "procedure-" + char.ToLowerInvariant(Letter)),
            new Paragraph(purpose),
            new Table("Names in this procedure", ["Word", "Name"],
            [
                ["Old primary", $"`{Route.Old.Name}` in {Route.Old.Location} (`{Route.Old.Group}`)"],
                ["New primary", $"`{Route.New.Name}` in {Route.New.Location} (`{Route.New.Group}`), a replica until it is promoted"],
                ["New replica", $"`{Route.Next.Name}` in {Route.Next.Location}: built at the end"],
                ["Traffic now", $"`{Route.From.Region.GatewayTarget}` ({Route.From.Location})"],
                ["Traffic afterwards", $"`{Route.To.Region.GatewayTarget}` ({Route.To.Location})"],
            ]),
        ]);
        if (Route.Later)
            Add(new Paragraph($"This is the way back. It cannot be followed today: first one of the procedures above must have been done to its end. `{Route.New.Name}` is the replica built there; if it was given another name, write that name here and use it instead: ______________________ ", Tone.Stop));
        Add(new WriteDown(["Who types", "Who reads along", "Begun at (UTC)"]));
        Step($"Open two psql windows and leave them open", [Commands.Psql(Route.Old), Commands.Psql(Route.New), new Paragraph("Each asks for the password of the administrator; it is not on this paper. A statement below is typed into the window that is named.")]);
    }

    /// <summary>The replica may have taken the fence's parameter along.</summary>
    public void AwaitPromoted()
    {
        var minutes = 30;
        Step("The new primary takes writes",
        [
            PaperCommands.Sql(Route.New, PaperSql.InRecovery),
            new Expectation("f", Repeat: true, "In Azure this takes some minutes."),
            new Paragraph($"if it still says `t` after {minutes} minutes: call Microsoft, severity A. Do not promote a second time and do not lift the fence.", Tone.Stop),
            PaperCommands.Sql(Route.New, PaperSql.ReadOnly),
            new Expectation("off", Note: "If it says `on`, take the next command; otherwise leave it out."),
            .. Optional(Commands.SetReadOnly(Route.New, "off"), "Only if it said on: "),
        ]);
    }

    public void Health(string promoted)
    {
        var address = Address(Route.To);
        Step($"The application answers in {Route.To.Location}",
        [
            Commands.Health("Straight at the gateway", Route.To.Region.GatewayTarget),
            new Expectation("HTTP 200", Repeat: true, "If the answer names a role or a region, it must be Primary and the new region."),
            new Paragraph($"if it is not 200 after 10 minutes: the application cannot log in to its database. Look at the secrets of {Vaults(Route.To)}: none may be empty. Restart the pods.", Tone.Stop),
        ]);
        Step("Clients arrive there",
        [
            Commands.Health("Through Traffic Manager", Facts.Traffic?.Profile.Fqdn ?? "TRAFFIC-MANAGER-NAME"),
            new Expectation(address is null ? "HTTP 200" : $"{address} HTTP 200", Repeat: true, Facts.Traffic is { } traffic ? string.Create(CultureInfo.InvariantCulture, $"At worst {TrafficTiming.Switch(traffic):0} s after {promoted}; your own resolver may keep the old answer as long.") : null),
        ]);
        if (Facts.Pair.Health.FunctionPath is not null)
            Step("A write goes through and can be read", Commands.WriteAndRead(Route.To.Region.GatewayTarget, $"paper-{char.ToLowerInvariant(Letter)}-1"));
    }

    public void NewReplica(bool regionWasLost)
    {
        var (create, warning) = Commands.CreateReplica(Route.Next, Route.New, Route.Old);
        Step($"Build a new replica in {Route.From.Location}{(regionWasLost ? ", once that region is back" : "")}",
        [
            .. create,
            .. warning is null ? (Block[])[] : [new Paragraph(warning, Tone.Note)],
            new Paragraph($"If Azure says that the name is taken, use another and write it here: ______________________ . A server's name is unique in all of Azure. It takes minutes to hours; service is not affected."),
            .. Commands.AwaitState(Route.Next, "Ready"),
            PaperCommands.Sql(Route.New, PaperSql.Senders),
            new Expectation("streaming", Repeat: true),
        ]);
    }

    public void Afterwards(bool planned) => Step("Afterwards, in daylight",
    [
        new Bullets(
        [
            $"Old primary `{Route.Old.Name}`: do not delete it before the new replica streams and {(planned ? "a backup of the new primary exists" : "the lost writes are salvaged")}. It stays read-only; Azure starts a stopped server again after 7 days.",
            $"Secrets of {Vaults(Route.From)}: host and private address must become those of `{Route.Next.Name}`, and none may be empty.",
            $"Private endpoint and DNS of {Route.From.Location}: bind them to `{Route.Next.Name}`. Where this module runs again, `Set-HfDbBinding` does this and the secrets.",
            "Terraform: its state is wrong now. Import the promoted server and the new replica before anybody runs apply.",
            "This paper is out of date. Run `Export-HfRegionDocument`, print it, and throw this one away.",
        ], Boxes: true),
        new WriteDown(["Finished at (UTC)", "Signed"]),
    ]);

    public string Vaults(RegionFacts region) => region.Vaults.Items.Count == 0 ? $"the vaults in {region.Location}" : string.Join(", ", region.Vaults.Items.Select(v => $"`{v.Name}`"));

    /// <summary>The address that clients end up at; null when it is not known.</summary>
    public static string? Address(RegionFacts region)
    {
        if (System.Net.IPAddress.TryParse(region.Region.GatewayTarget, out _)) return region.Region.GatewayTarget;
        return region.Gateways.Items.FirstOrDefault(g => string.Equals(g.Fqdn, region.Region.GatewayTarget.TrimEnd('.'), StringComparison.OrdinalIgnoreCase))?.Address;
    }

    public static IEnumerable<Block> Optional(IEnumerable<Block> blocks, string condition) => blocks.Select(b => b is Command command ? command with { Way = condition + command.Way } : b);

    private string Number(int number) => Letter + number.ToString(CultureInfo.InvariantCulture);
}
