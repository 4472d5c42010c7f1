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

    /// <summary>Something went wrong that does not end the work: it becomes an error with an id of its own. A host that has no errors shows a warning.</summary>
    void Error(DrException error) => Warning(error.Message);
}

/// <summary>
/// The observer of the work in flight, for layers that serve many calls at once and have none of their own, such as the connection to Azure. It flows with
/// the work and ends with it.
/// </summary>
public static class DrWork
{
    private static readonly AsyncLocal<IDrObserver?> s_observer = new();

    /// <summary>Null outside of a cmdlet's work.</summary>
    public static IDrObserver? Observer => s_observer.Value;

    /// <summary>Runs work on the pool under an observer.</summary>
    public static Task RunAsync(IDrObserver observer, Func<Task> work) => Task.Run(() =>
    {
        s_observer.Value = observer;
        return work();
    });

    /// <summary>Runs work on the pool under an observer.</summary>
    public static Task<T> RunAsync<T>(IDrObserver observer, Func<Task<T>> work) => Task.Run(() =>
    {
        s_observer.Value = observer;
        return work();
    });
}
