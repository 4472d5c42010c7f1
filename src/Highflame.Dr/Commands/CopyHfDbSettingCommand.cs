using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>
/// Restores what Azure does not carry over to a server that was promoted: high availability, backup retention, server parameters (PgBouncer's among them), Entra
/// administrators, locks and tags, from the snapshot that the run kept of the old primary.
/// </summary>
[Cmdlet(VerbsCommon.Copy, "HfDbSetting", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DbSettingChange))]
public sealed class CopyHfDbSettingCommand : DrChangeCmdlet
{
    /// <summary>Resource id or name of the promoted server. Binds to the output of Invoke-HfDbFailover and Get-HfDbServer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ResourceId")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Server { get; set; } = "";

    /// <summary>Resource id or name of the old primary. Binds to the output of Invoke-HfDbFailover. Default is the one whose settings the pair's runs kept last.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("OldPrimaryResourceId")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public string? From { get; set; }

    /// <summary>Only these kinds: Tags, Authentication, Administrator, Backup, Parameter, HighAvailability, Lock. Default is all.</summary>
    [Parameter]
    public DbSettingKind[] Kind { get; set; } = [];

    /// <summary>Region pair that the servers belong to. Default is the open run's, else the imported one.</summary>
    [Parameter]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    private protected override void Process()
    {
        var connection = Connection;
        var pair = FindPair(Pair, Server);
        var run = RunFor(pair);
        var request = new SettingRequest { Server = Server, From = string.IsNullOrEmpty(From) ? null : From, Kinds = Kind, AssumePromoted = WhatIf };
        Change(
            pair?.Name ?? Server,
            (observer, token) => Engine.PlanSettingsAsync(connection, request, pair, run, observer, token),
            (plan, observer, token) => Engine.ExecuteAsync(connection, plan, new ExecutionOptions(run, Pair: pair), observer, token));
    }
}
