using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Inventory;
using Highflame.Dr.Planning;
using Highflame.Dr.Topology;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Locks;

/// <summary>From the locks that are seen, and those that are owed, to the steps that take them away or put them back. Pure.</summary>
internal static class LockPlanner
{
    public const string Remove = "RemoveLock";
    public const string Restore = "PutBackLock";

    /// <summary>Only ReadOnly locks are taken away: CanNotDelete hinders nothing that a failover does.</summary>
    public static LockPlan Unlock(RegionPair pair, IEnumerable<(string ResourceId, IReadOnlyList<ResourceLock> Locks)> seen, DateTimeOffset at)
    {
        LockItem[] items =
        [
            .. seen.SelectMany(s => s.Locks.Where(l => Is(l.Level, "ReadOnly")).Select(l => (s.ResourceId, Lock: l)))
                .GroupBy(s => s.Lock.Id, StringComparer.OrdinalIgnoreCase)
                .Select(g => ItemOf(g.First().Lock, [.. g.Select(s => AzureId.NameOf(s.ResourceId)).Distinct(StringComparer.OrdinalIgnoreCase)]))
                .OrderBy(i => i.Reach).ThenBy(i => i.ResourceId, StringComparer.OrdinalIgnoreCase),
        ];
        return new LockPlan
        {
            Title = $"Take away {(items.Length == 1 ? "the lock" : $"{items.Length} locks")} that hinder{(items.Length == 1 ? "s" : "")} a failover of {pair.Name}",
            Pair = pair,
            Restores = false,
            Items = items,
            ObservedAt = at,
            Steps = [.. items.Select(RemoveStep)],
            Warnings = [.. items.Where(i => i.Reach != LockReach.Resource).Select(Wide)],
        };
    }

    /// <summary>Puts back what is owed. <paramref name="standing"/> tells what is at a lock's id now; null when nothing is.</summary>
    public static LockPlan Lock(RegionPair pair, IReadOnlyList<LockDebt> owed, Func<LockDebt, string?> standing, DateTimeOffset at)
    {
        LockItem[] items = [.. owed.Select(d => d.Item(Is(standing(d), d.Level) ? "it stands" : null))];
        return new LockPlan
        {
            Title = $"Put back {(items.Length == 1 ? "the lock" : $"{items.Length} locks")} of {pair.Name}",
            Pair = pair,
            Restores = true,
            Items = items,
            ObservedAt = at,
            Steps = [.. items.Select(RestoreStep)],
        };
    }

    public static PlanStep RemoveStep(LockItem item) => new(
        Remove, item.ResourceId,
        $"Take the {item.Level} lock '{item.Name}' away from {LockScope.Short(item.Scope)}{Noted(item)}: it hinders the change of {string.Join(", ", item.Hinders)}. It is put back when the run ends.", StepClass.Reversible);

    public static PlanStep RestoreStep(LockItem item) => new(
        Restore, item.ResourceId,
        item.Settled is null ? $"Put the {item.Level} lock '{item.Name}' back on {LockScope.Short(item.Scope)}{Noted(item)}, as it was." : $"Strike out the {item.Level} lock '{item.Name}' of {LockScope.Short(item.Scope)}: {item.Settled}.", StepClass.Reversible);

    /// <summary>What must be said before a lock is taken away that protects more than the resources it hinders.</summary>
    public static string Wide(LockItem item) => Wide(item.Name, item.Scope);

    public static string Wide(string name, string scope) =>
        $"Lock '{name}' is at {LockScope.Short(scope)}: while it is away, NOTHING in that whole {(LockScope.ReachOf(scope) == LockReach.ResourceGroup ? "resource group" : "subscription")} is protected by it.";

    private static string Noted(LockItem item) => item.Notes is { Length: > 0 } notes ? $" (\"{notes}\")" : "";

    private static LockItem ItemOf(ResourceLock held, string[] hinders) => new()
    {
        Name = held.Name,
        ResourceId = held.Id,
        Level = held.Level,
        Scope = held.Scope,
        Reach = LockScope.ReachOf(held.Scope),
        Notes = held.Notes,
        Properties = held.Properties,
        Hinders = hinders,
    };
}
