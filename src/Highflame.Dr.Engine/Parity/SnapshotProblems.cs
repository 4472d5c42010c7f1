namespace Highflame.Dr.Engine.Parity;

/// <summary>Words for what of a resource could not be read.</summary>
internal static class SnapshotProblems
{
    /// <summary>The list of a type: nothing of it is known.</summary>
    public const string List = "(list)";

    public const string Secrets = "secrets";

    public const string Certificates = "certificates";

    public const string Locks = "locks";

    public const string Roles = "roles";
}
