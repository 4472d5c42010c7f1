using System.Management.Automation;
using Highflame.Dr.Shell.Hosting;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Highflame.Dr.Shell.Tests;

public sealed class ProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _written = new();

    [Fact]
    public void PlainReport_AfterTheInterval_WritesAgain()
    {
        var view = new PlainProgress(_written, _time);

        view.Report(1, Record("a"));
        view.Report(1, Record("b"));
        _time.Advance(PlainProgress.Interval);
        view.Report(1, Record("c"));

        Assert.Equal("Promoting: a\nPromoting: c\n", _written.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void PlainReport_NothingNew_WritesNothing()
    {
        var view = new PlainProgress(_written, _time);

        view.Report(1, Record("a"));
        _time.Advance(PlainProgress.Interval);
        view.Report(1, Record("a"));

        Assert.Equal("Promoting: a\n", _written.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void PlainReport_TwoActivities_AreTimedApart()
    {
        var view = new PlainProgress(_written, _time);

        view.Report(1, Record("a"));
        view.Report(2, Record("b"));

        Assert.Equal("Promoting: a\nPromoting: b\n", _written.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void LiveReport_SecondReport_ErasesTheFirst()
    {
        var view = new LiveProgress(Terminal(), _time);

        view.Report(1, Record("a"));
        _time.Advance(TimeSpan.FromSeconds(1));
        view.Report(1, Record("b"));
        view.Clear();

        var text = _written.ToString();
        Assert.Equal(2, text.Split("\e[1A\r\e[J").Length - 1);
        Assert.Contains("Promoting: b", text, StringComparison.Ordinal);
    }

    [Fact]
    public void LiveReport_Completed_LeavesNothing()
    {
        var view = new LiveProgress(Terminal(), _time);

        view.Report(1, Record("a"));
        view.Report(1, new ProgressRecord(0, "Promoting", " ") { RecordType = ProgressRecordType.Completed });

        Assert.EndsWith("\e[1A\r\e[J", _written.ToString(), StringComparison.Ordinal);
    }

    private static ProgressRecord Record(string status) => new(0, "Promoting", status);

    private IAnsiConsole Terminal() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = ColorSystemSupport.NoColors,
        Out = new AnsiConsoleOutput(_written),
    });
}
