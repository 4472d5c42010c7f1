using Highflame.Dr.Parity;

namespace Highflame.Dr.Engine.Parity;

/// <summary>Which resource of one region stands for which of the other.</summary>
internal sealed class ResourcePairing
{
    private const string Target = "target";
    private readonly Dictionary<string, string> _others = new(StringComparer.OrdinalIgnoreCase);

    private ResourcePairing()
    {
    }

    public List<(SnapshotResource Reference, SnapshotResource Difference)> Pairs { get; } = [];

    public List<SnapshotResource> Missing { get; } = [];

    public List<SnapshotResource> Extra { get; } = [];

    /// <summary>
    /// By type and name; what is left by the name without its last digits or random word (<c>-postgres-2</c>, <c>-ssl-4f2a</c>), where that is one on each side; what is left of a type that a
    /// region has once, by that.
    /// </summary>
    public static ResourcePairing Of(RegionSnapshot reference, RegionSnapshot difference, Catalogue catalogue)
    {
        var pairing = new ResourcePairing();
        var others = new Dictionary<(string, string), SnapshotResource>(difference.Resources.Length, KeyComparer.Instance);
        var (here, there) = (Serving(reference, catalogue), Serving(difference, catalogue));
        foreach (var resource in there) others.TryAdd((resource.Type, resource.Key), resource);
        var left = new List<SnapshotResource>();
        foreach (var resource in here)
        {
            if (others.Remove((resource.Type, resource.Key), out var other)) pairing.Pairs.Add((resource, other));
            else left.Add(resource);
        }

        var right = there.Where(r => others.TryGetValue((r.Type, r.Key), out var kept) && ReferenceEquals(kept, r)).ToList();
        pairing.PairOnly(ref left, ref right, r => Stem(r.Key));
        pairing.PairOnly(ref left, ref right, r => catalogue.RulesOf(r.Type).Entry.Single ? "" : null);
        // An endpoint has the name of what it leads to, and that may have a new one.
        var theirs = right.ToHashSet<SnapshotResource>(ReferenceEqualityComparer.Instance);
        pairing.PairOnly(ref left, ref right, r => r.Find(Target) is { } target ? theirs.Contains(r) ? pairing.InReferenceNames(target) : target : null);
        pairing.Missing.AddRange(left);
        pairing.Extra.AddRange(right);
        return pairing;
    }

    /// <summary>True when the two values read alike, and yet refer to what is not each other's counterpart: the one that has it now has another name.</summary>
    public bool RefersToFormerName(string value) =>
        _others.Count > 0 && value.Contains('@', StringComparison.Ordinal)
        && value.Split(", ").Any(p => p.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at && _others.Values.Any(o => p.AsSpan(at).StartsWith(o, StringComparison.OrdinalIgnoreCase) && (p.Length == at + o.Length || p[at + o.Length] == '/')));

    /// <summary>A value of the other region with its references as the reference region would name them.</summary>
    public string InReferenceNames(string value)
    {
        if (_others.Count == 0 || !value.Contains('@', StringComparison.Ordinal)) return value;
        var parts = value.Split(", ");
        for (var i = 0; i < parts.Length; i++)
        {
            var at = parts[i].IndexOf('@', StringComparison.Ordinal);
            if (at < 0) continue;
            for (var end = parts[i].Length; end > at; end = parts[i].LastIndexOf('/', end - 1))
            {
                if (!_others.TryGetValue(parts[i][at..end], out var mapped)) continue;
                parts[i] = string.Concat(parts[i].AsSpan(0, at), mapped, parts[i].AsSpan(end));
                break;
            }
        }

        return string.Join(", ", parts.Order(StringComparer.OrdinalIgnoreCase));
    }

    private void PairOnly(ref List<SnapshotResource> left, ref List<SnapshotResource> right, Func<SnapshotResource, string?> by)
    {
        if (left.Count == 0 || right.Count == 0) return;
        var others = right.Where(r => by(r) is not null).GroupBy(r => (r.Type, by(r)!), KeyComparer.Instance).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.First(), KeyComparer.Instance);
        var paired = new HashSet<SnapshotResource>(ReferenceEqualityComparer.Instance);
        foreach (var group in left.Where(r => by(r) is not null).GroupBy(r => (r.Type, by(r)!), KeyComparer.Instance).Where(g => g.Count() == 1))
        {
            if (!others.TryGetValue(group.Key, out var other)) continue;
            var one = group.First();
            Pairs.Add((one, other));
            _others[$"@{other.Type}/{other.Key}"] = $"@{one.Type}/{one.Key}";
            paired.Add(one);
            paired.Add(other);
        }

        left = [.. left.Where(r => !paired.Contains(r))];
        right = [.. right.Where(r => !paired.Contains(r))];
    }

    /// <summary>Without what a region has beside the one of its kind that serves, and what leads there: an old primary that was left is stopped and kept for salvage, and so is its private endpoint.</summary>
    private static IReadOnlyList<SnapshotResource> Serving(RegionSnapshot region, Catalogue catalogue)
    {
        var left = region.Resources.GroupBy(r => r.Type, StringComparer.OrdinalIgnoreCase)
            .Where(g => catalogue.RulesOf(g.Key).Entry.Single && g.Count() > 1 && g.Any(r => !IsStopped(r)))
            .SelectMany(g => g.Where(IsStopped)).ToHashSet<SnapshotResource>(ReferenceEqualityComparer.Instance);
        if (left.Count == 0) return region.Resources;
        var names = left.Select(l => $"@{l.Type}/{l.Key}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. region.Resources.Where(r => !left.Contains(r) && !(r.Find(Target) is { } target && names.Contains(target)))];
    }

    private static bool IsStopped(SnapshotResource resource) => string.Equals(resource.Find("state"), "Stopped", StringComparison.OrdinalIgnoreCase);

    /// <summary>The name without a last word of up to eight letters and digits that has a digit in it, or of four hexadecimal digits, as Terraform makes them at random.</summary>
    private static string? Stem(string key)
    {
        var dash = key.LastIndexOf('-');
        if (dash <= 0 || key.Length - dash > 9) return key;
        var word = key.AsSpan(dash + 1);
        var (digit, hexadecimal) = (false, true);
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c)) return key;
            digit |= char.IsAsciiDigit(c);
            hexadecimal &= char.IsAsciiHexDigit(c);
        }

        return digit || (word.Length == 4 && hexadecimal) ? key[..dash] : key;
    }

    private sealed class KeyComparer : IEqualityComparer<(string Type, string Key)>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals((string Type, string Key) x, (string Type, string Key) y) =>
            string.Equals(x.Type, y.Type, StringComparison.OrdinalIgnoreCase) && string.Equals(x.Key, y.Key, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Type, string Key) obj) =>
            HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Type), StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Key));
    }
}
