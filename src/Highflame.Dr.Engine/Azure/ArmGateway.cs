using System.Globalization;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Highflame.Dr.Execution;

namespace Highflame.Dr.Engine.Azure;

/// <summary>
/// <see cref="IArm"/> over one Azure.Core pipeline. Reads are repeated on 429, 5xx and a lost connection within a budget. A write is repeated only when
/// Azure said that it was not accepted (429, "server is busy"); every other doubt is HfOutcomeUnknown and the caller observes again.
/// </summary>
internal sealed class ArmGateway : IArm, IArmClock, IArmLocks
{
    private const string Next = "nextLink";
    private readonly HttpPipeline _pipeline;
    private readonly Uri _endpoint;
    private readonly TimeProvider _time;
    private readonly ArmTimings _timings;
    private readonly ArmBudget? _budget;
    private readonly LiftedLocks _lifted;

    /// <param name="pipeline">Sends.</param>
    /// <param name="endpoint">Azure Resource Manager.</param>
    /// <param name="time">Clock.</param>
    /// <param name="timings">How long it is patient.</param>
    /// <param name="budget">Request limits shared with others; null sends at once.</param>
    public ArmGateway(HttpPipeline pipeline, Uri endpoint, TimeProvider time, ArmTimings? timings = null, ArmBudget? budget = null)
    {
        _budget = budget;
        _lifted = new(time);
        _pipeline = pipeline;
        _endpoint = endpoint;
        _time = time;
        _timings = timings ?? new();
    }

    public async Task<JsonElement?> TryGetAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        var answer = await ReadAsync(UriOf(path, apiVersion), cancellationToken).ConfigureAwait(false);
        if (answer.Status == 404 && ArmError.Of(answer).Code != "SubscriptionNotFound") return null;
        return BodyOf(answer, path);
    }

    public async Task<JsonElement> GetAsync(string path, string apiVersion, CancellationToken cancellationToken) =>
        BodyOf(await ReadAsync(UriOf(path, apiVersion), cancellationToken).ConfigureAwait(false), path);

    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        var items = new List<JsonElement>();
        var uri = UriOf(path, apiVersion);
        while (true)
        {
            var page = BodyOf(await ReadAsync(uri, cancellationToken).ConfigureAwait(false), path);
            if (page.ValueKind == JsonValueKind.Object && page.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Array)
                items.AddRange(value.EnumerateArray());
            if (page.ValueKind != JsonValueKind.Object || !page.TryGetProperty(Next, out var next) || next.ValueKind != JsonValueKind.String || next.GetString() is not { Length: > 0 } link)
                return items;
            uri = Verbatim(link);
        }
    }

    public async Task<ArmAccepted> WriteAsync(HttpMethod method, string path, string apiVersion, object? body, CancellationToken cancellationToken)
    {
        var uri = UriOf(path, apiVersion);
        var content = body is null ? null : BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(body));
        var verb = RequestMethod.Parse(method.Method);
        var started = _time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            ArmAnswer answer;
            try
            {
                answer = await SendAsync(verb, uri, content, _timings.WriteTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (TransportTrouble trouble) when (!trouble.NeverSent)
            {
                throw Unknown(method, path, trouble.Message, trouble);
            }
            catch (TransportTrouble trouble)
            {
                throw Unreachable(trouble);
            }
            if (answer.IsSuccess)
                return new(answer.Status, answer.AsyncOperation ?? (answer.Status == 202 ? answer.Location : null), answer.Body);
            if (answer.IsThrottled || answer.IsBusy)
            {
                var wait = answer.RetryAfter ?? _timings.DelayOf(attempt);
                if (_time.GetElapsedTime(started) + wait > _timings.WriteBudget) throw ArmError.ToException(answer, PathOf(path));
                TellWait(method.Method, uri, answer, wait);
                await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
                continue;
            }
            // A lock that was taken away goes on refusing for a while; nothing was accepted.
            if (ArmError.Of(answer).IsLocked && _lifted.MayLinger(path) && _timings.DelayOf(attempt) is var pause && _time.GetElapsedTime(started) + pause < _timings.LockBudget)
            {
                TellWait(method.Method, uri, answer, pause);
                await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
                continue;
            }
            if (answer.IsServerError) throw Unknown(method, path, $"Azure answered HTTP {answer.Status}, {ArmError.Of(answer)}", null);
            throw ArmError.ToException(answer, PathOf(path));
        }
    }

    public void Lifted(string scope, DateTimeOffset since) => _lifted.Lifted(scope, since);

    public void Locked(string scope) => _lifted.Locked(scope);

    public async Task<ArmPoll> PollAsync(string operationUrl, CancellationToken cancellationToken)
    {
        var uri = Verbatim(operationUrl);
        var answer = await ReadAsync(uri, cancellationToken).ConfigureAwait(false);
        var poll = OperationAnswer.Read(answer, PathOf(uri.AbsolutePath));
        return poll.Outcome == StepOutcome.Succeeded ? poll with { Body = answer.Body } : poll;
    }

    public async Task<ClockReading?> ReadClockAsync(string path, string apiVersion, CancellationToken cancellationToken)
    {
        var before = _time.GetUtcNow();
        try
        {
            var answer = await SendAsync(RequestMethod.Get, UriOf(path, apiVersion), null, _timings.ReadTimeout, cancellationToken).ConfigureAwait(false);
            return answer.Date is { } said ? new ClockReading(said, before, _time.GetUtcNow()) : null;
        }
        catch (TransportTrouble trouble)
        {
            throw Unreachable(trouble);
        }
    }

    private async Task<ArmAnswer> ReadAsync(Uri uri, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                var answer = await SendAsync(RequestMethod.Get, uri, null, _timings.ReadTimeout, cancellationToken).ConfigureAwait(false);
                if (answer.IsThrottled)
                {
                    wait = answer.RetryAfter ?? _timings.DelayOf(attempt);
                    if (_time.GetElapsedTime(started) + wait > _timings.ReadThrottleBudget) return answer;
                    TellWait("GET", uri, answer, wait);
                }
                else if (answer.IsServerError)
                {
                    wait = answer.RetryAfter ?? _timings.DelayOf(attempt);
                    if (attempt > _timings.ReadRetries || wait > _timings.LongestTransientWait || _time.GetElapsedTime(started) > _timings.TransientBudget) return answer;
                }
                else
                {
                    return answer;
                }
            }
            catch (TransportTrouble trouble)
            {
                wait = _timings.DelayOf(attempt);
                if (attempt > _timings.ReadRetries || _time.GetElapsedTime(started) > _timings.TransientBudget) throw Unreachable(trouble);
            }
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells verbosely that Azure has a request wait: by its limits, or because a server is busy.</summary>
    private static void TellWait(string method, Uri uri, ArmAnswer answer, TimeSpan wait) => DrWork.Observer?.Verbose(string.Create(
        CultureInfo.InvariantCulture, $"Azure answered HTTP {answer.Status} ({ArmError.Of(answer).Code}) to {method} {uri.AbsolutePath}: trying again in {wait.TotalSeconds:0.#} s{(answer.RetryAfter is null ? "" : ", as it asked")}."));

    /// <summary>One request, one answer. Errors: <see cref="TransportTrouble"/> when no answer came, HfSignInFailed when there is no token.</summary>
    private async Task<ArmAnswer> SendAsync(RequestMethod method, Uri uri, BinaryData? content, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var permit = _budget is null ? default : await _budget.TakeAsync(method.Method, uri.AbsolutePath, cancellationToken).ConfigureAwait(false);
        if (permit.Waited > TimeSpan.FromSeconds(1))
            DrWork.Observer?.Verbose(string.Create(CultureInfo.InvariantCulture, $"{method.Method} {uri.AbsolutePath} waited {permit.Waited.TotalSeconds:0.#} s for its turn within the subscription's request limits."));
        ArmAnswer? said = null;
        try
        {
            return said = await SendNowAsync(method, uri, content, timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _budget?.Answered(permit, said?.Remaining, said is { IsThrottled: true } ? said.RetryAfter ?? _timings.FirstDelay : null);
        }
    }

    private async Task<ArmAnswer> SendNowAsync(RequestMethod method, Uri uri, BinaryData? content, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        message.BufferResponse = true;
        message.Request.Method = method;
        message.Request.Uri.Reset(uri);
        message.Request.Headers.Add("Accept", "application/json");
        if (content is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(content);
        }
        using var patience = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _pipeline.SendAsync(message, either.Token).ConfigureAwait(false);
            return ArmAnswer.From(message.Response, _time.GetUtcNow(), ArmBudget.HeaderFor(method.Method, uri.AbsolutePath));
        }
        catch (AuthenticationFailedException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw SignInFailure.From(failure);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && TransportTrouble.TryFrom(failure, timeout) is { } trouble)
        {
            throw trouble;
        }
    }

    private Uri UriOf(string path, string apiVersion) =>
        new(_endpoint.GetLeftPart(UriPartial.Authority) + path + (path.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "api-version=" + apiVersion);

    /// <summary>A URL that Azure gave, used to the letter. The token goes to Azure Resource Manager's own host and nowhere else.</summary>
    private Uri Verbatim(string url)
    {
        if (Uri.TryCreate(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri)
            && uri.Scheme == Uri.UriSchemeHttps && uri.Port == _endpoint.Port
            && (uri.Host.Equals(_endpoint.Host, StringComparison.OrdinalIgnoreCase) || uri.Host.EndsWith("." + _endpoint.Host, StringComparison.OrdinalIgnoreCase)))
            return uri;
        throw new DrException("HfOperationUrlForeign", DrErrorKind.InvalidArgument, $"The URL does not belong to Azure Resource Manager at {_endpoint.Host}; the token is not sent there.",
            uri?.Host ?? "(no URL)", "Connect to the environment that the operation was started in, then ask for it again.");
    }

    private static JsonElement BodyOf(ArmAnswer answer, string path)
    {
        if (!answer.IsSuccess) throw ArmError.ToException(answer, PathOf(path));
        return answer.Body ?? throw new DrException("HfArmAnswerMalformed", DrErrorKind.MalformedData, $"Azure answered HTTP {answer.Status} without a JSON document.",
            PathOf(path), "Check that no proxy answers in Azure's place.");
    }

    private DrException Unreachable(TransportTrouble trouble) =>
        new("HfArmUnreachable", DrErrorKind.ConnectionFailed, $"Azure Resource Manager at {_endpoint.GetLeftPart(UriPartial.Authority)} did not answer: {trouble.Message}",
            _endpoint.GetLeftPart(UriPartial.Authority), "Check the endpoint, the network and the trusted certificate, then run Connect-HfAzure again.", trouble);

    private static DrException Unknown(HttpMethod method, string path, string reason, Exception? inner) =>
        new("HfOutcomeUnknown", DrErrorKind.OperationFailed, $"It is not known whether Azure carried out {method} on the resource: {reason}", PathOf(path),
            "Look at the resource before anything else; running the same command again does that and goes on from what it finds.", inner);

    /// <summary>A path without its query, which may be signed.</summary>
    private static string PathOf(string path) => path.Split('?', 2)[0];
}
