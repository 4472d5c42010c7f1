namespace Highflame.Dr.Soak;

/// <summary>A test that kills processes and limits them: on Linux only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux()) Skip = "Signals and limits as on Linux.";
    }
}
