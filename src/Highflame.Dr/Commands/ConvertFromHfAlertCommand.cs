using System.Management.Automation;
using Highflame.Dr.Alerts;

namespace Highflame.Dr.Commands;

/// <summary>
/// Reads an alert of Azure Monitor (common alert schema) from what a webhook's runbook is handed: an object, its JSON, the broken JSON that Azure Automation makes of it for PowerShell 7, or the alert itself.
/// Changes nothing and needs no connection.
/// </summary>
[Cmdlet(VerbsData.ConvertFrom, "HfAlert")]
[OutputType(typeof(DrAlert))]
public sealed class ConvertFromHfAlertCommand : DrCmdlet
{
    /// <summary>The WebhookData of a runbook, or the body of the alert.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("WebhookData")]
    [ValidateNotNullOrEmpty]
    public PSObject? InputObject { get; set; }

    private protected override void Process() => WriteObject(AlertReader.Read(InputObject));
}
