namespace Highflame.Dr.Soak.Child;

/// <summary>A clock that somebody sets, as an operator or a time server does: the time of day jumps, timers and timestamps go on.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
}
