using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>The last line of defence: a plan with a refusal is never carried out, whoever asks.</summary>
internal static class PlanRefused
{
    public static void ThrowIfAny(Plan plan)
    {
        if (plan.Refusals is [var first, ..]) throw new DrException(first.Code, first.Kind, first.ToString(), first.Resource, first.Remedy);
    }
}
