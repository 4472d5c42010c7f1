using Highflame.Dr.Engine.Azure;
using Highflame.Dr.Engine.Azure.Wire;

namespace Highflame.Dr.Engine.Traffic;

/// <summary>What a target is: text as given, or what a resource id stands for.</summary>
/// <param name="Target">Host name or address; null when there is a problem.</param>
/// <param name="Problem">Why there is none, a sentence.</param>
internal sealed record FoundTarget(string? Target, string? Problem);

/// <summary>Turns the resource id of a public IP address or of an application gateway into what clients are sent to.</summary>
internal static class TargetLookup
{
    private const string PublicAddress = "Microsoft.Network/publicIPAddresses";
    private const string ApplicationGateway = "Microsoft.Network/applicationGateways";

    public static async Task<FoundTarget> FindAsync(IArm arm, string target, CancellationToken cancellationToken)
    {
        if (!AzureId.LooksLikeId(target)) return new(target, null);
        if (AzureId.TryParse(target) is not { } id) return new(null, $"'{target}' is not a resource id.");
        if (AzureId.IsOfType(id, PublicAddress)) return await OfAddressAsync(arm, target, cancellationToken).ConfigureAwait(false);
        if (!AzureId.IsOfType(id, ApplicationGateway)) return new(null, $"A {id.ResourceType} has no address that Traffic Manager could answer with.");

        var document = await arm.TryGetAsync(target, ApiVersions.Network, cancellationToken).ConfigureAwait(false);
        if (document is null) return new(null, $"There is no application gateway {id.Name} in resource group {id.ResourceGroupName}.");
        var frontends = WireJson.Read(document.Value, WireJson.Default.GatewayWire, target).Properties?.FrontendIPConfigurations ?? [];
        var reference = frontends.Select(f => f.Properties?.PublicIPAddress?.Id).FirstOrDefault(i => i is not null);
        return reference is null
            ? new(null, $"Application gateway {id.Name} has no public address.")
            : await OfAddressAsync(arm, reference, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The address itself; a dynamic one that is not allotted has only its name.</summary>
    private static async Task<FoundTarget> OfAddressAsync(IArm arm, string id, CancellationToken cancellationToken)
    {
        var document = await arm.TryGetAsync(id, ApiVersions.Network, cancellationToken).ConfigureAwait(false);
        if (document is null) return new(null, $"There is no public IP address {AzureId.NameOf(id)}.");
        var properties = WireJson.Read(document.Value, WireJson.Default.PublicAddressWire, id).Properties;
        var target = string.IsNullOrEmpty(properties?.IpAddress) ? properties?.DnsSettings?.Fqdn : properties.IpAddress;
        return string.IsNullOrEmpty(target) ? new(null, $"Public IP address {AzureId.NameOf(id)} has neither an address nor a name.") : new(target, null);
    }
}
