using System.Text.Json.Nodes;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Access;

/// <summary>Lets a call through when a role of its principal allows the action at the scope; refuses with AuthorizationFailed (403), or leaves out of a list what the caller may not read.</summary>
internal sealed class AccessGate(RoleBoard roles)
{
    /// <summary>Throws AuthorizationFailed unless the principal may make the call.</summary>
    public void Check(ArmCall call)
    {
        if (ArmActions.Of(call.Method, call.Path) is not { } action) return;
        var (who, scope) = (call.Principal.ObjectId, call.Path.Text);
        if (roles.Allows(who, action, scope)) return;
        if (ArmActions.IsFiltered(call.Method, call.Path) && roles.AllowsBelow(who, action, scope[..SubscriptionLength(call.Path)])) return;
        // Whoever may start an operation in a group may follow it, although its URL lies at the subscription.
        if (ApiVersions.IsOperation(call.Path) && roles.AllowsBelow(who, action, $"/subscriptions/{call.Path.Subscription}")) return;
        throw new ArmError(
            403,
            "AuthorizationFailed",
            $"The client '{call.Principal.ClientId}' with object id '{who}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.")
        {
            Headers = new Dictionary<string, string> { ["x-ms-failure-cause"] = "gateway" },
        };
    }

    /// <summary>The answer as the principal may see it.</summary>
    public ArmAnswer Filter(ArmCall call, ArmAnswer answer)
    {
        var subscriptions = call is { Method: "GET", Path: { Subscription: null, Namespace: null, Rest: [var word] } } && ArmPath.Same(word, "subscriptions");
        if (answer.Body is not JsonObject body || body["value"] is not JsonArray items || (!subscriptions && !ArmActions.IsFiltered(call.Method, call.Path))) return answer;
        bool MayRead(string id) => subscriptions
            ? roles.Assignments.Any(a => ArmPath.Same(a.PrincipalId, call.Principal.ObjectId) && (RoleBoard.Covers(id, a.Scope) || RoleBoard.Covers(a.Scope, id)))
            : roles.Allows(call.Principal.ObjectId, ArmActions.Of("GET", ArmPath.Parse(id))!, id);
        foreach (var hidden in items.Where(i => i.Text("id") is { } id && !MayRead(id)).ToList()) items.Remove(hidden);
        return answer;
    }

    private static int SubscriptionLength(ArmPath path) => "/subscriptions/".Length + path.Subscription!.Length;
}
