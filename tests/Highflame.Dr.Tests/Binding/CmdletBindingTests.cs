using Highflame.Dr.Tests.Fakes;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Binding;

/// <summary>Each cmdlet by name, by pipeline object and by property name, against the fake engine: one area in each class.</summary>
public abstract class CmdletBindingTests : IDisposable
{
    private readonly FakeSession _session = new();

    private protected FakeEngine Engine => _session.Engine;

    private protected HostedShell Shell => _session.Shell;

    public void Dispose()
    {
        _session.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ShellResult Invoke(string script, object? variables = null) => _session.Invoke(script, variables);

    private protected static System.Security.SecureString Secure(string text) => new System.Net.NetworkCredential("", text).SecurePassword;
}
