using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr;

public partial interface IDrEngine
{
    /// <summary>Compares a region's database secrets and private endpoint with a server. Errors: HfServerNotFound, HfBindingAmbiguous and those of the vault.</summary>
    Task<BindingPlan> PlanBindingAsync(DrConnection connection, BindingRequest request, IDrObserver observer, CancellationToken cancellationToken);

    Task<DbBinding> ExecuteAsync(DrConnection connection, BindingPlan plan, ExecutionOptions options, IDrObserver observer, CancellationToken cancellationToken);
}
