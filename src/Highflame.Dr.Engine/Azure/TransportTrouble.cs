using System.Net.Http;
using System.Net.Sockets;
using Azure;

namespace Highflame.Dr.Engine.Azure;

/// <summary>No answer came: the connection could not be made, broke, or took too long.</summary>
#pragma warning disable CA1064, CA1032 // It never leaves ArmGateway.
internal sealed class TransportTrouble : Exception
#pragma warning restore CA1064, CA1032
{
    private TransportTrouble(string message, bool neverSent, Exception inner)
        : base(message, inner) => NeverSent = neverSent;

    /// <summary>True when the request cannot have reached Azure.</summary>
    public bool NeverSent { get; }

    /// <summary>The trouble that a failure stands for; null when it is something else.</summary>
    public static TransportTrouble? TryFrom(Exception failure, TimeSpan timeout) => failure switch
    {
        OperationCanceledException => new($"no answer within {timeout.TotalSeconds:0} s.", neverSent: false, failure),
        RequestFailedException { Status: 0 } => From(failure.InnerException as HttpRequestException, failure),
        HttpRequestException http => From(http, failure),
        // HttpClient does not wrap what befalls it right after connecting (RemoteEndPoint of a socket that was reset).
        IOException or SocketException => new(failure.Message, neverSent: false, failure),
        AggregateException { InnerExceptions: [var first, ..] } => TryFrom(first, timeout),
        _ => null,
    };

    private static TransportTrouble From(HttpRequestException? http, Exception failure)
    {
        var neverSent = http?.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
        return new(Innermost(http ?? failure), neverSent, failure);
    }

    /// <summary>The words that tell most: those of the innermost exception, after the outermost's when they differ.</summary>
    private static string Innermost(Exception failure)
    {
        var last = failure;
        while (last.InnerException is { } inner) last = inner;
        return ReferenceEquals(last, failure) || failure.Message.Contains(last.Message, StringComparison.Ordinal) ? failure.Message : $"{failure.Message} {last.Message}";
    }
}
