using System.Management.Automation;
using System.Runtime.CompilerServices;
using Highflame.Dr.Errors;
using Highflame.Dr.Hosting;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Binding;

/// <summary>
/// Lets -Pair take a region pair, its live status, the name of an imported pair, the path of a pair file, or the https URL of one that is kept as a blob. What cannot be resolved
/// is reported when the cmdlet uses it, under its own error id (a failure here would only ever read ParameterArgumentTransformationError).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PairTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly ConditionalWeakTable<RegionPair, DrException> Failures = new();

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            RegionPairStatus status => status.Pair,
            string text when text.Length > 0 => Resolve(engineIntrinsics, text),
            // Anything else is left to PowerShell's own binder, which tries other parameters then.
            _ => inputData,
        };
    }

    /// <summary>The pair, or the error of the name or file it was to come from.</summary>
    internal static RegionPair Checked(RegionPair pair) => Failures.TryGetValue(pair, out var failure) ? throw failure : pair;

    private static RegionPair Resolve(EngineIntrinsics engineIntrinsics, string text)
    {
        var state = RunspaceState.Current;
        if (state.FindPair(text) is { } known) return known;
        string path = text;
        try
        {
            if (DrCmdlet.BlobAddress(text) is { } blob) return Fetch(state, blob);
            path = engineIntrinsics.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text);
            if (!File.Exists(path) && !LooksLikePath(text)) throw DrErrors.PairNotFound(text, state.Pairs.Select(p => p.Name));
            return state.Engine.ReadPair(path);
        }
        catch (DrException e)
        {
            return Failed(path, e);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            return Failed(path, DrErrors.Unexpected(e));
        }
    }

    // A transformation cannot wait as a cmdlet does. The connection's own time limits end it.
    private static RegionPair Fetch(RunspaceState state, Uri blob)
    {
        var connection = state.Connection ?? throw DrErrors.NotConnected();
        return Task.Run(() => state.Engine.FetchPairAsync(connection, blob, CancellationToken.None)).GetAwaiter().GetResult();
    }

    private static bool LooksLikePath(string text) =>
        text.AsSpan().IndexOfAny('/', '\\') >= 0 || text.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static RegionPair Failed(string path, DrException failure)
    {
        var stand = new RegionPair
        {
            Name = "",
            Path = path,
            SubscriptionId = "",
            Regions = [],
            Traffic = new PairTraffic { ProfileId = "", EndpointName = "" },
            Health = new PairHealth(),
            Objectives = new PairObjectives(),
        };
        Failures.Add(stand, failure);
        return stand;
    }
}
