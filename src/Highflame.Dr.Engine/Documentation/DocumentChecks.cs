using Highflame.Dr.Documentation;
using Highflame.Dr.Parity;
using Highflame.Dr.Planning;
using Highflame.Dr.Readiness;

namespace Highflame.Dr.Engine.Documentation;

/// <summary>Runs the checks that the document shows. One that cannot be made says why and hinders no other.</summary>
internal sealed class DocumentChecks(Func<ParityRequest, CancellationToken, Task<ParityReport>> parity, Func<ReadinessRequest, CancellationToken, Task<IReadOnlyList<ReadinessFinding>>> readiness)
{
    public async Task<CheckTable[]> RunAsync(DocumentFacts facts, IReadOnlyCollection<DocumentPart> skip, CancellationToken cancellationToken)
    {
        var checks = new List<CheckTable>();
        if (!skip.Contains(DocumentPart.Parity))
        {
            // The active region is right; without one the first of the file is.
            var reference = facts.Status?.Active ?? facts.Pair.Regions[0].Location;
            checks.Add(await TryAsync($"Parity, {facts.Pair.OtherThan(facts.Pair.FindRegion(reference)!).Location} against {reference}", async title => ParityTable.Of(title, await parity(new() { Pair = facts.Pair, Reference = reference }, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false));
        }

        if (!skip.Contains(DocumentPart.Readiness))
        {
            foreach (var mode in Enum.GetValues<FailoverMode>())
            {
                if (facts.Status?.Passive is not { } to) checks.Add(new($"Readiness, {mode.ToString().ToLowerInvariant()}", "", [], "it is not known which region is passive."));
                else checks.Add(await TryAsync($"Readiness, {mode.ToString().ToLowerInvariant()} failover to {to}", async title => ReadinessTable.Of(title, await readiness(new() { Pair = facts.Pair, To = to, Mode = mode }, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false));
            }
        }

        return [.. checks];
    }

    private static async Task<CheckTable> TryAsync(string title, Func<string, Task<CheckTable>> check)
    {
        try
        {
            return await check(title).ConfigureAwait(false);
        }
        catch (DrException failure) when (!DocumentSurvey.EndsEverything(failure))
        {
            return new(title, "", [], failure.Message);
        }
    }
}
