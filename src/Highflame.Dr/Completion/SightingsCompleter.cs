using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Highflame.Dr.Hosting;

namespace Highflame.Dr.Completion;

/// <summary>Completes from what the runspace has seen. Never throws, never signs in, never loads the engine.</summary>
public abstract class SightingsCompleter : IArgumentCompleter
{
    private protected SightingsCompleter()
    {
    }

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            string word = (wordToComplete ?? "").Trim('\'', '"');
            return
            [
                .. Candidates(RunspaceState.Current)
                    .Where(c => c.Length > 0 && c.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                    .Distinct(StringComparer.OrdinalIgnoreCase)
                    .Order(StringComparer.OrdinalIgnoreCase)
                    .Select(c => new CompletionResult(Quote(c), c, CompletionResultType.ParameterValue, c)),
            ];
        }
#pragma warning disable CA1031 // A completer that throws breaks the prompt of the person typing.
        catch (Exception)
        {
            return [];
        }
#pragma warning restore CA1031
    }

    private protected abstract IEnumerable<string> Candidates(RunspaceState state);

    private static string Quote(string text) =>
        text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/') ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

/// <summary>Names of the imported pairs.</summary>
public sealed class PairNameCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) => state.Pairs.Select(p => p.Name);
}

/// <summary>Locations of the imported pairs.</summary>
public sealed class LocationCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) =>
        state.Pairs.SelectMany(p => p.Regions).Select(r => r.Location);
}

/// <summary>Names of the database servers seen so far.</summary>
public sealed class ServerNameCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) => state.Seen.Servers.Select(s => s.Name);
}

/// <summary>Names of the traffic endpoints seen so far and of those that the imported pairs name.</summary>
public sealed class EndpointNameCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) =>
        state.Seen.Endpoints.Select(e => e.Name).Concat(state.Pairs.Select(p => p.Traffic.EndpointName));
}

/// <summary>Ids of the operations seen so far.</summary>
public sealed class OperationIdCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) => state.Seen.Operations.Select(o => o.Id);
}

/// <summary>Resource groups of the imported pairs and of the servers seen so far.</summary>
public sealed class ResourceGroupCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) =>
        state.Pairs.SelectMany(p => p.Regions).Select(r => r.ResourceGroup).Concat(state.Seen.Servers.Select(s => s.ResourceGroup));
}

/// <summary>Ids of the runs seen so far.</summary>
public sealed class RunIdCompleter : SightingsCompleter
{
    private protected override IEnumerable<string> Candidates(RunspaceState state) => state.Seen.Runs.Select(r => r.Id);
}
