using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Notifications;

/// <summary>
/// Tells every receiver of a pair, side by side, each once and within its own time. What goes wrong is one warning that names the receiver's host and never its URL, which is
/// often a secret.
/// </summary>
internal sealed class Notifier
{
    private static readonly TimeSpan InsightsLimit = TimeSpan.FromSeconds(5);
    private readonly AzureConnection? _connection;
    private readonly TimeProvider _time;
    private readonly Func<HttpMessageHandler>? _handler;

    /// <param name="connection">Its trust is used; null means the machine's own.</param>
    /// <param name="time">Clock of the limits.</param>
    /// <param name="handler">Stands in for the network in tests.</param>
    public Notifier(AzureConnection? connection, TimeProvider time, Func<HttpMessageHandler>? handler = null)
    {
        _connection = connection;
        _time = time;
        _handler = handler;
    }

    public async Task SendAsync(RegionPair pair, DrNotice notice, IDrObserver observer, CancellationToken cancellationToken)
    {
        if (!pair.Notifications.Any) return;
        using var client = new HttpClient(_handler?.Invoke() ?? TrustedRoots.CreateHandler(_connection?.TrustedRoots)) { Timeout = Timeout.InfiniteTimeSpan };
        var sending = pair.Notifications.Webhooks.Select(hook => PostAsync(client, WebhookUrl.TryParse(WebhookUrl.Resolve(hook.Url)), hook.Url, NoticePayload.For(hook.Format, notice), TimeSpan.FromSeconds(hook.TimeoutSeconds), cancellationToken)).ToList();
        if (pair.Notifications.ApplicationInsights is { Length: > 0 } insights)
        {
            var target = InsightsTarget.TryParse(WebhookUrl.Resolve(insights));
            sending.Add(PostAsync(client, target?.Track, insights, target is null ? "" : NoticePayload.CustomEvent(target.Key, notice), InsightsLimit, cancellationToken));
        }

        var problems = (await Task.WhenAll(sending).ConfigureAwait(false)).Where(p => p is not null).ToArray();
        if (problems.Length > 0) observer.Warning($"Not everybody could be told of '{notice.Event}': {string.Join("; ", problems)}");
    }

    /// <summary>Null when the receiver took it.</summary>
    private async Task<string?> PostAsync(HttpClient client, Uri? url, string declared, string payload, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (url is null) return declared.StartsWith("env:", StringComparison.Ordinal) ? $"the environment variable {declared[4..]} does not hold a URL that may be used" : "a URL of the pair file may not be used";
        using var deadline = new CancellationTokenSource(limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(payload, Encoding.UTF8, "application/json") };
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("highflame-dr", "1"));
            using var response = await client.SendAsync(request, both.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : $"{url.Host} answered HTTP {(int)response.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{url.Host} did not answer within {limit.TotalSeconds:0.#} s";
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            return $"{url.Host}: {(e.InnerException ?? e).Message}";
        }
    }
}
