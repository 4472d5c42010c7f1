using System.Globalization;
using Highflame.Dr.Engine.Azure;
using static Highflame.Dr.Engine.Azure.AzureWord;

namespace Highflame.Dr.Engine.Readiness;

/// <summary>The gateway of the region that shall take over: listeners, certificates, health; and where DNS leads. Pure.</summary>
internal static class GatewayRules
{
    /// <summary>A certificate or key that expires sooner is told of.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static void Judge(ReadinessObservation seen, Findings findings)
    {
        Listeners(seen, findings);
        foreach (var host in seen.Hosts) Host(seen, host, findings);
        Names(seen, findings);
    }

    private static void Listeners(ReadinessObservation seen, Findings findings)
    {
        if (seen.To.GatewayId is not { } id) return;
        if (seen.Gateway.Value is not { } gateway)
        {
            if (seen.Gateway.Failure is { ErrorId: "HfGatewayMissing" } missing) findings.Refuse(missing.ErrorId, id, missing.Message, "The gateway that the pair file names.", missing.NextStep ?? "Correct gatewayId in the pair file.");
            else if (seen.Gateway.Problem is { } problem) findings.NotObserved(id, $"The application gateway of {seen.To.Location}", problem);
            return;
        }

        if (gateway.OperationalState is { } state && !Is(state, "Running"))
            findings.Refuse("HfGatewayStopped", gateway.Name, $"Application gateway {gateway.Name} is {state}.", "State Running.", "Start it: az network application-gateway start.");
        foreach (var host in Expected(seen).Where(h => !gateway.Serves(h)))
        {
            findings.Refuse("HfListenerMissing", gateway.Name, $"{gateway.Name} ({seen.To.Location}) has no HTTPS listener with a rule for {host}. It has: {(gateway.Hosts.Any() ? string.Join(", ", gateway.Hosts) : "none")}.", $"An HTTPS listener and a rule for {host}.",
                $"Let the ingress controller of {seen.To.Location} synchronise (deploy the ingress there), or add listener and rule.");
        }

        if (seen.OtherGateway.Problem is { } hidden) findings.NotObserved(seen.From.GatewayId ?? seen.From.Location, $"The application gateway of {seen.From.Location}, to compare with,", hidden);
    }

    /// <summary>Hosts that clients ask for: those of the region that serves now, where it may be asked, and the application's own.</summary>
    private static IEnumerable<string> Expected(ReadinessObservation seen) =>
        (seen.OtherGateway.Value?.Hosts ?? []).Append(seen.Pair.Health.HostName ?? "").Where(h => h.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase);

    private static void Host(ReadinessObservation seen, HostSight host, Findings findings)
    {
        var at = $"{seen.To.GatewayTarget}:{seen.Pair.Health.Port}";
        if (host.Certificate.Value is { } certificate)
        {
            var dates = string.Create(CultureInfo.InvariantCulture, $"valid from {certificate.From:u} to {certificate.Until:u}");
            var renew = $"Renew it in the vault of {seen.To.Location}; the gateway takes it from there.";
            if (certificate.Until <= seen.At || certificate.From > seen.At)
            {
                findings.Refuse("HfCertificateExpired", host.Host, $"The certificate that {at} shows for {host.Host} is not valid now: {dates}.", "A certificate that is valid now.", renew);
                return;
            }

            if (certificate.Trouble is { } trouble)
            {
                findings.Refuse("HfCertificateUntrusted", host.Host, $"The certificate that {at} shows for {host.Host} ({certificate.Subject}) is not trusted: {trouble}.", "A certificate for the host from a root that is trusted.", "Give the listener the host's own certificate; check the roots that are trusted here.");
                return;
            }

            if (certificate.Until - seen.At < Soon) findings.Warn("HfCertificateExpiring", host.Host, $"The certificate that {at} shows for {host.Host} expires soon: {dates}.", $"Valid for {Soon.TotalDays:0} days at least.", renew);
        }

        if (host.Health.Value is { Healthy: false } sick)
            findings.Refuse("HfGatewayUnhealthy", host.Host, $"{host.Host} at {at} is not healthy: {(sick.Reason ?? "no reason was given").TrimEnd('.')}.", $"Status {seen.Pair.Health.ExpectedStatus} at {seen.Pair.Health.Path}, served by {seen.To.Location}.", "See the gateway's backends, the application's pods and the database they name.");
        else if (host.Health.Value is null && (host.Certificate.Problem ?? host.Health.Problem) is { } problem)
            findings.Refuse("HfGatewayUnhealthy", host.Host, $"{host.Host} at {at} does not answer: {problem.TrimEnd('.')}.", $"Status {seen.Pair.Health.ExpectedStatus} at {seen.Pair.Health.Path}.", "See the gateway, its public address and its listener.");
    }

    private static void Names(ReadinessObservation seen, Findings findings)
    {
        var name = seen.Traffic.Value?.Profile.Fqdn ?? seen.Pair.Name;
        if (seen.Dns.Value is not { } routes)
        {
            if (seen.Dns.Problem is { } problem) findings.NotObserved(name, "DNS", problem);
            return;
        }

        foreach (var failed in routes.Where(r => r.Failure is not null))
            findings.Warn("HfDnsFailed", name, $"{failed.Resolver} gives no answer for {failed.Name}: {failed.Failure!.TrimEnd('.')}.", "An answer.", "Look at that name server; ask others with -Resolver.");
        foreach (var stale in routes.Where(r => r is { Failure: null, Current: false }))
            findings.Warn("HfDnsStale", name, $"{stale.Resolver} answers {string.Join(", ", stale.Addresses)} for {stale.Ttl} s, which is not what the endpoint says now.", "The endpoint's present target.", "Wait for the TTL and look again (Test-HfTrafficRoute).");
        var answers = routes.Where(r => r.Failure is null).Select(r => string.Join(",", r.Addresses.Order(StringComparer.Ordinal))).Distinct().ToArray();
        if (answers.Length > 1) findings.Warn("HfDnsDisagree", name, $"{routes.Count} name servers give {answers.Length} answers: {string.Join(" | ", answers)}.", "One answer.", "Wait for the TTL and look again (Test-HfTrafficRoute).");
        if (routes.Count == 1) findings.Inform("HfDnsOneResolver", name, $"Only one name server was asked: {routes[0].Resolver}.", "The view of several.", "Give more with -Resolver, for example those that clients use.");
    }
}
