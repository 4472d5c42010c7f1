namespace Highflame.Dr.HelpGen;

/// <summary>Something a page lacks. Printed in MSBuild's form, so that a build shows file and line.</summary>
internal sealed record HelpProblem(string File, int Line, string Message)
{
    public override string ToString() => $"{File}({Line}): error HFHELP: {Message}";
}

internal sealed class HelpProblemsException(IReadOnlyList<HelpProblem> problems) : Exception($"{problems.Count} problems in the help pages.")
{
    public IReadOnlyList<HelpProblem> Problems { get; } = problems;
}
