namespace Highflame.Dr.Model.Tests;

public sealed class DrWorkTests
{
    [Fact]
    public async Task RunAsync_TwoWorksAtOnce_EachSeesItsOwnObserverToTheEndAndNobodyAfterwards()
    {
        var one = new Silent();
        var other = new Silent();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var first = DrWork.RunAsync(one, SeenAfterTheGateAsync);
        var second = DrWork.RunAsync(other, SeenAfterTheGateAsync);
        gate.SetResult();

        Assert.Same(one, await first);
        Assert.Same(other, await second);
        Assert.Null(DrWork.Observer);

        async Task<IDrObserver?> SeenAfterTheGateAsync()
        {
            await gate.Task;
            return DrWork.Observer;
        }
    }

    private sealed class Silent : IDrObserver
    {
        public void Progress(DrProgress progress) { }

        public void Verbose(string message) { }

        public void Warning(string message) { }

        public void Information(string message) { }
    }
}
