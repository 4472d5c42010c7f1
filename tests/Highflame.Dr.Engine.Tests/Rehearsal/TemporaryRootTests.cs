using Highflame.Dr.Engine.Rehearsal;
using Highflame.Dr.Engine.Tests.Support;

namespace Highflame.Dr.Engine.Tests.Rehearsal;

public sealed class TemporaryRootTests
{
    [Fact]
    public void Remove_OwnDirectory_IsGoneWithWhatIsInIt()
    {
        var root = TemporaryRoot.Create();
        Directory.CreateDirectory(Path.Combine(root, "logs"));
        File.WriteAllText(Path.Combine(root, "logs", "arm.log"), "x");

        TemporaryRoot.Remove(root, new RecordingObserver());

        Assert.False(Directory.Exists(root));
    }

    [Fact]
    public void Remove_DirectoryOfTheUser_IsKept()
    {
        var own = Directory.CreateTempSubdirectory("hfdr-").FullName;
        try
        {
            TemporaryRoot.Remove(own, new RecordingObserver());

            Assert.True(Directory.Exists(own));
        }
        finally
        {
            Directory.Delete(own);
        }
    }
}
