using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Highflame.Dr.Sandbox.Identity;

/// <summary>
/// The two ways of a user: a device code that is approved on a page, and an authorization code with PKCE from the browser. The sandbox has one user. Codes can
/// be used once; a refresh token as long as the sandbox runs.
/// </summary>
internal sealed class UserSignIns(TimeProvider time)
{
    /// <summary>Seconds between two polls; polling faster is told with slow_down.</summary>
    public const int PollSeconds = 1;

    private static readonly TimeSpan s_deviceLifetime = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_codeLifetime = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, Device> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Browser> _browsers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Grant> _refresh = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>What a user has agreed to: the client and the scopes it asked for.</summary>
    public sealed record Grant(string ClientId, string Scope, string? Nonce = null);

    private sealed class Device(string userCode, Grant grant, DateTimeOffset until)
    {
        public string UserCode { get; } = userCode;

        public Grant Grant { get; } = grant;

        public DateTimeOffset Until { get; } = until;

        public bool? Approved { get; set; }

        public DateTimeOffset? LastPoll { get; set; }
    }

    private sealed record Browser(Grant Grant, string RedirectUri, string Challenge, DateTimeOffset Until);

    public (string DeviceCode, string UserCode, int Seconds) StartDevice(Grant grant)
    {
        var (code, user) = (Secret(), RandomNumberGenerator.GetString("BCDFGHJKLMNPQRSTVWXZ", 9));
        lock (_gate) _devices[code] = new Device(user, grant, time.GetUtcNow() + s_deviceLifetime);
        return (code, user, (int)s_deviceLifetime.TotalSeconds);
    }

    /// <summary>What the user decides on the page; false when there is no such code.</summary>
    public bool Decide(string userCode, bool approve)
    {
        lock (_gate)
        {
            var device = _devices.Values.FirstOrDefault(d => d.UserCode.Equals(userCode.Trim(), StringComparison.OrdinalIgnoreCase) && d.Until > time.GetUtcNow() && d.Approved is null);
            if (device is null) return false;
            device.Approved = approve;
            return true;
        }
    }

    /// <summary>One poll of a device. Throws <see cref="AuthorityError"/> until the user has approved.</summary>
    public Grant PollDevice(string deviceCode, string clientId)
    {
        lock (_gate)
        {
            if (!_devices.TryGetValue(deviceCode, out var device) || device.Grant.ClientId != clientId) throw new AuthorityError(400, "bad_verification_code", 70019, "The device code is not known.");
            var now = time.GetUtcNow();
            if (now > device.Until)
            {
                _devices.Remove(deviceCode);
                throw new AuthorityError(400, "expired_token", 70020, "The provided value for the input parameter 'device_code' is not valid. This device code has expired.");
            }

            var last = device.LastPoll;
            device.LastPoll = now;
            switch (device.Approved)
            {
                case true:
                    _devices.Remove(deviceCode);
                    return device.Grant;
                case false:
                    _devices.Remove(deviceCode);
                    throw new AuthorityError(400, "authorization_declined", 70018, "The end-user denied the authorization request.");
                default:
                    if (last is { } before && (now - before).TotalSeconds < PollSeconds * 0.5) throw new AuthorityError(400, "slow_down", 70017, "Polling too fast.");
                    throw new AuthorityError(400, "authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
            }
        }
    }

    public string StartBrowser(Grant grant, string redirectUri, string challenge)
    {
        var code = Secret();
        lock (_gate) _browsers[code] = new Browser(grant, redirectUri, challenge, time.GetUtcNow() + s_codeLifetime);
        return code;
    }

    /// <summary>Redeems an authorization code. Throws <see cref="AuthorityError"/> unless client, redirect and verifier fit.</summary>
    public Grant RedeemBrowser(string code, string clientId, string redirectUri, string verifier)
    {
        Browser? found;
        lock (_gate) _browsers.Remove(code, out found);
        if (found is null || found.Until < time.GetUtcNow() || found.Grant.ClientId != clientId) throw new AuthorityError(400, "invalid_grant", 70008, "The provided authorization code is not known, was used or has expired.");
        if (found.RedirectUri != redirectUri) throw new AuthorityError(400, "invalid_grant", 50011, "The redirect URI of the request does not match the one that the code was issued for.");
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) == found.Challenge
            ? found.Grant
            : throw new AuthorityError(400, "invalid_grant", 501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.");
    }

    public string StartRefresh(Grant grant)
    {
        var token = Secret();
        lock (_gate) _refresh[token] = grant;
        return token;
    }

    public Grant Refresh(string token, string clientId)
    {
        lock (_gate)
            return _refresh.TryGetValue(token, out var grant) && grant.ClientId == clientId ? grant : throw new AuthorityError(400, "invalid_grant", 700082, "The refresh token is not known or was revoked.");
    }

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(48));
}
