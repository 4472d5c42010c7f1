using Highflame.Dr.Engine.Documentation.Content;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Documentation.Paper;

/// <summary>The runbook for the day on which the module cannot run.</summary>
/// <param name="Procedures">Titles of the procedures that hold with today's names.</param>
/// <param name="Blocks">What is printed.</param>
internal sealed record PaperRunbook(IReadOnlyList<string> Procedures, IReadOnlyList<Block> Blocks)
{
    /// <summary>The public client that az itself signs in as; a device code works with it where az is not installed.</summary>
    private const string AzureCliClient = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

    public static PaperRunbook Of(DocumentFacts facts)
    {
        var (routes, whyNone) = PaperRoute.Today(facts);
        Procedure[] papers = [.. routes.Select((r, i) => r.Mode == FailoverMode.Planned ? PlannedPaper.Write(facts, r, Letter(i), Letter(i + 1)) : ForcedPaper.Write(facts, r, Letter(i), Letter(i - 1)))];
        return new([.. papers.Where(p => !p.Route.Later).Select(p => p.Title)], [.. Intro(facts, papers, whyNone), .. papers.SelectMany(p => p.Blocks)]);
    }

    private static char Letter(int index) => (char)('A' + index);

    private static IEnumerable<Block> Intro(DocumentFacts facts, Procedure[] papers, string? whyNone)
    {
        yield return new NewPage();
        yield return new Heading(2, "Paper runbook", "paper");
        yield return new Paragraph("For the day on which this module cannot run: by hand, from paper, by two people. One types, the other reads along and ticks. Do one step after the other; where an answer is not the expected one, stop and read the step to its end.");
        if (whyNone is not null)
        {
            yield return new Paragraph($"No failover can be done as things stood on {DocumentText.Time(facts.At)}: {whyNone}.", Tone.Stop);
            yield break;
        }

        yield return new Table("Which procedure", ["What happened", "Do"],
        [
            .. papers.Select(p => new[]
            {
                p.Route.Later ? $"Back to {p.Route.To.Location} later, {(p.Route.Mode == FailoverMode.Planned ? "when both regions answer" : $"when {p.Route.From.Location} is lost")}"
                    : p.Route.Mode == FailoverMode.Planned ? $"{p.Route.From.Location} answers, and service shall move to {p.Route.To.Location}" : $"{p.Route.From.Location} is lost",
                $"**{p.Title}**",
            }),
        ]);
        yield return new Paragraph($"if there was a failover, or a new replica, since this paper was made ({DocumentText.Time(facts.At)}): use a newer one.", Tone.Stop);
        yield return new Heading(3, "Before the first step: a shell that can do it", "before");
        yield return new Bullets(
        [
            "bash with `curl` and `psql`, and best a current `az`. Azure Cloud Shell (https://shell.azure.com) has all three.",
            "It reaches both databases (private endpoints: from inside the network or the VPN) and both gateways.",
            $"The password of the database administrator `{Administrator(facts)}`. It is not on this paper: it is kept at ______________________ ",
            "The role of the operator on both resource groups (`Roles/operator.json` of this module, or Contributor).",
        ], Boxes: true);
        yield return new Command("Sign in with az", "bash", "az-signin", string.Join('\n', SignIn(facts)));
        yield return new Expectation(facts.Pair.SubscriptionId);
        yield return new Command("The token for the commands with REST (it lasts an hour; take it anew when one answers HTTP 401)", "bash", "az-signin", "TOKEN=$(az account get-access-token --query accessToken --output tsv)");
        if (facts.Authority is null || facts.Context.TenantId is not { } tenant) yield break;
        var authority = $"{facts.Authority.GetLeftPart(UriPartial.Authority)}/{tenant}/oauth2/v2.0";
        var scope = (facts.Audience ?? facts.Context.ArmEndpoint.GetLeftPart(UriPartial.Authority)).TrimEnd('/') + "/";
        yield return new Command("Without az: ask for a code, open the page that is named, type the code, sign in there", "bash", "signin",
            $"curl -sS -d client_id={AzureCliClient} --data-urlencode 'scope={scope}.default' \\\n  {PaperLines.Folded(authority + "/devicecode", quoted: true)}");
        yield return new Expectation("user_code", Note: "Then put the device_code of the answer in the place of DEVICE_CODE:");
        yield return new Command("Without az: take the token", "bash", "signin",
            $"TOKEN=$(curl -sS -d client_id={AzureCliClient} \\\n  -d grant_type=urn:ietf:params:oauth:grant-type:device_code -d device_code=DEVICE_CODE \\\n  {PaperLines.Folded(authority + "/token", quoted: true)} \\\n  | grep -o '\"access_token\": *\"[^\"]*\"' | cut -d'\"' -f4)");
        yield return new Command("The token is good", "bash", "rest", "curl -sS -o /dev/null -w 'HTTP %{http_code}\\n' -H \"Authorization: Bearer $TOKEN\" \\\n  "
            + PaperLines.Folded($"{facts.Context.ArmEndpoint.GetLeftPart(UriPartial.Authority)}/subscriptions/{facts.Pair.SubscriptionId}?api-version={Azure.ApiVersions.Subscriptions}", quoted: true));
        yield return new Expectation("HTTP 200");
    }

    private static IEnumerable<string> SignIn(DocumentFacts facts)
    {
        if (facts.Cloud is { } cloud) yield return $"az cloud set --name {PaperCommands.Quote(cloud)}";
        yield return facts.Context.TenantId is { } tenant ? $"az login --tenant {tenant}" : "az login";
        yield return $"az account set --subscription {facts.Pair.SubscriptionId}";
        yield return "az account show --query id --output tsv";
    }

    private static string Administrator(DocumentFacts facts) => facts.Regions.SelectMany(r => r.Servers.Items).Select(s => s.Document.TextAt("properties", "administratorLogin")).FirstOrDefault(a => a is not null) ?? facts.Context.DatabaseUser ?? "(not read)";
}
