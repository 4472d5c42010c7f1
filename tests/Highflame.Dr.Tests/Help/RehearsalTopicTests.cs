using Highflame.Dr.Rehearsal;

namespace Highflame.Dr.Tests.Help;

/// <summary>The rehearsal that about_Highflame_Dr_Rehearsal tells, played as it stands: two regions, a lost one, a failover, the way back to two.</summary>
public sealed class RehearsalTopicTests
{
    [Fact]
    public void Rehearsal_ByHand_EndsWithOneWriterAndNoProcess()
    {
        var folder = Directory.CreateTempSubdirectory("hf-rehearsal-").FullName;
        try
        {
            using var shell = ExampleSandbox.OpenIn(folder);

            ExampleSandbox.Run(shell, ExampleBlock.Read(Pages.Topic("about_Highflame_Dr_Rehearsal")).Where(block => block.Use == ExampleUse.Run));

            var sandbox = shell.Invoke("$sandbox").One<Sandbox>();
            var load = shell.Invoke("$load").One<LoadReport>();
            Assert.True(load.Acknowledged > 0);
            Assert.Equal(0, load.AcceptedByOldPrimary);
            Assert.Equal("highflame-prod-dr-postgres", load.CountedIn);
            Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(sandbox.ProcessId));
            Assert.False(Directory.Exists(sandbox.Root));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
