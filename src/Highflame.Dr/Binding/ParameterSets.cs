namespace Highflame.Dr.Binding;

/// <summary>Parameter-set names that the cmdlets share.</summary>
internal static class ParameterSets
{
    public const string Name = "Name";
    public const string ResourceId = "ResourceId";
    public const string InputObject = "InputObject";
    public const string Pair = "Pair";
}
