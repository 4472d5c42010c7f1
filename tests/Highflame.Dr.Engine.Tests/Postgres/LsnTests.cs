using Highflame.Dr.Engine.Postgres;

namespace Highflame.Dr.Engine.Tests.Postgres;

public class LsnTests
{
    [Theory]
    [InlineData("0/0", 0UL)]
    [InlineData("16/B374D848", 0x16B374D848UL)]
    [InlineData("FFFFFFFF/FFFFFFFF", ulong.MaxValue)]
    public void Parse_Position_IsItsNumberAndPrintsTheSame(string text, ulong value)
    {
        Assert.Equal(value, Lsn.Parse(text)!.Value.Value);
        Assert.Equal(text, Lsn.Parse(text).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("16")]
    [InlineData("16/XYZ")]
    public void Parse_NoPosition_IsNull(string? text) => Assert.Null(Lsn.Parse(text));

    [Theory]
    [InlineData("1/10", "1/10", true)]
    [InlineData("2/0", "1/FFFFFFFF", true)]
    [InlineData("1/F", "1/10", false)]
    [InlineData(null, "1/10", false)]
    [InlineData("1/10", null, false)]
    public void Reached_UnknownIsNeverReached(string? position, string? target, bool expected) => Assert.Equal(expected, Lsn.Reached(position, target));
}
