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
        Ticket ticket;
        while (bucket.TryTake(_time.GetUtcNow(), out ticket) is { } wait)
        {
            waited += wait;
            using var held = Patience.Hold();
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }

        return new(bucket, ticket, waited);
    }

    /// <summary>What the answer said of the bucket; null values say nothing.</summary>
    /// <param name="permit">Of the request.</param>
    /// <param name="remaining">Tokens left, after this request.</param>
    /// <param name="closedFor">How long Azure takes no more requests of this kind (429).</param>
    public void Answered(Permit permit, string? remaining, TimeSpan? closedFor) =>
        permit.Bucket.Answered(permit.Ticket, _time.GetUtcNow(), long.TryParse(remaining, NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left : null, closedFor);

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
    internal readonly record struct Permit(Bucket Bucket, Ticket Ticket, TimeSpan Waited);

    /// <summary>One request of a bucket.</summary>
    /// <param name="Number">The how manieth it is.</param>
    /// <param name="At">When it was let go.</param>
    /// <param name="Before">How many that were let go before it had no answer then: Azure may count them after it.</param>
    internal readonly record struct Ticket(long Number, DateTimeOffset At, int Before);

    /// <summary>
    /// One token bucket, as far as it can be known from outside. Azure counts a request somewhere between its sending and its answer, and answers overtake each other: what an answer tells was true when its
    /// request was counted. So it only sets bounds for what is left when all that were sent are counted.
    /// </summary>
    internal sealed class Bucket
    {
        /// <summary>By then Azure has counted a request, if it ever does.</summary>
        private static readonly TimeSpan s_counted = TimeSpan.FromSeconds(10);

        private readonly double _documentedSize;
        private readonly double _documentedPerSecond;
        private readonly object _gate = new();
        private readonly Dictionary<long, DateTimeOffset> _underWay = [];
        private double _size;
        private double _left;
        private DateTimeOffset? _at;
        private DateTimeOffset _closedUntil = DateTimeOffset.MinValue;
        private long _sent;

        public Bucket(double size, double perSecond)
        {
            (_documentedSize, _documentedPerSecond) = (size, perSecond);
            _size = _left = size;
        }

        // Larger buckets, which some subscriptions have, fill as much faster.
        private double PerSecond => _documentedPerSecond * _size / _documentedSize;

        /// <summary>Null when a token was taken; else when to look again.</summary>
        public TimeSpan? TryTake(DateTimeOffset now, out Ticket ticket)
        {
            lock (_gate)
            {
                ticket = default;
                Fill(now);
                // After a refusal nothing is sent before the time that Azure named: an early request would make it later.
                if (now < _closedUntil) return _closedUntil - now + TimeSpan.FromMilliseconds(20);
                if (_left < 1) return TimeSpan.FromSeconds(Math.Clamp((1 - _left) / PerSecond, 0.01, 5));
                _left--;
                ticket = new(++_sent, now, _underWay.Count);
                _underWay.Add(ticket.Number, now);
                return null;
            }
        }

        public void Answered(Ticket ticket, DateTimeOffset now, long? remaining, TimeSpan? closedFor)
        {
            lock (_gate)
            {
                _underWay.Remove(ticket.Number);
                Fill(now);
                if (remaining is { } told)
                {
                    if (told > _size) _size = told;
                    // Those that were sent after it are not in what was told, answered or not; those before it without an answer may not be; what has come back since its sending may not be either.
                    // Somebody else's requests are.
                    var after = _sent - ticket.Number;
                    var most = told - after + ((now - ticket.At).TotalSeconds * PerSecond);
                    _left = Math.Min(_size, Math.Max(told - after - ticket.Before, Math.Min(_left, most)));
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
            if (_at is { } last && now > last)
            {
                // A full bucket takes nothing in: until Azure has counted what was taken from it, nothing comes back.
                var most = _size - _underWay.Values.Count(at => now - at < s_counted);
                _left = Math.Max(_left, Math.Min(most, _left + ((now - last).TotalSeconds * PerSecond)));
            }

            if (_at is null || now > _at) _at = now;
        }
    }
}
