using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Planning;

/// <summary>A reason not to act, in the order it is read: what, about which resource, what was seen, what is required, what to do.</summary>
internal static class Refuse
{
    public static Refusal Make(string code, DrErrorKind kind, string resource, string observed, string required, string remedy) =>
        new() { Code = code, Kind = kind, Resource = resource, Observed = observed, Required = required, Remedy = remedy };
}
