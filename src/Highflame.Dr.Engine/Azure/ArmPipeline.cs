using Azure.Core;
using Azure.Core.Pipeline;

namespace Highflame.Dr.Engine.Azure;

/// <summary>Builds the pipeline that every call to Azure Resource Manager takes: telemetry, request id, bearer token, transport. It never retries: <see cref="ArmGateway"/> decides that.</summary>
internal static class ArmPipeline
{
    /// <summary>Audience of Azure's public cloud.</summary>
    public const string PublicAudience = "https://management.azure.com/";

    public static readonly Uri PublicEndpoint = new("https://management.azure.com/");

    /// <summary>The scope of an audience, with exactly one slash between the two.</summary>
    public static string ScopeOf(string audience) => audience.TrimEnd('/') + "/.default";

    public static HttpPipeline Build(HttpPipelineTransport transport, TokenCredential credential, string scope)
    {
        var options = new Options { Transport = transport, RetryPolicy = new OneAttempt() };
        options.Retry.MaxRetries = 0;
        // Timeouts are ArmGateway's, by the injected clock; this one only has to be longer.
        options.Retry.NetworkTimeout = TimeSpan.FromMinutes(5);
        Quiet(options);
        return HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, scope));
    }

    /// <summary>No event-source logging and no tracing: nothing of a request may end up where nobody looks for secrets.</summary>
    public static void Quiet(ClientOptions options)
    {
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsLoggingContentEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        options.Diagnostics.ApplicationId = "Highflame.Dr";
    }

    private sealed class Options : ClientOptions;

    private sealed class OneAttempt : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNextAsync(message, pipeline);
    }
}
