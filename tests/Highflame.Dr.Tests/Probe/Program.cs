using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using Highflame.Dr.Tests.Hosting;

namespace Highflame.Dr.Tests.Probe;

/// <summary>What a probe saw in its fresh process.</summary>
public sealed record ProbeResult(double ImportMilliseconds, string[] ErrorIds, string[] Assemblies);

/// <summary>What a script with Connect-HfAzure gave in its process: contexts as environment|credential|source|account.</summary>
public sealed record ConnectResult(string[] Contexts, string[] ErrorIds, string[] Messages, string[] Warnings, string[] Outcomes);

/// <summary>
/// The test assembly as a program: what must be seen in a process that no other test has touched. <c>import</c> imports the module;
/// <c>connect</c> runs a sign-in under the environment variables it was started with;
/// <c>beside-azure-core</c> has another Azure.Core in the default load context first and then makes the real engine sign in where nobody listens.
/// </summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["import"]:
                Import("");
                return 0;
            case ["beside-azure-core"]:
                var core = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "other-azure-core", "Azure.Core.dll"));
                Activator.CreateInstance(core.GetType("Azure.Core.ResourceIdentifier", throwOnError: true)!, "/subscriptions/x");
                Import("Connect-HfAzure -Credential $credential -TenantId 11111111-2222-3333-4444-555555555555 -SubscriptionId s -ArmEndpoint https://127.0.0.1:1 -AuthorityHost https://127.0.0.1:1");
                return 0;
            case ["connect", var script]:
                Connect(script);
                return 0;
            case ["browse", var url, var caCertificate]:
                Browser.OpenAsync(url, caCertificate).GetAwaiter().GetResult();
                return 0;
            default:
                Console.Error.WriteLine("import | beside-azure-core | connect SCRIPT");
                return 2;
        }
    }

    /// <summary>Runs a script with the module in this process, whose environment and name servers are its own, and tells what came of it.</summary>
    private static void Connect(string script)
    {
        using var shell = new HostedShell(streamCommands: true);
        var result = shell.Invoke(script);
        var contexts = result.Output.Select(o => o.BaseObject).OfType<DrContext>().Select(c => $"{c.Environment}|{c.Credential}|{c.CredentialSource}|{c.Account}");
        Console.WriteLine(JsonSerializer.Serialize(new ConnectResult([.. contexts], [.. result.ErrorIds], [.. result.Errors.Select(e => e.Exception.Message)], [.. result.Warnings], [.. result.Output.Select(o => o.BaseObject).OfType<Highflame.Dr.Evidence.RunEvidence>().Select(e => e.Outcome.ToString())])));
    }

    private static void Import(string then)
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        runspace.SessionStateProxy.SetVariable("credential", new PSCredential("client", new System.Net.NetworkCredential("", "secret").SecurePassword));
        // The engine's own first start is not the module's: one command runs before the clock does.
        Run(runspace, "Get-Command -Name Get-Help");
        var clock = Stopwatch.StartNew();
        var errors = Run(runspace, $"Import-Module -Name '{BuiltModule.Manifest}'");
        double milliseconds = clock.Elapsed.TotalMilliseconds;
        if (then.Length > 0) errors = [.. errors, .. Run(runspace, then)];
        var assemblies = AssemblyLoadContext.All.SelectMany(context => context.Assemblies.Select(a => $"{context.Name}|{a.GetName().Name}|{a.GetName().Version}"));
        Console.WriteLine(JsonSerializer.Serialize(new ProbeResult(milliseconds, errors, [.. assemblies])));
    }

    private static string[] Run(Runspace runspace, string script)
    {
        using var shell = PowerShell.Create(runspace);
        shell.AddScript(script).Invoke();
        return [.. shell.Streams.Error.Select(e => e.FullyQualifiedErrorId)];
    }
}
