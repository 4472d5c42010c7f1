using System.Text.RegularExpressions;

namespace Highflame.Dr.Sandbox.Access;

/// <summary>What a role allows. Patterns with *, compared without case, as Azure writes them.</summary>
internal sealed record Role
{
    /// <summary>GUID; the last word of its resource id.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string Description { get; init; } = "";

    /// <summary>True for a role that the customer made.</summary>
    public bool Custom { get; init; }

    public IReadOnlyList<string> Actions { get; init; } = [];

    public IReadOnlyList<string> NotActions { get; init; } = [];

    public IReadOnlyList<string> DataActions { get; init; } = [];

    public IReadOnlyList<string> NotDataActions { get; init; } = [];

    public IReadOnlyList<string> AssignableScopes { get; init; } = ["/"];
}

/// <summary>A role given to a principal on a scope and everything below it.</summary>
/// <param name="Name">GUID.</param>
/// <param name="Scope">Resource id, group, subscription or / .</param>
/// <param name="RoleId">GUID of the role.</param>
/// <param name="PrincipalId">Object id of who has it.</param>
/// <param name="PrincipalType">User, Group or ServicePrincipal.</param>
internal sealed record RoleAssignment(string Name, string Scope, string RoleId, string PrincipalId, string PrincipalType, DateTimeOffset Created);

/// <summary>Role definitions and role assignments: who may do what where. Effective at once; Azure takes minutes.</summary>
internal sealed class RoleBoard
{
    private readonly Dictionary<string, Role> _roles = BuiltInRoles.All.ToDictionary(r => r.Id, StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Scope, string Name), RoleAssignment> _assignments = [];
    private readonly Lock _gate = new();

    public IReadOnlyList<Role> Roles
    {
        get
        {
            lock (_gate) return [.. _roles.Values];
        }
    }

    public IReadOnlyList<RoleAssignment> Assignments
    {
        get
        {
            lock (_gate) return [.. _assignments.Values.OrderBy(a => a.Created).ThenBy(a => a.Name, StringComparer.Ordinal)];
        }
    }

    public Role? FindRole(string id)
    {
        lock (_gate) return _roles.GetValueOrDefault(id);
    }

    public void Put(Role role)
    {
        lock (_gate) _roles[role.Id] = role;
    }

    public bool RemoveRole(string id)
    {
        lock (_gate) return _roles.Remove(id);
    }

    public void Assign(RoleAssignment assignment)
    {
        lock (_gate) _assignments[Key(assignment.Scope, assignment.Name)] = assignment;
    }

    public RoleAssignment? Remove(string scope, string name)
    {
        lock (_gate) return _assignments.Remove(Key(scope, name), out var removed) ? removed : null;
    }

    /// <summary>True when a role of the principal on the scope, or on what contains it, allows the action.</summary>
    /// <param name="principalId">Object id.</param>
    /// <param name="action">For example Microsoft.Network/trafficManagerProfiles/read.</param>
    /// <param name="scope">Id of the resource that the action is done to.</param>
    /// <param name="data">True for a data action, such as reading a secret.</param>
    public bool Allows(string principalId, string action, string scope, bool data = false) => RolesAt(principalId, scope).Any(r =>
        data ? Matches(r.DataActions, action) && !Matches(r.NotDataActions, action) : Matches(r.Actions, action) && !Matches(r.NotActions, action));

    /// <summary>True when a role of the principal counts somewhere below the scope: a list shows what it may read.</summary>
    public bool AllowsBelow(string principalId, string action, string scope) => Assignments.Any(a =>
        a.PrincipalId == principalId && Covers(scope, a.Scope) && FindRole(a.RoleId) is { } role && Matches(role.Actions, action) && !Matches(role.NotActions, action));

    /// <summary>Roles that count at a scope.</summary>
    public IReadOnlyList<Role> RolesAt(string principalId, string scope)
    {
        lock (_gate)
        {
            return
            [
                .. _assignments.Values
                    .Where(a => string.Equals(a.PrincipalId, principalId, StringComparison.OrdinalIgnoreCase) && Covers(a.Scope, scope))
                    .Select(a => _roles.GetValueOrDefault(a.RoleId))
                    .OfType<Role>(),
            ];
        }
    }

    /// <summary>True when the first scope is the second or contains it.</summary>
    public static bool Covers(string scope, string other) =>
        scope is "/" or "" || (other.StartsWith(scope, StringComparison.OrdinalIgnoreCase) && (other.Length == scope.Length || other[scope.Length] == '/'));

    public static bool Matches(IEnumerable<string> patterns, string action) => patterns.Any(p =>
        p == "*" || Regex.IsMatch(action, $"^{Regex.Escape(p).Replace(@"\*", ".*", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));

    private static (string Scope, string Name) Key(string scope, string name) => (scope.ToUpperInvariant(), name.ToUpperInvariant());
}
