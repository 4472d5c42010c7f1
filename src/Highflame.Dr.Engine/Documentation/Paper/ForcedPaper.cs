using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>A forced failover by hand: the loss is stated and signed for, the fence that cannot be had is owed and paid first when the region comes back.</summary>
internal static class ForcedPaper
{
    public static Procedure Write(DocumentFacts facts, PaperRoute route, char letter, char planned)
    {
        var paper = new Procedure(facts, route, letter);
        var commands = paper.Commands;
        paper.Begin($"The primary's region is lost. What the replica has not received is lost with it, until it can be salvaged. If the old primary still answers, use procedure {planned}: it loses nothing.");
        paper.Step($"Is {route.From.Location} really lost?",
        [
            new Bullets(
            [
                $"The psql window of `{route.Old.Name}` does not connect, from two different networks.",
                "The application does not answer there (command below).",
                "Azure Service Health (https://status.azure.com) names the region, or Microsoft's support confirms it.",
                "It has lasted longer than 5 minutes. A network partition of a minute is no reason to move a database.",
            ], Boxes: true),
            commands.Health("Straight at the old gateway", route.From.Region.GatewayTarget),
            new Paragraph($"if one of them is not so. If `{route.Old.Name}` answers: procedure {planned}.", Tone.Stop),
        ]);
        paper.Step("What will be lost",
        [
            PaperCommands.Sql(route.New, PaperSql.InRecovery),
            new Expectation("t"),
            PaperCommands.Sql(route.New, PaperSql.Loss),
            new Paragraph("Writes that were acknowledged after the last commit that was replayed are lost. Write all four answers down: with the snapshot the lost writes can be found when the old primary is back."),
            new WriteDown(["last_commit_age", "received", "replayed", "snapshot", "I accept this loss (name, time)"]),
        ]);
        var fence = paper.Step("Try to fence the old primary, once",
        [
            .. commands.SetReadOnly(route.Old, "on", impatient: true),
            new Paragraph("Do not wait for it longer than half a minute. `HTTP 202`: good. Anything else or nothing: tick here and go on."),
            new Bullets([$"**Fence owed** by `{route.Old.Name}`: nobody may let it run as a primary again."], Boxes: true),
        ]);
        paper.NoReturn("Promote",
        [
            .. commands.Promote(route.New, FailoverMode.Forced),
            new Paragraph("az waits until all is done: go on with the next step in another window. If there is no answer, do not send it again: the step after the next shows whether it was promoted. An error 400 to 499: nothing was promoted; read it."),
        ]);
        var traffic = paper.Step($"Send traffic to {route.To.Location}", [.. commands.MoveTraffic(route.To.Region.GatewayTarget), Procedure.OldAz]);
        paper.AwaitPromoted();
        paper.Health(traffic);
        paper.Add(new Paragraph($"Service is back. What follows waits until {route.From.Location} answers again, and comes before anything else there.", Tone.Note));
        paper.Step($"Pay the fence, as soon as `{route.Old.Name}` answers again",
        [
            .. commands.SetReadOnly(route.Old, "on"),
            new Expectation("HTTP 202", Repeat: true, $"Also when {fence} was answered: it does no harm twice."),
            PaperCommands.Sql(route.Old, PaperSql.ReadOnly),
            new Expectation("on", Repeat: true),
            PaperCommands.Sql(route.Old, PaperSql.EndSessions),
            new Expectation("0", Repeat: true),
            new Paragraph("if anybody wants to start or delete the old primary before the lost writes are taken from it (`Get-HfLostWrite`, `Export-HfLostWrite`).", Tone.Stop),
        ]);
        paper.Step("Stop the old primary, when the lost writes are taken from it", [.. commands.Stop(route.Old), .. commands.AwaitState(route.Old, "Stopped")]);
        paper.NewReplica(regionWasLost: true);
        paper.Afterwards(planned: false);
        return paper;
    }
}
