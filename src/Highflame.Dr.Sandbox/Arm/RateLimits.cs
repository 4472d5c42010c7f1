using System.Globalization;

namespace Highflame.Dr.Sandbox.Arm;

/// <summary>
/// ARM's token buckets: for each subscription (or the tenant), principal and kind of request one, and one fifteen times as large for all principals together.
/// What is left is always told in x-ms-ratelimit-remaining-*; beyond it requests are refused only where <see cref="Behaviour.Throttling"/> is on.
/// </summary>
internal sealed class RateLimits(Settings settings, TimeProvider time)
{
    /// <summary>Longest Retry-After in seconds.</summary>
    private const double LongestWait = 60;

    /// <summary>How many principals' buckets the one of the whole subscription is.</summary>
    private const double Together = 15;

    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();

    /// <summary>Counts a request and tells what is left. Throws SubscriptionRequestsThrottled (429) with Retry-After, which doubles for a client that does not wait for it.</summary>
    /// <param name="subscription">Null for a request of the tenant.</param>
    public void Count(IHeaderDictionary headers, string method, string path, string? subscription, string principal)
    {
        var (kind, size, perSecond) = method switch
        {
            "GET" or "HEAD" => ("reads", 250d, 25d),
            "DELETE" => ("deletes", 200d, 10d),
            _ => ("writes", 200d, 10d),
        };
        var scope = subscription is null ? "tenant" : "subscription";
        double wait;
        lock (_gate)
        {
            var own = Find($"{subscription}|{principal}|{kind}", size, perSecond);
            var all = Find($"{subscription}||{kind}", size * Together, perSecond * Together);
            wait = Take(own, all);
            headers[$"x-ms-ratelimit-remaining-{scope}-{kind}"] = Whole(own.Left);
            headers[$"x-ms-ratelimit-remaining-{scope}-global-{kind}"] = Whole(all.Left);
        }

        if (wait <= 0) return;
        var seconds = wait.ToString(CultureInfo.InvariantCulture);
        throw new ArmError(
            429, "SubscriptionRequestsThrottled", $"Number of requests for subscription '{subscription}' and operation '{method}{Shape(path)}' exceeded the backend storage limit. Please try again after '{seconds}' seconds.")
        {
            Headers = new Dictionary<string, string> { ["Retry-After"] = seconds },
        };
    }

    /// <summary>Seconds to wait; 0 when the request is served.</summary>
    private double Take(Bucket own, Bucket all)
    {
        var now = time.GetUtcNow();
        if (!settings.Behaviour.Throttling)
        {
            own.Left = Math.Max(0, own.Left - 1);
            all.Left = Math.Max(0, all.Left - 1);
            return 0;
        }

        if (now < own.Until)
        {
            // Requests that were under way together with the first refused one do not count as impatience.
            if (now - own.Refused < TimeSpan.FromMilliseconds(250)) return Math.Ceiling((own.Until - now).TotalSeconds);
            return Refuse(own, now, Math.Min(LongestWait, own.Wait * 2));
        }

        var short1 = own.Left < 1 ? (1 - own.Left) / own.PerSecond : 0;
        var short2 = all.Left < 1 ? (1 - all.Left) / all.PerSecond : 0;
        if (Math.Max(short1, short2) is > 0 and var needed) return Refuse(own, now, Math.Max(1, Math.Ceiling(needed)));
        own.Left--;
        all.Left--;
        return 0;
    }

    private static double Refuse(Bucket bucket, DateTimeOffset now, double wait)
    {
        (bucket.Wait, bucket.Refused, bucket.Until) = (wait, now, now.AddSeconds(wait));
        return wait;
    }

    private Bucket Find(string key, double size, double perSecond)
    {
        var now = time.GetUtcNow();
        if (!_buckets.TryGetValue(key, out var bucket)) _buckets[key] = bucket = new Bucket { Left = size, At = now, PerSecond = perSecond };
        bucket.Left = Math.Min(size, bucket.Left + ((now - bucket.At).TotalSeconds * perSecond));
        bucket.At = now;
        return bucket;
    }

    private static string Whole(double left) => ((long)left).ToString(CultureInfo.InvariantCulture);

    /// <summary>The path's fixed words in capitals, as ARM names an operation.</summary>
    private static string Shape(string path)
    {
        var parsed = ArmPath.Parse(path);
        return parsed.Namespace is null ? "/SUBSCRIPTIONS" : $"/SUBSCRIPTIONS/RESOURCEGROUPS/PROVIDERS/{parsed.FullType}".ToUpperInvariant();
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public DateTimeOffset At { get; set; }

        public required double PerSecond { get; init; }

        /// <summary>What the last refusal asked to wait, in seconds.</summary>
        public double Wait { get; set; }

        public DateTimeOffset Refused { get; set; } = DateTimeOffset.MinValue;

        public DateTimeOffset Until { get; set; } = DateTimeOffset.MinValue;
    }
}
