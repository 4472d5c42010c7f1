using System.Text.Json;
using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Http;
using Highflame.Dr.Topology;
using Highflame.Dr.Watch;

namespace Highflame.Dr.Engine.Watch;

/// <summary>Witnesses over HTTPS: our own probes of both gateways, the declared vantage points, and the self-check.</summary>
internal sealed class WebWitnesses
{
    private const string PublicAuthority = "https://login.microsoftonline.com/";
    private readonly AzureConnection _connection;
    private readonly RegionPair _pair;
    private readonly TimeProvider _time;

    public WebWitnesses(AzureConnection connection, RegionPair pair, TimeProvider time)
    {
        _connection = connection;
        _pair = pair;
        _time = time;
    }

    private TimeSpan Limit => TimeSpan.FromSeconds(_pair.Watch.TimeoutSeconds);

    /// <summary>Where this watcher looks from, and whether that is outside both regions.</summary>
    public static (string Place, bool Outside) Here(RegionPair pair) =>
        ("the watcher", pair.Watch.WatcherLocation is { } own && Array.TrueForAll(pair.Regions, r => !AzureLocation.Same(r.Location, own)));

    /// <summary>One for each address; any answer at all counts, since it is the way there that is checked.</summary>
    public Task<Witness[]> SelfCheckAsync(CancellationToken cancellationToken)
    {
        string[] addresses = _pair.Watch.SelfCheck is { Length: > 0 } declared ? declared : [_connection.Context.ArmEndpoint.OriginalString, _connection.Options.AuthorityHost?.OriginalString ?? PublicAuthority];
        return Task.WhenAll(addresses.Select(async text =>
        {
            var uri = new Uri(text);
            var (reply, unresolved) = await GetAsync(uri.Host, uri.Host, uri.Port, uri.PathAndQuery, cancellationToken).ConfigureAwait(false);
            return new Witness
            {
                Name = $"self-check {uri.Authority}",
                Kind = WitnessKind.SelfCheck,
                Word = reply?.Status is not null || IsCertificate(reply) ? WitnessWord.Up : unresolved is not null ? WitnessWord.Silent : WitnessWord.Down,
                Place = "the watcher",
                Target = uri.GetLeftPart(UriPartial.Authority),
                Detail = unresolved ?? (reply!.Status is { } status ? $"HTTP {status}" : reply.Failure),
                Milliseconds = reply?.Milliseconds ?? 0,
                At = _time.GetUtcNow(),
            };
        }));
    }

    public async Task<Witness> GatewayAsync(WitnessKind kind, PairRegion region, CancellationToken cancellationToken)
    {
        var health = _pair.Health;
        var (reply, unresolved) = await GetAsync(region.GatewayTarget, health.HostName ?? region.GatewayTarget, health.Port, health.Path, cancellationToken).ConfigureAwait(false);
        var (place, outside) = Here(_pair);
        return new Witness
        {
            Name = $"gateway of {region.Location}",
            Kind = kind,
            Word = unresolved is not null ? WitnessWord.Silent
                : reply!.Status == health.ExpectedStatus ? WitnessWord.Up
                : reply.Status is not null || IsCertificate(reply) ? WitnessWord.Failing
                : WitnessWord.Down,
            Place = place,
            Outside = outside,
            Target = $"https://{region.GatewayTarget}{(health.Port == 443 ? "" : $":{health.Port}")}{health.Path}",
            Detail = unresolved ?? (reply!.Status is { } status ? $"HTTP {status}{(HealthAnswer.Parse(reply.Body).Reason is { } reason ? $", {reason}" : "")}" : reply.Failure),
            Milliseconds = reply?.Milliseconds ?? 0,
            At = _time.GetUtcNow(),
        };
    }

    /// <summary>200: it serves there. 503, or JSON with healthy false: it does not. Anything else is trouble of the vantage point, and tells nothing.</summary>
    public async Task<Witness> VantageAsync(WatchVantage vantage, PairRegion active, CancellationToken cancellationToken)
    {
        var uri = new Uri(vantage.Url.Replace("{location}", Uri.EscapeDataString(active.Location), StringComparison.Ordinal).Replace("{target}", Uri.EscapeDataString(active.GatewayTarget), StringComparison.Ordinal));
        var (reply, unresolved) = await GetAsync(uri.Host, uri.Host, uri.Port, uri.PathAndQuery, cancellationToken).ConfigureAwait(false);
        var says = reply is null ? null : VantageAnswer.Read(reply.Status, reply.Body);
        return new Witness
        {
            Name = $"vantage point {vantage.Name}",
            Kind = WitnessKind.VantagePoint,
            Word = says switch { true => WitnessWord.Up, false => WitnessWord.Down, _ => WitnessWord.Silent },
            Place = vantage.Name,
            Outside = Array.TrueForAll(_pair.Regions, r => !AzureLocation.Same(r.Location, vantage.Name)),
            Target = uri.GetLeftPart(UriPartial.Path),
            Detail = unresolved ?? (says is { } healthy ? (healthy ? $"{active.Location} serves" : $"{active.Location} does not serve") : reply!.Status is { } status ? $"it answers HTTP {status}, which tells nothing" : reply.Failure),
            Milliseconds = reply?.Milliseconds ?? 0,
            At = _time.GetUtcNow(),
        };
    }

    /// <summary>The answer, or why the name leads nowhere: that is a matter of name servers and not of the one that is named.</summary>
    private async Task<(ApplicationReply? Reply, string? Unresolved)> GetAsync(string connectTo, string hostName, int port, string path, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await _connection.Names.ResolveAsync(connectTo, both.Token).ConfigureAwait(false);
        }
        catch (DrException e) when (e.ErrorId == "HfNameNotResolved")
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"the name servers do not answer for {connectTo}");
        }

        using var client = new ApplicationClient(connectTo, hostName, port, Limit, _connection.Names, _connection.TrustedRoots, _time);
        return (await client.GetAsync(path, cancellationToken).ConfigureAwait(false), null);
    }

    // Somebody is there and speaks TLS.
    private static bool IsCertificate(ApplicationReply? reply) => reply?.Failure?.Contains("certificate", StringComparison.Ordinal) == true;
}

/// <summary>What a vantage point's answer means.</summary>
internal static class VantageAnswer
{
    /// <summary>True: the region serves there. False: it does not. Null: the answer tells nothing.</summary>
    public static bool? Read(int? status, string body)
    {
        if (status is not (200 or 503)) return null;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("healthy", out var healthy))
            {
                if (healthy.ValueKind == JsonValueKind.False) return false;
                if (healthy.ValueKind == JsonValueKind.True) return status == 200 ? true : null;
            }
        }
        catch (JsonException)
        {
            // Judged by the status alone.
        }

        return status == 200;
    }
}
