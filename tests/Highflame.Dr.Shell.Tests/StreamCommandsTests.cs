using System.Management.Automation.Runspaces;
using Highflame.Dr.Shell.Commands;

namespace Highflame.Dr.Shell.Tests;

public sealed class StreamCommandsTests
{
    [Fact]
    public void AddMissing_BareEngine_AddsEachOnce()
    {
        var state = InitialSessionState.CreateDefault2();

        StreamCommands.AddMissing(state);
        StreamCommands.AddMissing(state);

        Assert.All(StreamCommands.Names, name => Assert.Single(state.Commands[name]));
    }

    [Fact]
    public void AddMissing_CommandIsThere_LeavesIt()
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Write-Host", typeof(WriteOutputCommand), null));

        StreamCommands.AddMissing(state);

        Assert.Equal(typeof(WriteOutputCommand), Assert.IsType<SessionStateCmdletEntry>(Assert.Single(state.Commands["Write-Host"])).ImplementingType);
    }
}
