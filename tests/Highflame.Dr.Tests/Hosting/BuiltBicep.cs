using System.Reflection;
using System.Runtime.CompilerServices;

namespace Highflame.Dr.Tests.Hosting;

/// <summary>The tests evaluate templates with the bicep program of the build, unless HFDR_BICEP names another one. A user's own is on the path.</summary>
internal static class BuiltBicep
{
#pragma warning disable CA2255 // Before any test, and once: a test that set it would change it for those beside it.
    [ModuleInitializer]
#pragma warning restore CA2255
    public static void Name()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HFDR_BICEP"))) return;
        Environment.SetEnvironmentVariable("HFDR_BICEP", typeof(BuiltBicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "BicepPath").Value);
    }
}
