using System.Management.Automation;

namespace Highflame.Dr;

/// <summary>A cmdlet that works on many inputs of the pipeline at once, each with an own result.</summary>
public abstract class DrFleetCmdlet : DrConnectedCmdlet
{
    private protected DrFleetCmdlet()
    {
    }

    /// <summary>
    /// How many inputs are worked on at once; default is 5. Each result is written as soon as it is there, so several come in no fixed order; 1 keeps the order. However many run, one subscription's
    /// request limits are shared by all.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>As <see cref="DrCmdlet.AwaitBeside{T}"/>, with the limit that was given.</summary>
    private protected void AwaitBeside<T>(Func<IDrObserver, CancellationToken, Task<T>> work, Action<T> then) => AwaitBeside(ThrottleLimit, work, then);
}
