using System.Management.Automation;
using Highflame.Dr.Binding;
using Highflame.Dr.Completion;
using Highflame.Dr.Errors;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Commands;

/// <summary>Shows PostgreSQL flexible servers as they are now: location, role, state, source.</summary>
[Cmdlet(VerbsCommon.Get, "HfDbServer", DefaultParameterSetName = ParameterSets.Name)]
[OutputType(typeof(DbServer))]
public sealed class GetHfDbServerCommand : DrFleetCmdlet
{
    /// <summary>Names of servers; wildcards allowed. Default is every server of the subscription, or of the pair.</summary>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Resource group to look in; default is all.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name)]
    [ArgumentCompleter(typeof(ResourceGroupCompleter))]
    public string? ResourceGroup { get; set; }

    /// <summary>Only the servers in the two resource groups of this region pair: the pair, its status, its name or the path of its file.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [PairTransformation]
    [ArgumentCompleter(typeof(PairNameCompleter))]
    public RegionPair? Pair { get; set; }

    /// <summary>Only the servers that have this role now.</summary>
    [Parameter(ParameterSetName = ParameterSets.Name)]
    public DbRole? Role { get; set; }

    /// <summary>Resource id of one server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.ResourceId, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ResourceId { get; set; } = "";

    private protected override void Process()
    {
        if (ParameterSetName == ParameterSets.ResourceId)
        {
            Show(new DbServerQuery(ResourceId: ResourceId), ResourceId, null);
            return;
        }

        var pair = Pair is null ? null : FindPair(Pair);
        foreach (string name in Name)
        {
            bool exact = !WildcardPattern.ContainsWildcardCharacters(name);
            Guard(() => Show(new DbServerQuery(name == "*" ? null : name, ResourceGroup, Pair: pair), exact ? name : null, Role));
        }
    }

    private void Show(DbServerQuery query, string? required, DbRole? role)
    {
        var connection = Connection;
        // Names of one input are shown in their order.
        AwaitBeside(Name.Length > 1 ? 1 : ThrottleLimit, (observer, token) => Engine.GetServersAsync(connection, query, observer, token), found =>
        {
            var servers = Seen(found);
            if (servers.Length == 0 && required is not null) throw DrErrors.ServerNotFound(required, query.ResourceGroup);
            foreach (var server in servers)
                if (role is null || server.Role == role) WriteObject(server);
        });
    }
}
