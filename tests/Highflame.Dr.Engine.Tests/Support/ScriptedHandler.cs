using System.Net;
using System.Text;

namespace Highflame.Dr.Engine.Tests.Support;

/// <summary>One request as it went out.</summary>
internal sealed record SentRequest(string Method, string Url, string? Body, string? Authorization);

/// <summary>Answers from a script, in order; the last answer repeats. Nothing dials out.</summary>
internal sealed class ScriptedHandler : HttpMessageHandler
{
    private readonly Queue<Func<HttpResponseMessage>> _script = new();
    private Func<HttpResponseMessage>? _last;

    public List<SentRequest> Sent { get; } = [];

    public ScriptedHandler Answer(int status, string? json = null, params (string Name, string Value)[] headers)
    {
        _script.Enqueue(() =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status);
            if (json is not null) response.Content = new StringContent(json, Encoding.UTF8, "application/json");
            foreach (var (name, value) in headers) response.Headers.TryAddWithoutValidation(name, value);
            return response;
        });
        return this;
    }

    public ScriptedHandler Fail(Exception failure)
    {
        _script.Enqueue(() => throw failure);
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Sent.Add(new(request.Method.Method, RawUrl(request.RequestUri!), body, request.Headers.Authorization?.ToString()));
        if (_script.TryDequeue(out var next)) _last = next;
        return (_last ?? throw new InvalidOperationException("The script is empty."))();
    }

    // What a socket would get: host apart, exactly the path and query.
    private static string RawUrl(Uri uri) => $"{uri.Scheme}://{uri.Authority}{uri.PathAndQuery}";
}
