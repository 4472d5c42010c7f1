using System.Text.Json;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Describe;
using Highflame.Dr.Sandbox.Tests.Arm;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>docs/sandbox.md, the route catalogue and what the sandbox answers are one.</summary>
public sealed class SandboxDocumentTests
{
    [Fact]
    public void Document_InTheRepository_IsWhatTheSandboxSays()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Highflame.Dr.sln"))) folder = folder.Parent;
        Assert.NotNull(folder);
        var document = File.ReadAllText(Path.Combine(folder.FullName, "docs", "sandbox.md")).ReplaceLineEndings("\n");
        Assert.True(document == SandboxDocument.Write().ReplaceLineEndings("\n"), "docs/sandbox.md is not what the sandbox says: run build.ps1 Docs.");
    }

    [Fact]
    public async Task Catalogue_EveryRoute_IsAnsweredBySomebody()
    {
        await using var arm = await RunningSandbox.StartAsync();
        var unanswered = new List<string>();
        foreach (var group in RouteCatalog.Groups)
        {
            foreach (var route in group.Routes)
            {
                foreach (var verb in route.Verbs)
                {
                    // Names that do not exist: nothing is changed, and only "nobody answers this" is looked for.
                    var path = route.Path.Replace("{scope}", arm.Primary, StringComparison.Ordinal).Replace("{subscription}", arm.Sandbox.Identity.SubscriptionId, StringComparison.Ordinal)
                        .Replace("{group}", "highflame-prod-rg", StringComparison.Ordinal).Replace("{namespace}", "Microsoft.Network", StringComparison.Ordinal)
                        .Replace("{location}", "eastus", StringComparison.Ordinal).Replace("{server}", "highflame-prod-postgres", StringComparison.Ordinal)
                        .Replace("{profile}", arm.Profile.Split('/')[^1], StringComparison.Ordinal);
                    path = System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]+\}", "absent");
                    var answer = await arm.SendAsync(verb, path, verb is "PUT" or "PATCH" or "POST" ? "{}" : null, group.Versions[0]);
                    if (answer.Status is 405 || answer.Code is "NotFound" or "InvalidResourceType" or "InternalServerError") unanswered.Add($"{verb} {route.Path}: {answer.Status} {answer.Code}");
                }
            }
        }

        Assert.True(unanswered.Count == 0, string.Join('\n', unanswered));
    }

    [Fact]
    public async Task Router_RouteOutsideTheCatalogue_IsRefused()
    {
        await using var arm = await RunningSandbox.StartAsync();
        Assert.Equal(405, (await arm.SendAsync("POST", $"{arm.Primary}/resetGtid")).Status);
        Assert.Equal((404, "NotFound"), (await arm.GetAsync($"{arm.Subscription}/tagNames", "2022-12-01")) is var answer ? (answer.Status, answer.Code) : default);
    }
}
