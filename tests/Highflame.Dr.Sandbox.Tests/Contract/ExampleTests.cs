using System.Text;
using System.Text.Json;
using Highflame.Dr.Sandbox.Arm;
using Highflame.Dr.Sandbox.Tests.Arm;
using Xunit.Abstractions;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>The examples that ship with Microsoft's documents: as requests to the sandbox, and as a check of the rules that its answers are checked by.</summary>
public sealed class ExampleTests(ITestOutputHelper output)
{
    private static readonly string[] s_order = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>The documents with examples of operations that the sandbox answers.</summary>
    public static TheoryData<string> Documents()
    {
        var data = new TheoryData<string>();
        if (Specs.Root is null) data.Add("none");
        else foreach (var document in ApiExample.All.Where(IsClaimed).Select(e => Name(e.Operation.Document)).Distinct().Order(StringComparer.Ordinal)) data.Add(document);
        return data;
    }

    [SpecsTheory]
    [MemberData(nameof(Documents))]
    public async Task Examples_SentToTheSandbox_GetAnAnswerThatTheDocumentAllows(string document)
    {
        var (failures, served) = (new StringBuilder(), 0);
        var examples = ApiExample.All.Where(e => IsClaimed(e) && Name(e.Operation.Document) == document).OrderBy(e => Array.IndexOf(s_order, e.Operation.Method)).ToList();
        await using var shared = await RunningSandbox.StartAsync();
        foreach (var example in examples)
        {
            // There is one replica to promote in a sandbox.
            await using var own = ExampleBinding.IsPromotion(example) ? await PromotableAsync() : null;
            var arm = own ?? shared;
            if (example.Operation.Method == "DELETE" && !example.Operation.Id.StartsWith("ManagementLocks", StringComparison.Ordinal)) arm.Sandbox.Locks.Forget(arm.Subscription);
            var (binding, version) = (new ExampleBinding(arm), example.Operation.Document.Version);
            var path = binding.Path(example);
            var answer = await arm.SendAsync(example.Operation.Method, path, binding.Body(example), version);
            var verdict = new ExchangeCheck(ApiLibrary.All).Check(ToExchange(example.Operation.Method, path, version, answer));
            foreach (var violation in verdict.Violations) failures.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{example.Name}: {verdict.Pair}: {violation}");
            if (answer.Status < 400) served++;
            output.WriteLine($"{answer.Status} {answer.Code} {example.Operation.Method} {path} ({example.Name}) {answer.Body.Text("error.message")}");
            if (answer.Headers.Contains("Azure-AsyncOperation")) await arm.EndAsync(answer);
        }

        Assert.True(failures.Length == 0, failures.ToString());
        Assert.True(served * 2 >= examples.Count, $"Only {served} of {examples.Count} examples were served.");
    }

    /// <summary>A sandbox whose replica can be switched over to.</summary>
    private static async Task<RunningSandbox> PromotableAsync()
    {
        var arm = await RunningSandbox.StartAsync();
        await arm.EndAsync(await arm.SendAsync("PUT", $"{arm.Primary}/virtualEndpoints/prod", """{"properties":{"endpointType":"ReadWrite","members":["highflame-prod-dr-postgres"]}}"""));
        return arm;
    }

    [SpecsFact]
    public void Rules_MicrosoftsOwnAnswers_AreValid()
    {
        var (failures, count) = (new List<string>(), 0);
        foreach (var example in ApiExample.All.Where(IsClaimed))
        {
            foreach (var (status, body) in example.Answers().Where(a => a.Body.ValueKind == JsonValueKind.Object))
            {
                if (example.Operation.Place.Child("responses")?.Child(status.ToString(System.Globalization.CultureInfo.InvariantCulture))?.Resolved().Child("schema") is not { } schema) continue;
                count++;
                var violations = SchemaCheck.Of(ApiLibrary.All, schema, body);
                if (violations.Count > 0) failures.Add($"{Name(example.Operation.Document)} {example.Name} {status}: {string.Join("; ", violations.Take(4))}");
            }
        }

        foreach (var failure in failures) output.WriteLine(failure);
        Assert.True(failures.Count * 10 < count, $"{failures.Count} of {count} answers in Microsoft's examples break the rules:\n{string.Join('\n', failures)}");
    }

    /// <summary>True when the sandbox has the operation in the document's api-version.</summary>
    private static bool IsClaimed(ApiExample example)
    {
        var (method, version) = (example.Operation.Method, example.Operation.Document.Version);
        var path = example.Operation.Template.Replace("{scope}", "subscriptions/s/resourceGroups/g", StringComparison.Ordinal)
            .Replace("{resourceUri}", "subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/x", StringComparison.Ordinal)
            .Replace("{endpointType}", "externalEndpoints", StringComparison.Ordinal).TrimEnd('/');
        if (path.Contains("{parentResourcePath}", StringComparison.Ordinal) || path == "/{resourceId}" || path.Contains("{resourceProviderNamespace}/", StringComparison.Ordinal)) return false;
        if (version == "2022-12-01" && path.EndsWith("/capabilities", StringComparison.Ordinal)) return false;
        if (!example.Operation.Fits(new Dictionary<string, string> { ["api-version"] = version })) return false;
        return RouteCatalog.Groups.Any(g => g.Versions.Contains(version) && g.Routes.Any(r => r.Verbs.Contains(method) && r.IsAt(path)));
    }

    private static string Name(ApiDocument document) => Path.GetRelativePath(Specs.Root!, document.Path).Replace('\\', '/');

    private static Exchange ToExchange(string method, string path, string version, Answer answer)
    {
        var headers = answer.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        if (answer.Body is not null) headers["Content-Type"] = "application/json";
        return new Exchange
        {
            Method = method,
            Path = path,
            Query = new Dictionary<string, string> { ["api-version"] = version },
            Status = answer.Status,
            Headers = headers,
            Response = answer.Body is null ? default : JsonSerializer.SerializeToElement(answer.Body),
        };
    }
}
