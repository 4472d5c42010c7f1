using Highflame.Dr.Errors;
using Highflame.Dr.Execution;
using Highflame.Dr.Topology;

namespace Highflame.Dr;

/// <summary>Long-running operations: those of this session and those in the journals of a pair.</summary>
public abstract partial class DrConnectedCmdlet
{
    /// <summary>Operations of the pair's journals (newest run first) and of this session, each once; this session's knowledge of one is the fresher.</summary>
    private protected IReadOnlyList<DrOperation> KnownOperations(RegionPair? pair)
    {
        var connection = Connection;
        var journaled = pair is null ? [] : Await((_, token) => Engine.GetJournaledOperationsAsync(connection, pair, token));
        var seen = State.Seen.Operations;
        return [.. seen.OrderByDescending(o => o.Started), .. journaled.Where(j => seen.All(s => s.Id != j.Id))];
    }

    /// <summary>Errors: HfOperationNotFound.</summary>
    private protected DrOperation KnownOperation(string id, RegionPair? pair) =>
        State.Seen.FindOperation(id)
        ?? KnownOperations(pair).FirstOrDefault(o => string.Equals(o.Id, id, StringComparison.OrdinalIgnoreCase))
        ?? throw DrErrors.OperationNotFound(id);
}
