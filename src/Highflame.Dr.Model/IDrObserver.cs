namespace Highflame.Dr;

/// <summary>One report of how far long work is. <see cref="PercentComplete"/> is -1 when it cannot be known.</summary>
public sealed record DrProgress(string Activity, string Status, int PercentComplete = -1, bool Completed = false);

/// <summary>Where the engine reports while it works. Called from any thread; the cmdlets bring each report to the pipeline's thread.</summary>
public interface IDrObserver
{
    void Progress(DrProgress progress);

    void Verbose(string message);

    void Warning(string message);

    void Information(string message);
}
