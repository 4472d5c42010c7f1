using System.Globalization;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>A difference between the rules of two network security groups.</summary>
internal sealed record SecurityRuleDrift(string Property, string? Reference, string? Difference)
{
    /// <summary>What the catalogue says of it.</summary>
    public CatalogueNote Note(TypeRules rules)
    {
        var rule = rules.Find(Property)!;
        var note = (Reference, Difference) switch
        {
            (not null, null) => rule.Property.Missing,
            (null, not null) => rule.Property.Extra,
            _ => null,
        };
        return new() { Severity = note?.Severity ?? rule.Severity, Why = note?.Why ?? rule.Why, Remedy = note?.Remedy ?? rule.Remedy };
    }
}

/// <summary>
/// Compares rules by what they mean: names, exact priorities and the order of prefixes and ports do not count. Two rules that both groups have, of which one allows and the other denies what
/// the first allows, must come in the same order.
/// </summary>
internal static class SecurityRuleComparison
{
    private const string List = "rules";

    private sealed record Rule(string Name, string Meaning, int Priority);

    public static IEnumerable<SecurityRuleDrift> Compare(SnapshotResource one, SnapshotResource other)
    {
        var (a, b) = (Read(one), Read(other));
        var same = new List<(Rule One, Rule Other)>();
        // The same meaning first, whatever the name.
        foreach (var rule in a.ToList())
        {
            if ((b.Find(r => r.Meaning == rule.Meaning && r.Name == rule.Name) ?? b.Find(r => r.Meaning == rule.Meaning)) is not { } match) continue;
            same.Add((rule, match));
            a.Remove(rule);
            b.Remove(match);
        }

        foreach (var rule in a.ToList())
        {
            if (b.Find(r => r.Name == rule.Name) is not { } match) continue;
            yield return new($"{List}[{rule.Name}]", rule.Meaning, match.Meaning);
            a.Remove(rule);
            b.Remove(match);
        }

        foreach (var rule in a) yield return new($"{List}[{rule.Name}]", rule.Meaning, null);
        foreach (var rule in b) yield return new($"{List}[{rule.Name}]", null, rule.Meaning);
        foreach (var ((first, firstOther), (second, secondOther)) in Inverted(same))
            yield return new($"{List}[{first.Name}].order", $"before {second.Name} ({first.Priority} < {second.Priority})", $"after {secondOther.Name} ({firstOther.Priority} > {secondOther.Priority})");
    }

    private static IEnumerable<((Rule, Rule), (Rule, Rule))> Inverted(List<(Rule One, Rule Other)> same)
    {
        var ordered = same.OrderBy(s => s.One.Priority).ToList();
        for (var i = 0; i < ordered.Count; i++)
        {
            for (var j = i + 1; j < ordered.Count; j++)
            {
                if (ordered[i].Other.Priority < ordered[j].Other.Priority) continue;
                if (SecurityRule.Parse(ordered[i].One.Meaning) is { } x && SecurityRule.Parse(ordered[j].One.Meaning) is { } y && x.Access != y.Access && x.Meets(y)) yield return (ordered[i], ordered[j]);
            }
        }
    }

    private static List<Rule> Read(SnapshotResource group)
    {
        var rules = new List<Rule>();
        foreach (var property in group.Properties)
        {
            if (!property.Name.StartsWith(List + "[", StringComparison.Ordinal) || !property.Name.EndsWith(']')) continue;
            var priority = int.TryParse(group.Find(property.Name + ".priority"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            rules.Add(new(TypeRules.KeyOf(property.Name)!, property.Value, priority));
        }

        return rules;
    }
}
