using System.Management.Automation;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Shows the live state of the imported region pairs: which region traffic goes to now, what each database server does now, what is owed.</summary>
[Cmdlet(VerbsCommon.Get, "HfRegionPair")]
[OutputType(typeof(RegionPairStatus))]
public sealed class GetHfRegionPairCommand : DrFleetCmdlet
{
    /// <summary>Names of imported pairs; wildcards allowed. Default is every imported pair.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    private protected override void Process()
    {
        foreach (string name in Name) Guard(() => Show(name));
    }

    private void Show(string name)
    {
        var connection = Connection;
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        var pairs = State.Pairs.Where(p => pattern.IsMatch(p.Name)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        if (pairs.Length == 0 && name == "*") throw DrErrors.PairRequired(0);
        if (pairs.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name)) throw DrErrors.PairNotFound(name, State.Pairs.Select(p => p.Name));
        foreach (var pair in pairs)
        {
            Guard(() => AwaitBeside(
                (observer, token) => Engine.GetPairStatusAsync(connection, pair, observer, token),
                status =>
                {
                    State.Seen.Add(status);
                    WriteObject(status);
                }));
        }
    }
}
