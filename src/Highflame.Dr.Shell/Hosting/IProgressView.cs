using System.Management.Automation;

namespace Highflame.Dr.Shell.Hosting;

/// <summary>Shows progress records. Called under the terminal's lock.</summary>
internal interface IProgressView
{
    void Report(long sourceId, ProgressRecord record);

    /// <summary>Removes what is on the screen; a later report draws anew.</summary>
    void Clear();
}
