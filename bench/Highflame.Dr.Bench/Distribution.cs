namespace Highflame.Dr.Bench;

/// <summary>Seconds, measured several times. Percentiles are by nearest rank: each is a value that was measured.</summary>
internal sealed record Distribution(double P50, double P95, double Max)
{
    public static Distribution Of(IEnumerable<double> seconds)
    {
        double[] sorted = [.. seconds.Order()];
        return new(Rank(sorted, 0.50), Rank(sorted, 0.95), sorted[^1]);
    }

    private static double Rank(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
