using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Access;

/// <summary>Role definitions, role assignments and the caller's permissions at any scope (Microsoft.Authorization).</summary>
internal sealed partial class AccessProvider(RoleBoard roles, string subscription, Func<string, bool> isPrincipal, TimeProvider time) : IResourceProvider
{
    public string Namespace => ProviderCatalog.Authorization;

    public bool Answers(ArmPath path) =>
        ArmPath.Same(path.Namespace, ProviderCatalog.Authorization) && path.Types is [var type] && (ArmPath.Same(type, "roleDefinitions") || ArmPath.Same(type, "roleAssignments") || ArmPath.Same(type, "permissions"));

    public Task<ArmAnswer> HandleAsync(ArmCall call)
    {
        var (type, name) = (call.Path.Types[0].ToLowerInvariant(), call.Path.Names.Count > 0 ? call.Path.Names[0] : null);
        return Task.FromResult((call.Method, type, name) switch
        {
            ("GET", "permissions", null) => ArmAnswer.List(roles.RolesAt(call.Principal.ObjectId, call.Path.Scope).Select(Permission)),
            ("GET", "roledefinitions", null) => ListRoles(call),
            ("GET", "roledefinitions", not null) => ArmAnswer.Ok(View(roles.FindRole(name) ?? throw RoleNotFound(name))),
            ("PUT", "roledefinitions", not null) => PutRole(call, name),
            ("DELETE", "roledefinitions", not null) => DeleteRole(name),
            ("GET", "roleassignments", null) => ListAssignments(call),
            ("GET", "roleassignments", not null) => ArmAnswer.Ok(View(Find(call.Path.Scope, name) ?? throw AssignmentNotFound(name))),
            ("PUT", "roleassignments", not null) => Assign(call, name),
            ("DELETE", "roleassignments", not null) => roles.Remove(call.Path.Scope, name) is { } removed ? ArmAnswer.Ok(View(removed)) : new ArmAnswer(204),
            _ => throw ArmError.MethodNotAllowed(call.Method, call.Path),
        });
    }

    private ArmAnswer ListRoles(ArmCall call)
    {
        var filter = call.Q("$filter") ?? "";
        var (name, type) = (Value(filter, "roleName"), Value(filter, "type"));
        return ArmAnswer.List(roles.Roles
            .Where(r => r.AssignableScopes.Any(s => RoleBoard.Covers(s, call.Path.Scope)))
            .Where(r => name is null || ArmPath.Same(r.Name, name))
            .Where(r => type is null || ArmPath.Same(type, r.Custom ? "CustomRole" : "BuiltInRole"))
            .Select(View));
    }

    private ArmAnswer PutRole(ArmCall call, string id)
    {
        if (!Guid.TryParse(id, out _)) throw ArmError.BadRequest("InvalidRoleDefinitionId", $"The role definition ID '{id}' is not valid. The role definition ID must be a GUID.");
        var properties = call.Body()["properties"] as JsonObject ?? throw ArmError.BadRequest("InvalidRequestContent", "The request content is invalid: properties are missing.");
        var known = roles.FindRole(id);
        if (known is { Custom: false }) throw ArmError.BadRequest("RoleDefinitionUpdateNotAllowed", "A built-in role cannot be changed.");
        var role = new Role
        {
            Id = id,
            Name = properties.Text("roleName") ?? throw ArmError.BadRequest("InvalidRoleDefinitionName", "The role definition needs a roleName."),
            Description = properties.Text("description") ?? "",
            Custom = true,
            Actions = Words(properties["permissions"]?[0]?["actions"]),
            NotActions = Words(properties["permissions"]?[0]?["notActions"]),
            DataActions = Words(properties["permissions"]?[0]?["dataActions"]),
            NotDataActions = Words(properties["permissions"]?[0]?["notDataActions"]),
            AssignableScopes = Words(properties["assignableScopes"]),
        };
        if (role.AssignableScopes.Count == 0) throw ArmError.BadRequest("MissingAssignableScopes", "The role definition needs at least one assignable scope.");
        if (role.AssignableScopes.FirstOrDefault(s => !s.StartsWith($"/subscriptions/{subscription}", StringComparison.OrdinalIgnoreCase)) is { } foreign) throw ArmError.BadRequest("InvalidAssignableScope", $"The assignable scope '{foreign}' is not valid.");
        if (role.Actions.Count + role.DataActions.Count == 0) throw ArmError.BadRequest("InvalidActionOrNotAction", "The role definition allows nothing.");
        if (roles.Roles.FirstOrDefault(r => ArmPath.Same(r.Name, role.Name) && !ArmPath.Same(r.Id, id)) is not null)
            throw new ArmError(409, "RoleDefinitionWithSameNameExists", $"A custom role with the name '{role.Name}' already exists in this directory. Use a different name.");
        roles.Put(role);
        return new ArmAnswer(201, View(role));
    }

    private ArmAnswer DeleteRole(string id)
    {
        if (roles.FindRole(id) is not { } role) return new ArmAnswer(204);
        if (!role.Custom) throw ArmError.BadRequest("RoleDefinitionUpdateNotAllowed", "A built-in role cannot be deleted.");
        if (roles.Assignments.Any(a => ArmPath.Same(a.RoleId, id))) throw ArmError.BadRequest("RoleDefinitionHasAssignments", "There are existing role assignments referencing role.");
        roles.RemoveRole(id);
        return ArmAnswer.Ok(View(role));
    }

    private ArmAnswer ListAssignments(ArmCall call)
    {
        var filter = call.Q("$filter") ?? "";
        var (scope, principal) = (call.Path.Scope, Value(filter, "principalId") ?? AssignedTo().Match(filter) switch { { Success: true } m => m.Groups[1].Value, _ => null });
        var above = filter.Contains("atScope()", StringComparison.OrdinalIgnoreCase);
        return ArmAnswer.List(roles.Assignments
            .Where(a => RoleBoard.Covers(a.Scope, scope) || (!above && RoleBoard.Covers(scope, a.Scope)))
            .Where(a => principal is null || ArmPath.Same(a.PrincipalId, principal))
            .Select(View));
    }

    private ArmAnswer Assign(ArmCall call, string name)
    {
        if (!Guid.TryParse(name, out _)) throw ArmError.BadRequest("InvalidRoleAssignmentId", $"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.");
        var body = call.Body();
        var principal = body.Text("properties.principalId") ?? throw ArmError.BadRequest("InvalidRequestContent", "The role assignment needs a principalId.");
        var roleId = (body.Text("properties.roleDefinitionId") ?? throw ArmError.BadRequest("InvalidRequestContent", "The role assignment needs a roleDefinitionId.")).Split('/')[^1];
        if (roles.FindRole(roleId) is not { } role) throw ArmError.BadRequest("RoleDefinitionDoesNotExist", $"The specified role definition with ID '{roleId}' does not exist.");
        if (!isPrincipal(principal)) throw ArmError.BadRequest("PrincipalNotFound", $"Principal {principal} does not exist in the directory.");
        var scope = call.Path.Scope.Length == 0 ? "/" : call.Path.Scope;
        if (!role.AssignableScopes.Any(s => RoleBoard.Covers(s, scope))) throw ArmError.BadRequest("RoleDefinitionNotAssignableAtScope", $"The role '{role.Name}' cannot be assigned at the scope '{scope}'.");
        // Sent again as it is, it is taken: a template that is deployed twice does that.
        if (Find(scope, name) is { } same && ArmPath.Same(same.PrincipalId, principal) && ArmPath.Same(same.RoleId, roleId)) return ArmAnswer.Ok(View(same));
        if (Find(scope, name) is not null || roles.Assignments.Any(a => ArmPath.Same(a.Scope, scope) && ArmPath.Same(a.PrincipalId, principal) && ArmPath.Same(a.RoleId, roleId)))
            throw new ArmError(409, "RoleAssignmentExists", "The role assignment already exists.");
        var assignment = new RoleAssignment(name, scope, role.Id, principal, body.Text("properties.principalType") ?? "ServicePrincipal", time.GetUtcNow());
        roles.Assign(assignment);
        return new ArmAnswer(201, View(assignment));
    }

    private RoleAssignment? Find(string scope, string name) => roles.Assignments.FirstOrDefault(a => ArmPath.Same(a.Scope, scope) && ArmPath.Same(a.Name, name));

    private JsonObject View(RoleAssignment assignment) => new()
    {
        ["id"] = $"{assignment.Scope.TrimEnd('/')}/providers/Microsoft.Authorization/roleAssignments/{assignment.Name}",
        ["name"] = assignment.Name,
        ["type"] = "Microsoft.Authorization/roleAssignments",
        ["properties"] = new JsonObject
        {
            ["scope"] = assignment.Scope,
            ["roleDefinitionId"] = $"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{assignment.RoleId}",
            ["principalId"] = assignment.PrincipalId,
            ["principalType"] = assignment.PrincipalType,
            ["createdOn"] = Json.Stamp(assignment.Created),
            ["updatedOn"] = Json.Stamp(assignment.Created),
        },
    };

    private JsonObject View(Role role) => new()
    {
        ["id"] = $"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role.Id}",
        ["name"] = role.Id,
        ["type"] = "Microsoft.Authorization/roleDefinitions",
        ["properties"] = new JsonObject
        {
            ["roleName"] = role.Name,
            ["type"] = role.Custom ? "CustomRole" : "BuiltInRole",
            ["description"] = role.Description,
            ["assignableScopes"] = List(role.AssignableScopes),
            ["permissions"] = new JsonArray(Permission(role)),
        },
    };

    private static JsonObject Permission(Role role) => new()
    {
        ["actions"] = List(role.Actions),
        ["notActions"] = List(role.NotActions),
        ["dataActions"] = List(role.DataActions),
        ["notDataActions"] = List(role.NotDataActions),
    };

    private static JsonArray List(IEnumerable<string> words) => new([.. words.Select(w => (JsonNode)w)]);

    private static string[] Words(JsonNode? node) => node is JsonArray array ? [.. array.OfType<JsonValue>().Where(v => v.TryGetValue(out string? _)).Select(v => v.GetValue<string>())] : [];

    private static string? Value(string filter, string name) =>
        Regex.Match(filter, $@"\b{name}\s+eq\s+'([^']*)'", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant) is { Success: true } match ? match.Groups[1].Value : null;

    private static ArmError RoleNotFound(string id) => new(404, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{id}' does not exist.");

    private static ArmError AssignmentNotFound(string name) => new(404, "RoleAssignmentNotFound", $"The role assignment '{name}' is not found.");

    [GeneratedRegex(@"assignedTo\('([^']*)'\)", RegexOptions.IgnoreCase)]
    private static partial Regex AssignedTo();
}
