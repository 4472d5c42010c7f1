using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Postgres;

namespace Highflame.Dr.Sandbox.Arm.FlexibleServers;

/// <summary>Server parameters: what pg_settings says, in Azure's words; a change really applies.</summary>
internal sealed class ServerConfigurations(ServerTable servers, Operations operations, Settings settings)
{
    /// <summary>Parameters that Azure manages itself.</summary>
    private static readonly HashSet<string> s_readOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        "archive_command", "archive_mode", "config_file", "data_directory", "external_pid_file", "hba_file", "hot_standby", "ident_file", "listen_addresses", "log_directory", "log_filename",
        "logging_collector", "port", "primary_conninfo", "primary_slot_name", "promote_trigger_file", "recovery_target_timeline", "restore_command", "ssl", "ssl_ca_file", "ssl_cert_file", "ssl_key_file",
        "superuser_reserved_connections", "unix_socket_directories", "unix_socket_permissions", "wal_log_hints", "full_page_writes", "fsync", "password_encryption_key",
    };

    private readonly ConcurrentDictionary<string, IReadOnlyList<ServerParameter>> _last = new(StringComparer.OrdinalIgnoreCase);

    public async Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var server = servers.Get(call.Path);
        var name = call.Path.Names.Count > 1 ? call.Path.Names[1] : null;
        var parameters = await ReadAsync(server, call.Aborted);
        switch (call.Method, name)
        {
            case ("GET", null):
                return ResourceLists.Page(call, parameters, p => Show(server, p));
            case ("GET", not null):
                return ArmAnswer.Ok(Show(server, Find(server, parameters, name)));
            case ("PUT" or "PATCH", not null):
                return Change(call, server, Find(server, parameters, name));
            default:
                throw ArmError.MethodNotAllowed(call.Method, call.Path);
        }
    }

    private ArmAnswer Change(ArmCall call, Server server, ServerParameter parameter)
    {
        var body = BodyRules.Check(call.Body(), "postgresql.ConfigurationForUpdate");
        var reset = ArmPath.Same(body.Text("properties.source"), "system-default") && body.At("properties.value") is null;
        var value = body.Text("properties.value") ?? (reset ? parameter.DefaultValue : throw ArmError.BadRequest("MissingRequiredParameter", "Parameter 'properties.value' must be specified. This parameter cannot be NULL or empty.", "properties.value"));
        if (IsReadOnly(parameter)) throw ArmError.BadRequest("ReadOnlyServerParameter", $"The server parameter '{parameter.Name}' is read-only and cannot be changed.", "properties.value");
        CheckValue(parameter, value);
        servers.RequireReady(server, "Changing a server parameter");
        servers.Enter(server);
        servers.SetState(server, "Updating");
        return operations.Start(call, new OperationPlan
        {
            Name = "UpdateServerParameterManagementOperation",
            Namespace = ProviderCatalog.Postgres,
            Location = server.Location,
            Duration = settings.Duration(d => d.ParameterChange),
            Work = async token =>
            {
                try
                {
                    await servers.Fleet.SetParameterAsync(server.Name, parameter.Name, value, token);
                }
                catch (ArgumentException refused)
                {
                    throw Invalid(parameter, value, refused.Message);
                }
            },
            Ended = _ =>
            {
                servers.SetState(server, "Ready");
                servers.Leave(server);
            },
            Result = () => Show(server, parameter with { Value = value }),
        });
    }

    private async Task<IReadOnlyList<ServerParameter>> ReadAsync(Server server, CancellationToken cancellationToken)
    {
        try
        {
            return _last[server.Id] = await servers.Fleet.GetParametersAsync(server.Name, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Azure knows the parameters of a stopped server too.
            return _last.TryGetValue(server.Id, out var last)
                ? last
                : throw new ArmError(409, "ServerIsNotReady", $"The parameters of server '{server.Name}' cannot be read now. Current Server State = {server.State}");
        }
    }

    private static ServerParameter Find(Server server, IReadOnlyList<ServerParameter> parameters, string name) =>
        parameters.FirstOrDefault(p => ArmPath.Same(p.Name, name))
        ?? throw new ArmError(404, "ResourceNotFound", $"The requested resource of type '{ServerTable.Type}/configurations' with name '{name}' was not found on server '{server.Name}'.");

    private static bool IsReadOnly(ServerParameter parameter) => parameter.Context == "internal" || s_readOnly.Contains(parameter.Name);

    private static string DataType(ServerParameter parameter) => parameter.DataType.ToLowerInvariant() switch
    {
        "bool" or "boolean" => "Boolean",
        "integer" => "Integer",
        "real" or "numeric" => "Numeric",
        "enum" or "enumeration" => "Enumeration",
        _ => "String",
    };

    private static string Allowed(ServerParameter parameter) => DataType(parameter) switch
    {
        "Boolean" => "on,off",
        "Integer" or "Numeric" => string.Join('-', parameter.AllowedValues),
        "Enumeration" => string.Join(',', parameter.AllowedValues),
        _ => "",
    };

    private static JsonObject Show(Server server, ServerParameter parameter) => new()
    {
        ["id"] = $"{server.Id}/configurations/{parameter.Name}",
        ["name"] = parameter.Name,
        ["type"] = $"{ServerTable.Type}/configurations",
        ["properties"] = new JsonObject
        {
            ["value"] = parameter.Value,
            ["description"] = parameter.Description,
            ["defaultValue"] = parameter.DefaultValue,
            ["dataType"] = DataType(parameter),
            ["allowedValues"] = Allowed(parameter),
            ["source"] = parameter.Value == parameter.DefaultValue ? "system-default" : "user-override",
            ["isDynamicConfig"] = parameter.Context is not ("postmaster" or "internal"),
            ["isReadOnly"] = IsReadOnly(parameter),
            ["isConfigPendingRestart"] = parameter.PendingRestart,
            ["unit"] = parameter.Unit,
        },
    };

    private static void CheckValue(ServerParameter parameter, string value)
    {
        switch (DataType(parameter))
        {
            case "Boolean" when value.ToLowerInvariant() is not ("on" or "off" or "true" or "false"):
                throw Invalid(parameter, value, "on or off");
            case "Enumeration" when parameter.AllowedValues.Length > 0 && !parameter.AllowedValues.Contains(value, StringComparer.OrdinalIgnoreCase):
                throw Invalid(parameter, value, string.Join(", ", parameter.AllowedValues));
            case "Integer" or "Numeric" when !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                || (parameter.AllowedValues is [var low, var high]
                    && double.TryParse(low, NumberStyles.Float, CultureInfo.InvariantCulture, out var least)
                    && double.TryParse(high, NumberStyles.Float, CultureInfo.InvariantCulture, out var most)
                    && (number < least || number > most)):
                throw Invalid(parameter, value, Allowed(parameter));
        }
    }

    private static ArmError Invalid(ServerParameter parameter, string value, string valid) =>
        ArmError.InvalidParameter("properties.value", $"Invalid value '{value}' given for parameter {parameter.Name}. Specify a valid parameter value: {valid}");
}
