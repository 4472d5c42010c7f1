using System.Collections.Concurrent;
using System.Globalization;

namespace Highflame.Dr.Engine.Azure;

/// <summary>
/// Azure Resource Manager's request limits for one principal, as this process knows them: for each subscription and kind of request one token bucket. All connections of the principal share it, so that many
/// pairs at once wait their turn rather than be refused: a refused request makes everybody wait, and longer when it is repeated too early. The documented sizes are where it begins; what Azure tells in
/// x-ms-ratelimit-remaining-* is what it goes by.
/// </summary>
internal sealed class ArmBudget
{
    private static readonly ConcurrentDictionary<string, ArmBudget> s_shared = new(StringComparer.OrdinalIgnoreCase);

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;

    public ArmBudget(TimeProvider time) => _time = time;

    /// <summary>The one budget that this process has for a principal at an endpoint. Process-wide on purpose: the limit is.</summary>
    public static ArmBudget Of(Uri endpoint, string principal, TimeProvider time) =>
        time == TimeProvider.System ? s_shared.GetOrAdd($"{endpoint.Authority} {principal}", _ => new ArmBudget(time)) : new ArmBudget(time);

    /// <summary>Returns when the request may be sent: at once while there are tokens. Tell how it ended with <see cref="Answered"/>.</summary>
    public async Task<Permit> TakeAsync(string method, string path, CancellationToken cancellationToken)
    {
        var bucket = BucketOf(method, path);
        var waited = TimeSpan.Zero;
        while (bucket.TryTake(_time.GetUtcNow()) is { } wait)
        {
            waited += wait;
            using var held = Patience.Hold();
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }

        return new(bucket, waited);
    }

    /// <summary>What the answer said of the bucket; null values say nothing.</summary>
    /// <param name="permit">Of the request.</param>
    /// <param name="remaining">Tokens left, after this request.</param>
    /// <param name="closedFor">How long Azure takes no more requests of this kind (429).</param>
    public void Answered(Permit permit, string? remaining, TimeSpan? closedFor) =>
        permit.Bucket.Answered(_time.GetUtcNow(), long.TryParse(remaining, NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left : null, closedFor);

    /// <summary>Name of the header that tells what is left.</summary>
    public static string HeaderFor(string method, string path) => $"x-ms-ratelimit-remaining-{(SubscriptionOf(path) is null ? "tenant" : "subscription")}-{KindOf(method)}";

    private Bucket BucketOf(string method, string path)
    {
        var kind = KindOf(method);
        return _buckets.GetOrAdd($"{SubscriptionOf(path)} {kind}", _ => kind == "reads" ? new Bucket(250, 25) : new Bucket(200, 10));
    }

    private static string KindOf(string method) => method switch { "GET" or "HEAD" => "reads", "DELETE" => "deletes", _ => "writes" };

    private static string? SubscriptionOf(string path)
    {
        const string Start = "/subscriptions/";
        if (!path.StartsWith(Start, StringComparison.OrdinalIgnoreCase) || path.Length == Start.Length) return null;
        var end = path.AsSpan(Start.Length).IndexOfAny('/', '?');
        return end < 0 ? path[Start.Length..] : path.Substring(Start.Length, end);
    }

    /// <summary>The right to send one request.</summary>
    internal readonly record struct Permit(Bucket Bucket, TimeSpan Waited);

    /// <summary>One token bucket, as far as it can be known from outside.</summary>
    internal sealed class Bucket
    {
        private readonly double _documentedSize;
        private readonly double _documentedPerSecond;
        private readonly object _gate = new();
        private double _size;
        private double _left;
        private DateTimeOffset? _at;
        private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;
        private int _underWay;

        public Bucket(double size, double perSecond)
        {
            (_documentedSize, _documentedPerSecond) = (size, perSecond);
            _size = _left = size;
        }

        // Larger buckets, which some subscriptions have, fill as much faster.
        private double PerSecond => _documentedPerSecond * _size / _documentedSize;

        /// <summary>Null when a token was taken; else when to look again.</summary>
        public TimeSpan? TryTake(DateTimeOffset now)
        {
            lock (_gate)
            {
                Fill(now);
                // After a refusal nothing is sent before the time that Azure named: an early request would make it later.
                if (now < _closedUntil) return _closedUntil - now + TimeSpan.FromMilliseconds(20);
                if (_left < 1) return TimeSpan.FromSeconds(Math.Clamp((1 - _left) / PerSecond, 0.01, 5));
                _left--;
                _underWay++;
                return null;
            }
        }

        public void Answered(DateTimeOffset now, long? remaining, TimeSpan? closedFor)
        {
            lock (_gate)
            {
                _underWay--;
                Fill(now);
                if (remaining is { } told)
                {
                    if (told > _size) _size = told;
                    // Those under way are not in what was told; somebody else's requests are.
                    _left = Math.Min(_size, told - _underWay);
                }

                if (closedFor is { } time)
                {
                    if (now + time > _closedUntil) _closedUntil = now + time;
                    // One token a turn from then on, until an answer tells more.
                    _left = Math.Min(_left, 0);
                    _at = _closedUntil;
                }
            }
        }

        private void Fill(DateTimeOffset now)
        {
            if (_at is { } last && now > last) _left = Math.Min(_size, _left + ((now - last).TotalSeconds * PerSecond));
            if (_at is null || now > _at) _at = now;
        }
    }
}
