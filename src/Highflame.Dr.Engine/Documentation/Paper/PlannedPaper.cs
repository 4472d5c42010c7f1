using System.Globalization;
using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>A planned failover by hand, in the order that this module keeps itself: fence, last position, replay, promotion, traffic.</summary>
internal static class PlannedPaper
{
    public static Procedure Write(DocumentFacts facts, PaperRoute route, char letter, char forced)
    {
        var paper = new Procedure(facts, route, letter);
        var commands = paper.Commands;
        paper.Begin($"Both regions answer. No acknowledged write is lost: writes are stopped at the old primary first, and the replica is promoted only when it has everything. Writes are down from step {letter}{Fence(facts)} until the new primary takes them.");
        Check(paper, forced);
        var ttl = facts.Traffic?.Profile.Ttl ?? 0;
        if (facts.Traffic is not null)
        {
            paper.Step("Let clients follow at once: TTL 0",
            [
                .. commands.SetTtl(0),
                new Paragraph(string.Create(CultureInfo.InvariantCulture, $"Now wait {TrafficTiming.Propagation + ttl:0} s ({TrafficTiming.SwitchFormula(facts.Traffic)}): so long resolvers may keep the old answer, with the old TTL.")),
            ]);
        }

        paper.Add(new Paragraph($"and breathe. From the next step on writes are down. Whatever goes wrong before **Promote**: go to **Way out**, the last part of this procedure. After **Promote** there is no way out, only on.", Tone.Stop));
        paper.Step("Fence: make the old primary read-only", [.. commands.SetReadOnly(route.Old, "on"), new Expectation("HTTP 202"), new WriteDown(["Writes down since (UTC)"])]);
        paper.Step("The fence holds",
        [
            PaperCommands.Sql(route.Old, PaperSql.ReadOnly),
            new Expectation("on", Repeat: true),
            new Paragraph("if it still says `off` after 2 minutes: **Way out**.", Tone.Stop),
        ]);
        paper.Step("End the sessions that began before the fence",
        [
            PaperCommands.Sql(route.Old, PaperSql.EndSessions),
            new Expectation("0", Repeat: true, "The first answer may be any number; the last must be 0."),
        ]);
        var position = paper.Step("Take the last position",
        [
            PaperCommands.Sql(route.Old, PaperSql.LastPosition),
            new Paragraph($"Write down the last answer, for example `3/1A2B3C48`. It is the {PaperCommands.Position} of the next step."),
            new WriteDown([PaperCommands.Position]),
        ]);
        paper.Step("The replica has everything",
        [
            PaperCommands.Sql(route.New, PaperSql.Replayed),
            new Expectation("t", Repeat: true, $"Put what you wrote down at {position} in the place of {PaperCommands.Position}."),
            new Paragraph("if it still says `f` after 5 minutes: **Way out**. The replica does not receive, or replay is paused.", Tone.Stop),
        ]);
        var promote = paper.NoReturn("Promote",
        [
            .. commands.Promote(route.New, FailoverMode.Planned),
            new Paragraph("az waits until all is done: go on with the next step in another window as soon as it has begun. If the answer is an error 400 to 499, nothing was promoted: **Way out**. If there is no answer, do not send it again: go on; the step after the next shows whether it was promoted."),
        ]);
        var traffic = paper.Step($"Send traffic to {route.To.Location}", [.. commands.MoveTraffic(route.To.Region.GatewayTarget), new Paragraph("The old primary is fenced, so this may overlap with the promotion."), Procedure.OldAz]);
        paper.AwaitPromoted();
        paper.Health(traffic);
        paper.Step("Stop the old primary",
        [
            .. commands.Stop(route.Old),
            .. commands.AwaitState(route.Old, "Stopped"),
            new Paragraph("It is stopped so that it cannot take a write if somebody lifts its fence. Azure starts a stopped server again after 7 days: it is then read-only still.", Tone.Note),
        ]);
        paper.NewReplica(regionWasLost: false);
        if (facts.Traffic is not null) paper.Step($"Put the TTL back to {ttl.ToString(CultureInfo.InvariantCulture)}", commands.SetTtl(ttl));
        paper.Afterwards(planned: true);
        WayOut(paper, promote, ttl);
        return paper;
    }

    // What must be so before anything is changed.
    private static void Check(Procedure paper, char forced)
    {
        var route = paper.Route;
        paper.Step("The names still hold: roles",
        [
            PaperCommands.Sql(route.Old, PaperSql.InRecovery),
            new Expectation("f"),
            PaperCommands.Sql(route.New, PaperSql.InRecovery),
            new Expectation("t"),
            new Paragraph($"if either is otherwise: this paper is out of date. If `{route.Old.Name}` does not answer at all: procedure {forced}.", Tone.Stop),
        ]);
        paper.Step("The replica follows",
        [
            PaperCommands.Sql(route.Old, PaperSql.Senders),
            new Expectation("streaming", Note: "Bytes behind should be small and shrink."),
            new Paragraph("if there is no such line: a planned failover cannot be done now.", Tone.Stop),
        ]);
        paper.Step("The names still hold: traffic", [.. paper.Commands.ShowTarget(route.From.Region.GatewayTarget), new Paragraph("if it is another: this paper is out of date.", Tone.Stop)]);
        paper.Step($"The application in {route.To.Location} answers",
        [
            paper.Commands.Health("Straight at the gateway", route.To.Region.GatewayTarget),
            new Expectation("HTTP 200"),
            new Paragraph($"if it does not: {route.To.Location} cannot serve. Nothing is changed yet. Usual reasons: secrets in {paper.Vaults(route.To)} that are empty, a gateway without the listener, no pods.", Tone.Stop),
        ]);
    }

    // The number of the fence's step, which the first words speak of: psql, three checks and a look at the application, then the TTL where it is known.
    private static string Fence(DocumentFacts facts) => facts.Traffic is null ? "6" : "7";

    private static void WayOut(Procedure paper, string promote, long ttl)
    {
        var route = paper.Route;
        paper.Add(new Heading(3, $"Way out (only before {promote}): everything as it was", $"way-out-{char.ToLowerInvariant(paper.Letter)}"));
        paper.Add(
        [
            .. Procedure.Optional(paper.Commands.SetReadOnly(route.Old, "off"), "Way out: "),
            new Expectation("HTTP 202"),
            PaperCommands.Sql(route.Old, PaperSql.ReadOnly) with { Way = $"Way out: in the psql window of {route.Old.Name}" },
            new Expectation("off", Repeat: true, "The old primary takes writes again; traffic was never moved."),
            .. paper.Facts.Traffic is null ? [] : Procedure.Optional(paper.Commands.SetTtl(ttl), "Way out: "),
        ]);
    }
}
