using System.Net.Sockets;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DnsClient;

namespace Highflame.Dr.Sandbox.Application;

/// <summary>
/// One writer: posts {load}-{writer}-{n} one after the other. A write counts as acknowledged only when a 200 and its whole body have arrived. One without an answer
/// is sent again under the same id until it is acknowledged, as a client does that must know: the application stores an id once.
/// </summary>
internal sealed class LoadWriter(LoadSettings settings, int number, ClientWay way, LoadRecord record, Stopclock clock, TimeProvider time)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan UsualPause = TimeSpan.FromMilliseconds(20);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Off the caller's path: the ready message does not wait for the first write.
        await Task.Yield();
        var interval = TimeSpan.FromMilliseconds(settings.IntervalMilliseconds);
        // A client that writes less often is not more eager when it is refused.
        var longest = interval > UsualPause ? interval : UsualPause;
        var pause = FirstPause;
        try
        {
            for (var n = 0L; !cancellationToken.IsCancellationRequested;)
            {
                if (await TryWriteAsync($"{settings.Id}-{number}-{n}", cancellationToken).ConfigureAwait(false))
                {
                    n++;
                    pause = FirstPause;
                    if (interval > TimeSpan.Zero) await Task.Delay(interval, time, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                record.Fail();
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, longest.Ticks));
            }
        }
        catch (OperationCanceledException)
        {
            // The load stops.
        }
    }

    private async Task<bool> TryWriteAsync(string id, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(RequestTimeout, time);
        try
        {
            // A request that is under way when the load stops is let finish: its acknowledgement counts.
            if (await way.FindAsync(limit.Token).ConfigureAwait(false) is not { } client) return false;
            cancellationToken.ThrowIfCancellationRequested();
            using var request = new HttpRequestMessage(HttpMethod.Post, way.Target) { Content = new ByteArrayContent(Body(id)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var sent = clock.Now;
            using var answer = await client.SendAsync(request, limit.Token).ConfigureAwait(false);
            if (answer.StatusCode != HttpStatusCode.OK) return false;
            var entry = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false), ChildJson.Default.EntryAnswer);
            if (entry is null || entry.Id != id) return false;
            record.Acknowledge(id, sent, entry.Region, entry.Server);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException or JsonException or DnsResponseException)
        {
            return false;
        }
    }

    private static byte[] Body(string id) => JsonSerializer.SerializeToUtf8Bytes(new EntryRequest(id, "rehearsal"), ChildJson.Default.EntryRequest);
}
