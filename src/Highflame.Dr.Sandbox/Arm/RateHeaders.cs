using System.Globalization;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>The x-ms-ratelimit-remaining-* headers: what is left of ARM's token buckets. The sandbox shows them; it throttles only by fault.</summary>
internal sealed class RateHeaders(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (double Left, long At)> _buckets = [];

    public void Add(IHeaderDictionary headers, string method)
    {
        var (kind, size, perSecond) = method switch
        {
            "GET" or "HEAD" => ("reads", 1100d, 25d),
            "DELETE" => ("deletes", 800d, 10d),
            _ => ("writes", 800d, 10d),
        };
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var (left, at) = _buckets.GetValueOrDefault(kind, (size, now));
            left = Math.Max(1, Math.Min(size, left + (time.GetElapsedTime(at, now).TotalSeconds * perSecond)) - 1);
            _buckets[kind] = (left, now);
            headers[$"x-ms-ratelimit-remaining-subscription-{kind}"] = ((long)left).ToString(CultureInfo.InvariantCulture);
            headers[$"x-ms-ratelimit-remaining-subscription-global-{kind}"] = ((long)((size * 15) - (size - left))).ToString(CultureInfo.InvariantCulture);
        }
    }
}
