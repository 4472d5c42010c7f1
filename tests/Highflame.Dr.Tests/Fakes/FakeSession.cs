using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Fakes;

/// <summary>A shell on the fake engine, connected and with the pair highflame-prod imported unless told otherwise.</summary>
internal sealed class FakeSession : IDisposable
{
    public FakeSession(bool connect = true, bool importPair = true)
    {
        Shell = new HostedShell(Engine);
        if (connect) Shell.Invoke("Connect-HfAzure").EnsureNoErrors();
        if (importPair) Shell.Invoke("Import-HfRegionPair /pairs/highflame-prod.json").EnsureNoErrors();
        Engine.Calls.Clear();
    }

    public FakeEngine Engine { get; } = new();

    public HostedShell Shell { get; }

    public ShellResult Invoke(string script, object? variables = null) => Shell.Invoke(script, variables);

    public void Dispose() => Shell.Dispose();
}
