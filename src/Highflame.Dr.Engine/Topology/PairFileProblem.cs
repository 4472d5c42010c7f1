namespace Highflame.Dr.Engine.Topology;

/// <summary>One thing that is wrong in a region-pair file.</summary>
/// <param name="Line">1-based line.</param>
/// <param name="Column">1-based column.</param>
/// <param name="Member">Where in the document, for example <c>regions[1].location</c>.</param>
/// <param name="Text">What is wrong and what was expected.</param>
internal sealed record PairFileProblem(int Line, int Column, string Member, string Text)
{
    public override string ToString() => $"line {Line}, column {Column}: {Member}: {Text}";
}
