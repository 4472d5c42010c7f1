using System.Management.Automation;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>An error as three short lines: what, what next, where from.</summary>
/// <param name="Origin">The error id and, when a script wrote it, file, line and the statement.</param>
internal sealed record ErrorText(string Message, string? RecommendedAction, string Origin)
{
    public static ErrorText Of(ErrorRecord record)
    {
        var cause = record.Exception is MethodInvocationException { InnerException: { } thrown } ? thrown : record.Exception;
        var message = record.ErrorDetails?.Message is { Length: > 0 } detail ? detail : cause.Message;
        var command = record.InvocationInfo?.MyCommand?.Name;
        var action = record.ErrorDetails?.RecommendedAction;
        // The module's messages end with the next step, for hosts that show the message alone; here it has a line of its own.
        if (!string.IsNullOrWhiteSpace(action) && message.Length > action.Length && message.EndsWith(action, StringComparison.Ordinal))
            message = message[..^action.Length].TrimEnd();
        return new(
            string.IsNullOrEmpty(command) || command.StartsWith("Write-Error", StringComparison.OrdinalIgnoreCase) ? message : $"{command}: {message}",
            string.IsNullOrWhiteSpace(action) ? null : action,
            Position(record) is { } position ? $"{Id(record)} at {position}" : Id(record));
    }

    // The part before the comma is the contract; the class behind it says nothing to an operator.
    private static string Id(ErrorRecord record) => record.FullyQualifiedErrorId.Split(',')[0];

    private static string? Position(ErrorRecord record)
    {
        if (record.InvocationInfo is not { ScriptLineNumber: > 0 } info)
            return null;
        var file = string.IsNullOrEmpty(info.ScriptName) ? "line " : Path.GetFileName(info.ScriptName) + ":";
        var statement = info.Line.Trim();
        return $"{file}{info.ScriptLineNumber}" + (statement.Length is > 0 and <= 160 ? $": {statement}" : "");
    }
}
