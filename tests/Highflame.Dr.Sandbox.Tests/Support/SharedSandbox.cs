namespace Highflame.Dr.Tests.Support;

/// <summary>One sandbox for a class of tests that leave its servers as they found them.</summary>
public sealed class SharedSandbox : IAsyncLifetime
{
    internal RealSandbox Sandbox { get; private set; } = null!;

    public async Task InitializeAsync() => Sandbox = await RealSandbox.StartAsync();

    public async Task DisposeAsync() => await Sandbox.DisposeAsync();
}
