namespace Highflame.Dr.Engine.Capacity;

/// <summary>Names of the steps, and of the operations that they start.</summary>
internal static class CapacitySteps
{
    public const string StartPool = "StartPool";
    public const string StopPool = "StopPool";
    public const string ScalePool = "ScalePool";
    public const string ScaleGateway = "ScaleGateway";
    public const string ScaleCache = "ScaleCache";
    public const string ScaleDatabase = "ScaleDatabase";

    public static bool IsOne(string name) => name is StartPool or StopPool or ScalePool or ScaleGateway or ScaleCache or ScaleDatabase;
}
