using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Provisioning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Asks Azure whether two locations have all that an environment needs: sizes, zones, quotas, versions and services, each with what to do where it is not so.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HfRegionSupport", DefaultParameterSetName = "PairFile")]
[OutputType(typeof(RegionSupport))]
[OutputType(typeof(bool))]
public sealed class TestHfRegionSupportCommand : DrFleetCmdlet
{
    /// <summary>The two locations. Default is the pair's; another one is judged as the pair's second region would be.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateCount(1, 2)]
    [ValidateNotNullOrEmpty]
    public string[] Location { get; set; } = [];

    /// <summary>The region pair: an imported one, its name, or the path of its file. Default is the only imported one.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Live region whose real size, version and database are the measure, instead of what the pair file says.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Live")]
    [ArgumentCompleter(typeof(LocationCompleter))]
    [ValidateNotNullOrEmpty]
    public string? FromLocation { get; set; }

    /// <summary>Template whose resources are the measure: a bicep file, its parameter file, an ARM template, or the word Template for the module's own.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Template")]
    [ValidateNotNullOrEmpty]
    public string? TemplatePath { get; set; }

    /// <summary>Answer true when everything is supported, else false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = RequirePair(Pair);
        if (FromLocation is { } live) RequireRegion(pair, live);
        var request = new SupportRequest { Pair = pair, Locations = [.. Location.Select(AzureLocation.Normalize)], LiveLocation = FromLocation is null ? null : AzureLocation.Normalize(FromLocation), TemplatePath = TemplatePath is null || TemplatePath.Equals("Template", StringComparison.OrdinalIgnoreCase) ? TemplatePath : FullPath(TemplatePath) };
        AwaitBeside((observer, token) => Engine.CheckRegionSupportAsync(connection, request, observer, token), results =>
        {
            if (Quiet) WriteObject(results.All(r => r.Verdict is SupportVerdict.Supported or SupportVerdict.Advised));
            else WriteObject(results, enumerateCollection: true);
        });
    }
}
