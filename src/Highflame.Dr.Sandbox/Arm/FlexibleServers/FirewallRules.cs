using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Firewall rules as documents: the real clusters listen on loopback, so nothing stands behind them.</summary>
internal sealed partial class FirewallRules(ServerTable servers, Operations operations)
{
    public const string Type = ServerTable.Type + "/firewallRules";

    public ArmAnswer Handle(ArmCall call)
    {
        var server = servers.Get(call.Path);
        if (call.Path.Names.Count < 2)
        {
            if (call.Method != "GET") throw ArmError.MethodNotAllowed(call.Method, call.Path);
            return ArmAnswer.List(servers.Store.Where(r => ArmPath.Same(r.Type, Type) && r.Id.StartsWith(server.Id + "/", StringComparison.OrdinalIgnoreCase)).Select(Json.Identified));
        }

        var known = servers.Store.Find(call.Path.Text);
        switch (call.Method)
        {
            case "GET":
                return known is null ? throw ArmError.ResourceNotFound(call.Path) : ArmAnswer.Ok(Json.Identified(known));
            case "DELETE":
                return known is null ? new ArmAnswer(204) : Begin(call, server, () => servers.Store.Remove(call.Path.Text));
            case "PUT":
                var body = BodyRules.Check(call.Body(), "postgresql.FirewallRule");
                var (first, last) = (Address(body.Text("properties.startIpAddress"), "startIpAddress"), Address(body.Text("properties.endIpAddress"), "endIpAddress"));
                if (first > last) throw ArmError.InvalidParameter("properties.endIpAddress", "The end IP address must not be before the start IP address.");
                if (!NameForm().IsMatch(call.Path.Names[1])) throw ArmError.BadRequest("InvalidFirewallRuleName", $"Specified firewall rule name '{call.Path.Names[1]}' is not valid.");
                if (server.Document.Text("properties.network.publicNetworkAccess") == "Disabled")
                    throw ArmError.BadRequest("FirewallRuleNotAllowed", $"Firewall rules need public network access, which is disabled on server '{server.Name}'.");
                return Begin(call, server, () => servers.Store.Put(call.Path, body));
            default:
                throw ArmError.MethodNotAllowed(call.Method, call.Path);
        }
    }

    private ArmAnswer Begin(ArmCall call, Server server, Action change)
    {
        servers.Enter(server);
        return operations.Start(call, new OperationPlan
        {
            Name = "UpsertServerFirewallRulesManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Work = _ =>
            {
                change();
                return Task.CompletedTask;
            },
            Ended = _ => servers.Leave(server),
            Result = () => servers.Store.Find(call.Path.Text) is { } rule ? Json.Identified(rule) : null,
        });
    }

    private static uint Address(string? text, string name)
    {
        if (text is not null && text.Split('.').Length == 4 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork)
            return System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
        throw ArmError.InvalidParameter($"properties.{name}", $"'{text}' is not an IPv4 address.");
    }

    [GeneratedRegex("^[a-zA-Z0-9][-_a-zA-Z0-9]{0,79}(?<![_-])$")]
    private static partial Regex NameForm();
}
