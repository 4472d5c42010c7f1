namespace Highflame.Dr.Engine.Execution;

/// <summary>
/// The run can no longer be written down: its disk is full, its blob store away, its lease lost. That says nothing about what Azure did: a change that Azure has
/// accepted and that could not be journaled was made all the same.
/// </summary>
internal static class JournalTrouble
{
    private const string Accepted = "accepted";

    public static bool Is(Exception exception) => exception is DrException { ErrorId: "HfJournalNotWritten" or "HfRunStoreUnusable" or "HfLeaseLost" };

    /// <summary>What a caller gets for a change that Azure accepted and the journal did not take.</summary>
    public static DrException Unrecorded(string operation, string target, DrException trouble)
    {
        var unrecorded = new DrException("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"Azure accepted the operation {operation}, and it could not be journaled: {trouble.Message}", target, trouble.NextStep, trouble);
        unrecorded.Data[Accepted] = operation;
        return unrecorded;
    }

    /// <summary>True for a change that Azure is known to have accepted: it must not be sent again.</summary>
    public static bool IsUnrecorded(DrException exception) => exception.Data.Contains(Accepted);
}
