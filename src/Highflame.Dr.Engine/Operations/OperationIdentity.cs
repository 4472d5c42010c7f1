using System.Security.Cryptography;
using System.Text;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Operations;

/// <summary>Makes the record of an operation that Azure has just accepted.</summary>
internal static class OperationIdentity
{
    /// <summary>The short id people type: the first 8 hex digits of the URL's SHA-256, the same in every process.</summary>
    public static string Of(string operationUrl) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(operationUrl)))[..8].ToLowerInvariant();

    public static DrOperation Accepted(string name, string target, string operationUrl, DateTimeOffset now) => new()
    {
        Id = Of(operationUrl),
        Name = name,
        Target = target,
        OperationUrl = operationUrl,
        Outcome = StepOutcome.Pending,
        Status = "InProgress",
        Started = now,
    };
}
