namespace Highflame.Dr.Sandbox.Traffic;

/// <summary>
/// The verdict on one endpoint from its probes: one success makes it Online; it is Degraded after more consecutive failures than are tolerated;
/// before the first verdict it is CheckingEndpoint.
/// </summary>
internal sealed class ProbeVerdict(int toleratedFailures)
{
    private readonly Lock _gate = new();
    private int _failures;
    private string _status = MonitorStatus.CheckingEndpoint;

    public string Status
    {
        get
        {
            lock (_gate) return _status;
        }
    }

    public void Observe(bool success)
    {
        lock (_gate)
        {
            _failures = success ? 0 : _failures + 1;
            if (success) _status = MonitorStatus.Online;
            else if (_failures > toleratedFailures) _status = MonitorStatus.Degraded;
        }
    }
}
