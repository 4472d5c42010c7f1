using System.Security.Cryptography;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>Tenant, subscription, the one service principal with its secret, and the managed identity.</summary>
internal sealed record SandboxIdentity
{
    public required string TenantId { get; init; }

    public required string SubscriptionId { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>Object id of the service principal.</summary>
    public required string ObjectId { get; init; }

    public required string ManagedIdentityClientId { get; init; }

    public required string ManagedIdentityObjectId { get; init; }

    /// <summary>The user-assigned identities of the applications, in the order of the regions.</summary>
    public required IReadOnlyList<Principal> Applications { get; init; }

    /// <summary>A user-assigned identity for runbooks, with the rights of the service principal.</summary>
    public required Principal Runbooks { get; init; }

    /// <summary>Object id of the one user.</summary>
    public required string UserObjectId { get; init; }

    public string UserName => "operator@sandbox.highflame.example";

    /// <summary>What X-IDENTITY-HEADER must say.</summary>
    public required string ManagedIdentityHeader { get; init; }

    public Principal ApplicationOf(SandboxRegion region) => Applications[region.Number - 1];

    /// <summary>The identity that a managed-identity request names; the system-assigned one when it names none, null when there is none of that name.</summary>
    public Principal? FindManaged(string? clientId, string? objectId) => (clientId, objectId) switch
    {
        ({ Length: > 0 }, _) => Managed.FirstOrDefault(p => string.Equals(p.ClientId, clientId, StringComparison.OrdinalIgnoreCase)),
        (_, { Length: > 0 }) => Managed.FirstOrDefault(p => string.Equals(p.ObjectId, objectId, StringComparison.OrdinalIgnoreCase)),
        _ => Managed[0],
    };

    /// <summary>True for the object id of a user, application or identity of this tenant.</summary>
    public bool IsPrincipal(string objectId) =>
        Managed.Select(m => m.ObjectId).Append(ObjectId).Append(UserObjectId).Contains(objectId, StringComparer.OrdinalIgnoreCase);

    private IReadOnlyList<Principal> Managed => [new(ManagedIdentityClientId, ManagedIdentityObjectId), Runbooks, .. Applications];

    /// <summary>Ids follow the seed; secrets are always new.</summary>
    public static SandboxIdentity Create(int? seed)
    {
        var random = seed is { } s ? new Random(s) : new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        string Id()
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
            return new Guid(bytes).ToString();
        }

        return new SandboxIdentity
        {
            TenantId = Id(),
            SubscriptionId = Id(),
            ClientId = Id(),
            ObjectId = Id(),
            ManagedIdentityClientId = Id(),
            ManagedIdentityObjectId = Id(),
            Applications = [new(Id(), Id()), new(Id(), Id())],
            UserObjectId = Id(),
            Runbooks = new(Id(), Id()),
            ClientSecret = LayoutPlan.Secret(),
            ManagedIdentityHeader = LayoutPlan.Secret(),
        };
    }
}
