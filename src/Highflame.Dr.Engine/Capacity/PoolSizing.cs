using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Capacity;

/// <summary>From a pool as it is and as the pair file wants it to the size it gets. Pure.</summary>
internal static class PoolSizing
{
    /// <summary>
    /// Every member of the result is set as it shall be; Min and Max stay null without the autoscaler. A region that is or becomes active is never made smaller:
    /// what the autoscaler has added by itself stays. One that is passive gets what the file says, and its autoscaler takes the nodes away that it does not need.
    /// </summary>
    public static PoolCapacity Target(PoolSeen seen, PoolCapacity wanted, RegionRole role)
    {
        if (!(wanted.Running ?? (seen.Running || wanted.Count > 0 || wanted.Min > 0)))
            return new() { Name = seen.Name, Count = seen.Count, Min = seen.Min, Max = seen.Max, Running = false };
        int? min = wanted.Min ?? seen.Min, max = wanted.Max ?? seen.Max;
        var count = wanted.Count ?? seen.Count;
        if (role == RegionRole.Active)
        {
            min = Larger(min, seen.Min);
            max = Larger(max, seen.Max);
            count = Math.Max(count, seen.Count);
        }

        if (min is { } least && max is { } most)
        {
            // A count alone moves the limits that it would not fit into.
            if (wanted is { Min: null, Count: { } alone }) (min, max) = (least, most) = (Math.Min(least, alone), Math.Max(most, alone));
            count = Math.Clamp(count, least, most);
        }

        return new() { Name = seen.Name, Count = count, Min = min, Max = max, Running = true };
    }

    /// <summary>Nodes that are not there now.</summary>
    public static int Added(PoolSeen seen, PoolCapacity target) => target.Running == true ? Math.Max(0, target.Count!.Value - (seen.Running ? seen.Count : 0)) : 0;

    public static bool Same(PoolSeen seen, PoolCapacity target) =>
        seen.Running == target.Running && (!seen.Running || (seen.Count == target.Count && seen.Min == target.Min && seen.Max == target.Max));

    private static int? Larger(int? wanted, int? seen) => wanted is { } w && seen is { } s ? Math.Max(w, s) : wanted;
}
