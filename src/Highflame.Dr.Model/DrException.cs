namespace Highflame.Dr;

/// <summary>What kind of trouble a <see cref="DrException"/> reports; the cmdlets map it to PowerShell's own error category.</summary>
public enum DrErrorKind
{
    /// <summary>The caller gave something that cannot be right.</summary>
    InvalidArgument,

    /// <summary>Something named does not exist.</summary>
    NotFound,

    /// <summary>Something is in a state in which the request makes no sense.</summary>
    InvalidState,

    /// <summary>No connection, or none that answers.</summary>
    ConnectionFailed,

    /// <summary>Sign-in failed or was never done.</summary>
    AuthenticationFailed,

    /// <summary>The signed-in principal may not do this.</summary>
    PermissionDenied,

    /// <summary>Somebody else holds what is needed.</summary>
    ResourceBusy,

    /// <summary>Time ran out before the outcome was known.</summary>
    TimedOut,

    /// <summary>Azure or PostgreSQL refused or failed.</summary>
    OperationFailed,

    /// <summary>A file is not what its schema says.</summary>
    MalformedData,
}

/// <summary>
/// The one exception that crosses from the engine to the cmdlets. It carries a stable error id (listed in about_Highflame_Dr_Errors),
/// the resource it is about and what to do next. It never carries a secret.
/// </summary>
public sealed class DrException : Exception
{
    public DrException(string errorId, DrErrorKind kind, string message, string? target = null, string? nextStep = null, Exception? inner = null)
        : base(message, inner is null ? null : Detach(inner))
    {
        ErrorId = errorId;
        Kind = kind;
        Target = target;
        NextStep = nextStep;
    }

    /// <summary>Stable id of the code path, for example <c>HfServerNotFound</c>.</summary>
    public string ErrorId { get; }

    public DrErrorKind Kind { get; }

    /// <summary>The resource id, name, path or URL that the error is about.</summary>
    public string? Target { get; }

    /// <summary>What the operator should do next, one sentence.</summary>
    public string? NextStep { get; }

    /// <summary>True when nothing further in a pipeline can work: the connection or the sign-in is gone.</summary>
    public bool EndsPipeline => Kind is DrErrorKind.ConnectionFailed or DrErrorKind.AuthenticationFailed;

    // An exception of a type that lives in the engine's private load context must not leak out of it: keep its words, not its type.
    private static Exception Detach(Exception inner) =>
        System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(inner.GetType().Assembly) is { } context
            && context != System.Runtime.Loader.AssemblyLoadContext.Default
            ? new InvalidOperationException($"{inner.GetType().FullName}: {inner.Message}")
            : inner;
}
