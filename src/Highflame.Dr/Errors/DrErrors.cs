using System.Management.Automation;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Errors;

/// <summary>Turns errors and refusals into PowerShell's error records: id, category, target and recommended action are a contract.</summary>
internal static class DrErrors
{
    // From 7.5 on PowerShell's own view of an error ends with its RecommendedAction. Before that, only the message is shown.
    private static readonly bool s_viewShowsAction = typeof(ErrorRecord).Assembly.GetName().Version is { } engine && engine >= new Version(7, 5);

    public static ErrorRecord ToRecord(DrException error) => ToRecord(error, s_viewShowsAction);

    /// <summary>The next step is always in RecommendedAction; it is in the message too where the view would not show it else, so that it is read once.</summary>
    internal static ErrorRecord ToRecord(DrException error, bool viewShowsAction) => new(error, error.ErrorId, Category(error.Kind), error.Target)
    {
        ErrorDetails = new ErrorDetails(error.NextStep is { } next && !viewShowsAction ? $"{error.Message} {next}" : error.Message)
        {
            RecommendedAction = error.NextStep ?? "",
        },
    };

    public static ErrorRecord ToRecord(Refusal refusal) =>
        ToRecord(new DrException(refusal.Code, refusal.Kind, refusal.ToString(), refusal.Resource, refusal.Remedy));

    public static ErrorCategory Category(DrErrorKind kind) => kind switch
    {
        DrErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        DrErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        DrErrorKind.InvalidState => ErrorCategory.InvalidOperation,
        DrErrorKind.ConnectionFailed => ErrorCategory.ConnectionError,
        DrErrorKind.AuthenticationFailed => ErrorCategory.AuthenticationError,
        DrErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        DrErrorKind.ResourceBusy => ErrorCategory.ResourceBusy,
        DrErrorKind.TimedOut => ErrorCategory.OperationTimeout,
        DrErrorKind.MalformedData => ErrorCategory.InvalidData,
        DrErrorKind.OperationFailed => ErrorCategory.InvalidResult,
        _ => ErrorCategory.NotSpecified,
    };

    /// <summary>Whatever was not foreseen, under one id that asks for a report.</summary>
    public static DrException Unexpected(Exception error) => new(
        "HfUnexpected",
        DrErrorKind.OperationFailed,
        $"{error.GetType().Name}: {error.Message}",
        nextStep: "This is a defect of Highflame.Dr: please report it with the output of the same command with -Verbose.",
        inner: error);

    public static DrException NotConnected() => new(
        "HfNotConnected", DrErrorKind.ConnectionFailed, "This session is not connected.", nextStep: "Run Connect-HfAzure first.");

    public static DrException NoRun() => new(
        "HfNoRun", DrErrorKind.InvalidState, "This session holds no run.", nextStep: "Run Start-HfRun first.");

    public static DrException TwoWriters(string pair, string[] servers) => new(
        "HfTwoWriters", DrErrorKind.InvalidState, $"TWO WRITERS: {string.Join(" AND ", servers)} BOTH TAKE WRITES. EVERY MINUTE MAKES THE TWO DIVERGE FURTHER.", pair,
        "Fence the one that traffic does not go to, at once: Complete-HfFence -Name OLD -KeepRunning. Then see what it took: Get-HfLostWrite.");

    public static DrException RunNotFound(string id, string pair) => new(
        "HfRunNotFound", DrErrorKind.NotFound, $"The pair '{pair}' has no run '{id}'.", id, "See Get-HfRun for the runs of the pair.");

    public static DrException ServerNotFound(string name, string? resourceGroup) => new(
        "HfServerNotFound",
        DrErrorKind.NotFound,
        resourceGroup is null ? $"No flexible server '{name}' was found." : $"No flexible server '{name}' was found in resource group '{resourceGroup}'.",
        name,
        "See Get-HfDbServer for the servers that the signed-in account can read.");

    public static DrException PairNotFound(string name, IEnumerable<string> known) => new(
        "HfPairNotFound",
        DrErrorKind.NotFound,
        $"No region pair '{name}' has been imported, and no file of that name exists. Imported: {string.Join(", ", known.DefaultIfEmpty("none"))}.",
        name,
        "Import its file with Import-HfRegionPair.");

    public static DrException PairRequired(int imported) => new(
        "HfPairRequired",
        DrErrorKind.InvalidArgument,
        imported == 0 ? "No region pair was given and none has been imported." : $"No region pair was given and {imported} have been imported.",
        nextStep: "Give -Pair, or import exactly one with Import-HfRegionPair.");

    public static DrException LocationNotInPair(string location, Topology.RegionPair pair) => new(
        "HfLocationNotInPair",
        DrErrorKind.InvalidArgument,
        $"The region pair '{pair.Name}' has no region '{location}'. It has: {string.Join(", ", pair.Regions.Select(r => r.Location))}.",
        location,
        "Give one of the pair's locations.");

    public static DrException OperationNotFound(string id) => new(
        "HfOperationNotFound",
        DrErrorKind.NotFound,
        $"No operation '{id}' is known to this session or to the pair's journals.",
        id,
        "See Get-HfOperation for the known ones.");

    public static DrException ResourceNotMade(Provisioning.RegionResource resource) => new(
        "HfRegionResourceFailed",
        DrErrorKind.OperationFailed,
        $"Azure did not make {resource.Type} {resource.Name}: {resource.Error ?? "it gave no reason"}.",
        resource.ResourceId,
        "Put Azure's reason right and run New-HfRegion again: what was made stays, and the rest is made.");

    public static DrException SandboxRequired() => new(
        "HfSandboxRequired",
        DrErrorKind.InvalidArgument,
        "No sandbox was given, and this session has neither started one nor connected to one.",
        nextStep: "Give -Sandbox, or run Start-HfSandbox first.");
}
