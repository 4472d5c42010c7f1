using System.Globalization;
using Highflame.Dr.Parity;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Parity;

/// <summary>
/// Compares two snapshots: a pure function, linear in the number of properties. What a difference means is the catalogue's; this only finds it.
/// </summary>
internal sealed class ParityComparison
{
    private const string Hidden = "(a value)";
    private readonly RegionSnapshot _reference;
    private readonly RegionSnapshot _difference;
    private readonly Catalogue _catalogue;
    private readonly HashSet<ParityPart> _skip;
    private readonly ResourcePairing _pairing;
    private readonly List<ParityDrift> _drifts = [];
    private readonly HashSet<string> _unreadTypes = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(bool Reference, string? Resource, string What)> _unreadLists = [];
    private int _properties;

    private ParityComparison(RegionSnapshot reference, RegionSnapshot difference, Catalogue catalogue, IEnumerable<ParityPart> skip)
    {
        (_reference, _difference, _catalogue, _skip) = (reference, difference, catalogue, [.. skip]);
        _pairing = ResourcePairing.Of(reference, difference, catalogue);
    }

    /// <summary>The drifts, worst first, as if nothing were declared. <paramref name="shared"/> is what serves both regions.</summary>
    public static ParityReport Compare(RegionSnapshot reference, RegionSnapshot difference, Catalogue catalogue, IEnumerable<ParityPart>? skip = null, IEnumerable<SnapshotResource>? shared = null)
    {
        var comparison = new ParityComparison(reference, difference, catalogue, skip ?? []);
        comparison.Run(shared ?? []);
        return new()
        {
            Pair = reference.Pair,
            ReferenceLocation = reference.Location,
            DifferenceLocation = difference.Location,
            ReferenceTakenAt = reference.TakenAt,
            DifferenceTakenAt = difference.TakenAt,
            Drifts =
            [
                .. comparison._drifts.OrderByDescending(d => d.Severity).ThenBy(d => d.Type, StringComparer.OrdinalIgnoreCase)
                    .ThenBy(d => d.Reference ?? d.Difference, StringComparer.OrdinalIgnoreCase).ThenBy(d => d.Property, StringComparer.Ordinal),
            ],
            Resources = comparison._pairing.Pairs.Count,
            Properties = comparison._properties,
        };
    }

    private void Run(IEnumerable<SnapshotResource> shared)
    {
        Unread(_reference, true);
        Unread(_difference, false);
        foreach (var (one, other) in _pairing.Pairs) CompareResource(one, other);
        foreach (var one in _pairing.Missing) Alone(one, null);
        foreach (var other in _pairing.Extra) Alone(null, other);
        // A region overlaps with itself, and a template is no second network.
        if (!_skip.Contains(ParityPart.AddressOverlap) && !AzureLocation.Same(_reference.Location, _difference.Location)) Overlaps();
        if (!_skip.Contains(ParityPart.Fitness)) foreach (var resource in shared) Fit(resource, resource, _catalogue.RulesOf(resource.Type), []);
    }

    private void Unread(RegionSnapshot side, bool reference)
    {
        foreach (var problem in side.Problems)
        {
            if (problem.What == SnapshotProblems.List) _unreadTypes.Add(problem.Type);
            else _unreadLists.Add((reference, problem.Name is null ? null : $"{problem.Type}/{problem.Name}".ToUpperInvariant(), problem.What));
            if (_skip.Contains(ParityPart.Secrets) && problem.What is SnapshotProblems.Secrets or SnapshotProblems.Certificates) continue;
            _drifts.Add(new()
            {
                Pair = _reference.Pair,
                Severity = DriftSeverity.BreaksApplication,
                Kind = DriftKind.Unread,
                Type = problem.Type,
                Reference = reference ? problem.Name ?? side.ResourceGroup : null,
                Difference = reference ? null : problem.Name ?? side.ResourceGroup,
                ReferenceLocation = _reference.Location,
                DifferenceLocation = _difference.Location,
                Property = problem.What,
                ReferenceValue = reference ? problem.ErrorId : null,
                DifferenceValue = reference ? null : problem.ErrorId,
                Why = $"It was not compared, so it may differ. {problem.Message}",
                Remedy = problem.NextStep ?? "Read Azure's message, correct what it names and compare again.",
            });
        }
    }

    private void CompareResource(SnapshotResource one, SnapshotResource other)
    {
        var rules = _catalogue.RulesOf(one.Type);
        var (a, b) = (one.Properties, other.Properties);
        var told = new HashSet<string>(StringComparer.Ordinal);
        var securityRules = false;
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            var order = i == a.Length ? 1 : j == b.Length ? -1 : string.CompareOrdinal(a[i].Name, b[j].Name);
            _properties++;
            if (order == 0)
            {
                if (!string.Equals(a[i].Value, b[j].Value, StringComparison.Ordinal) || _pairing.RefersToFormerName(a[i].Value)) Differ(one, other, rules, a[i].Name, a[i].Value, b[j].Value, told, ref securityRules);
                i++;
                j++;
                continue;
            }

            var (name, value, left) = order < 0 ? (a[i].Name, a[i].Value, true) : (b[j].Name, b[j].Value, false);
            if (IsSaid(rules, name, left ? _difference : _reference, left ? other : one)) Differ(one, other, rules, name, left ? value : null, left ? null : value, told, ref securityRules);
            // The properties of an item that the other side lacks altogether say nothing more.
            var whole = rules.Find(name) is { IsItem: true };
            if (left)
            {
                i++;
                while (whole && i < a.Length && a[i].Name.StartsWith(name + ".", StringComparison.Ordinal)) i++;
            }
            else
            {
                j++;
                while (whole && j < b.Length && b[j].Name.StartsWith(name + ".", StringComparison.Ordinal)) j++;
            }
        }

        if (securityRules) foreach (var found in SecurityRuleComparison.Compare(one, other)) Add(one, other, DriftKind.Different, found.Note(rules), found.Property, found.Reference, found.Difference);
        if (!_skip.Contains(ParityPart.Fitness) && rules.Fits.Count > 0 && !_reference.IsTemplate && !_difference.IsTemplate) Fit(one, other, rules, told);
    }

    /// <summary>
    /// True when a side that lacks a property says something by that. A region always does. A template does of an item of a list that it writes: Azure would take the item away when it is deployed.
    /// </summary>
    private static bool IsSaid(TypeRules rules, string name, RegionSnapshot side, SnapshotResource lacking)
    {
        if (!side.IsTemplate) return true;
        if (rules.Find(name) is not { IsItem: true } rule) return false;
        var list = rule.List ?? rule.Property;
        return list.Path.StartsWith("properties.", StringComparison.Ordinal) && list.Path.EndsWith("[]", StringComparison.Ordinal)
            && lacking.Properties.Any(p => p.Name.StartsWith(list.Name + "[", StringComparison.Ordinal));
    }

    private void Differ(SnapshotResource one, SnapshotResource other, TypeRules rules, string name, string? value, string? against, HashSet<string> told, ref bool securityRules)
    {
        if (rules.Find(name) is not { } rule || Skips(rule) || IsUnread(one, other, name)) return;
        var (property, list) = (rule.Property, rule.List ?? (rule.IsItem ? rule.Property : null));
        if (list?.Compare == "rules")
        {
            securityRules = true;
            return;
        }

        if (property.Compare is "none" or "overlap") return;
        if (property.Compare is "whenBoth" or "atLeast" && (value is null || against is null)) return;
        if (value is not null && against is not null)
        {
            if (property.As == "word" && string.Equals(value, against, StringComparison.OrdinalIgnoreCase)) return;
            // A text with one region's name in it may mean that region's own, or the same for both (a tag with the name of the pair).
            if (property.As == "name" && string.Equals(_reference.Named(value), _difference.Named(against), StringComparison.Ordinal)) return;
            // Alike to the letter and yet here: the name is another's now.
            if (against.Contains('@', StringComparison.Ordinal) && !string.Equals(value, against, StringComparison.Ordinal) && string.Equals(value, _pairing.InReferenceNames(against), StringComparison.OrdinalIgnoreCase)) return;
        }

        // Of an item whose key has another's name in it, the counterpart may stand under the mapped name.
        if (rule.IsItem && (value is null || against is null) && HasMappedItem(value is null ? one : other, name, value is null)) return;
        var note = rule.IsItem && against is null ? property.Missing : rule.IsItem && value is null ? property.Extra : null;
        var severity = note?.Severity ?? rule.Severity;
        if (property.Compare == "atLeast" && Number(value) is { } least && Number(against) is { } has && has >= least) severity = DriftSeverity.Cosmetic;
        told.Add(name);
        Add(one, other, DriftKind.Different, severity, note?.Why ?? rule.Why, note?.Remedy ?? rule.Remedy, name, value, against, Conceals(rule));
    }

    /// <summary>True when the other side has the item under the name that the pairing maps its key to.</summary>
    private bool HasMappedItem(SnapshotResource side, string name, bool fromDifference)
    {
        if (!name.Contains('@', StringComparison.Ordinal) || TypeRules.KeyOf(name) is not { } key) return false;
        var list = name[..name.IndexOf('[', StringComparison.Ordinal)];
        return fromDifference
            ? side.Find($"{list}[{_pairing.InReferenceNames(key)}]") is not null
            : side.Properties.Any(p => p.Name.StartsWith(list + "[", StringComparison.Ordinal) && TypeRules.KeyOf(p.Name) is { } k && string.Equals(_pairing.InReferenceNames(k), key, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Conceals(PropertyRule rule) => rule.Property.As == "secret";

    private void Alone(SnapshotResource? one, SnapshotResource? other)
    {
        var resource = (one ?? other)!;
        // A list that could not be read on the other side proves nothing.
        if (_unreadTypes.Contains(resource.Type)) return;
        var entry = _catalogue.RulesOf(resource.Type).Entry;
        if (entry.Shared) return;
        // Of a type that a template does not make, it says nothing.
        var lacking = one is null ? _reference : _difference;
        if (lacking.IsTemplate && !lacking.Resources.Any(r => string.Equals(r.Type, resource.Type, StringComparison.OrdinalIgnoreCase))) return;
        var note = one is not null ? entry.Missing : entry.Extra;
        Add(one, other, one is not null ? DriftKind.Missing : DriftKind.Extra, note?.Severity ?? DriftSeverity.Cosmetic,
            note?.Why ?? "The reference region has none like it: it costs money and is not part of what takes over, or the reference lacks something.",
            note?.Remedy ?? "Delete it when nobody needs it, make it in the reference region too, or declare it in the pair file.",
            Catalogue.Whole, one is null ? null : "present", other is null ? null : "present", false);
    }

    /// <summary>Values that are wrong in either region, unless a worse or equal drift of the property says so already.</summary>
    private void Fit(SnapshotResource one, SnapshotResource other, TypeRules rules, HashSet<string> told)
    {
        foreach (var name in FitNames(one, rules).Concat(ReferenceEquals(one, other) ? [] : FitNames(other, rules)).Distinct(StringComparer.Ordinal))
        {
            if (rules.Find(name) is not { Property.Fit: { } fit } rule || Skips(rule) || told.Contains(name)) continue;
            var (a, b) = (one.Find(name), other.Find(name));
            if ((a is null || fit.Accepts(a)) && (b is null || fit.Accepts(b))) continue;
            Add(one, other, DriftKind.Unfit, fit.Severity ?? rule.Severity, fit.Why ?? rule.Why, fit.Remedy ?? rule.Remedy, name, a, ReferenceEquals(one, other) ? null : b, Conceals(rule));
        }
    }

    private static IEnumerable<string> FitNames(SnapshotResource resource, TypeRules rules)
    {
        foreach (var rule in rules.Fits)
        {
            if (rule.List is null)
            {
                yield return rule.Property.Name;
                continue;
            }

            foreach (var property in resource.Properties)
                if (property.Name.StartsWith(rule.List.Name + "[", StringComparison.Ordinal) && TypeRules.Pattern(property.Name) == (rule.Property.Name.Length == 0 ? rule.List.Name : $"{rule.List.Name}.{rule.Property.Name}")) yield return property.Name;
        }
    }

    /// <summary>Address ranges of the one region that overlap with ranges of the other: no drift of a resource, but it forbids joining the networks later.</summary>
    private void Overlaps()
    {
        var types = _catalogue.Entries.SelectMany(e => e.Properties.Where(p => p.Compare == "overlap").Select(p => (e.Type, Rule: p)));
        foreach (var (type, rule) in types)
        {
            IEnumerable<(AddressRange Range, SnapshotResource Resource)> Ranges(RegionSnapshot side) => side.Resources
                .Where(r => string.Equals(r.Type, type, StringComparison.OrdinalIgnoreCase))
                .SelectMany(r => (r.Find(rule.Name)?.Split(", ") ?? []).Select(t => (AddressRange.TryParse(t), r)).Where(t => t.Item1 is not null).Select(t => (t.Item1!.Value, t.r)));
            var (left, right) = (Ranges(_reference).ToList(), Ranges(_difference).ToList());
            foreach (var (a, b) in AddressRange.Overlaps(left.Select(l => l.Range), right.Select(r => r.Range)))
            {
                var (one, other) = (left.First(l => l.Range == a).Resource, right.First(r => r.Range == b).Resource);
                Add(one, other, DriftKind.Overlap, rule.Severity ?? DriftSeverity.Cosmetic, rule.Why ?? "", rule.Remedy ?? "", rule.Name, a.Text, b.Text, false);
            }
        }
    }

    /// <summary>True when the list that the property is in could not be read on either side: that is told by itself.</summary>
    private bool IsUnread(SnapshotResource one, SnapshotResource other, string name)
    {
        if (_unreadLists.Count == 0) return false;
        var what = name.Split('[', '.')[0];
        return _unreadLists.Contains((true, null, what)) || _unreadLists.Contains((false, null, what))
            || _unreadLists.Contains((true, $"{one.Type}/{one.Name}".ToUpperInvariant(), what)) || _unreadLists.Contains((false, $"{other.Type}/{other.Name}".ToUpperInvariant(), what));
    }

    private bool Skips(PropertyRule rule) => rule.Part is { } part && _skip.Contains(part);

    private void Add(SnapshotResource one, SnapshotResource other, DriftKind kind, CatalogueNote note, string property, string? value, string? against) =>
        Add(one, other, kind, note.Severity ?? DriftSeverity.Cosmetic, note.Why ?? "", note.Remedy ?? "", property, value, against, false);

    private void Add(SnapshotResource? one, SnapshotResource? other, DriftKind kind, DriftSeverity severity, string why, string remedy, string property, string? value, string? against, bool conceal)
    {
        // A value that is concealed is a digest: it never leaves.
        var (shownValue, shownAgainst) = conceal
            ? (value is null ? null : Hidden, against is null ? null : value is null ? Hidden : "(another value)")
            : (value is null ? null : Show(_reference, value), against is null ? null : Show(_difference, against));
        var key = TypeRules.KeyOf(property) is { } k ? (one is not null ? _reference : _difference).Named(k) : "";
        string Filled(string text) => text.Contains('{', StringComparison.Ordinal)
            ? text.Replace("{resource}", (other ?? one)!.Name, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal)
                .Replace("{value}", shownValue ?? "nothing", StringComparison.Ordinal).Replace("{other}", shownAgainst ?? "nothing", StringComparison.Ordinal)
                .Replace("{reference}", _reference.Location, StringComparison.Ordinal).Replace("{difference}", _difference.Location, StringComparison.Ordinal)
            : text;
        _drifts.Add(new()
        {
            Pair = _reference.Pair,
            Severity = severity,
            Kind = kind,
            Type = (one ?? other)!.Type,
            Reference = one?.Name,
            Difference = other?.Name,
            ReferenceId = one?.Id,
            DifferenceId = other?.Id,
            ReferenceLocation = _reference.Location,
            DifferenceLocation = _difference.Location,
            Property = (one is not null ? _reference : _difference).Named(property),
            ReferenceValue = shownValue,
            DifferenceValue = shownAgainst,
            Why = Filled(why),
            Remedy = Filled(remedy),
        });
    }

    /// <summary>References are shown by the name of the resource alone.</summary>
    private static string Show(RegionSnapshot side, string value)
    {
        var named = side.Named(value);
        return named.Contains('@', StringComparison.Ordinal) ? string.Join(", ", named.Split(", ").Select(ShowOne)) : named;
    }

    private static string ShowOne(string value)
    {
        var at = value.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return value;
        var words = value[(at + 1)..].Split('/');
        return value[..at] + (words.Length > 2 ? string.Join('/', words.Skip(2)) : value[(at + 1)..]);
    }

    private static double? Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
