using System.ComponentModel;
using System.Diagnostics;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>The bicep program: HFDR_BICEP, else one on the path, else the Azure CLI's.</summary>
internal static class BicepProgram
{
    /// <summary>What a run of it said.</summary>
    internal sealed record Answer(int ExitCode, string Output, string Errors);

    /// <summary>Runs it and waits. Errors: HfBicepNotFound.</summary>
    /// <param name="about">What it works on, for the error.</param>
    /// <param name="folder">Working folder; null is the current one.</param>
    /// <param name="arguments">Arguments, each as it is.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    public static async Task<Answer> RunAsync(string about, string? folder, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Find()) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder ?? "" };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception failure)
        {
            throw NotFound(about, $"The bicep program is not there: {failure.Message}", failure);
        }

        using (process ?? throw NotFound(about, "The bicep program could not be started.", null))
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                var output = await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
                return new(process.ExitCode, output, string.Join(Environment.NewLine, (await errors.ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("HFDR_BICEP") is { Length: > 0 } named) return named;
        var name = OperatingSystem.IsWindows() ? "bicep.exe" : "bicep";
        var cli = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".azure", "bin", name);
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(d => File.Exists(Path.Combine(d, name)));
        return !onPath && File.Exists(cli) ? cli : name;
    }

    private static DrException NotFound(string about, string message, Exception? inner) =>
        new("HfBicepNotFound", DrErrorKind.NotFound, message, about, "Install it (az bicep install), or set HFDR_BICEP to its path. New-HfRegion needs it for a .bicep file only; a comparison with a template always does.", inner);
}
