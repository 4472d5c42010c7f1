using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Highflame.Dr.Documentation;
using Highflame.Dr.Rehearsal;
using Highflame.Dr.Tests.Drills;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Tests.Documents;

/// <summary>
/// Somebody follows the paper to the letter: bash, curl and psql type what is printed, in its order, and each answer must be the printed one. The module is not used on the way; it only says
/// afterwards what became of the regions. What a person brings along is given as the shell's surroundings: the token, the administrator's password, the sandbox's certificate and names.
/// </summary>
public sealed partial class PaperTests : IDisposable
{
    private readonly RehearsalSession _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("hfdr-paper-").FullName;
    private readonly List<string> _log = [];
    private readonly Dictionary<string, string> _logins = new(StringComparer.Ordinal);
    private string _token = "";
    private string _position = "";

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public void Planned_FollowedToTheLetterThereAndBack_MovesServiceAndLosesNoWrite()
    {
        var paper = Paper();
        _session.Shell.Invoke("$null = Start-HfSandboxLoad").EnsureNoErrors();

        Follow(PaperSheet.Read(paper, 'A'));

        var there = Protected();
        Assert.Equal(("westus", PairState.Protected, "highflame-prod-dr-postgres", "highflame-prod-postgres-2", 30L), (there.Active, there.State, there.PrimaryServer, there.ReplicaServer, there.Ttl));
        Assert.Equal("Stopped", Assert.Single(there.Servers, s => s.Name == "highflame-prod-postgres").State);
        // What the paper leaves for daylight: the region's secrets name its new server.
        _session.Shell.Invoke("$null = Invoke-HfSandboxFault -Fault SecretsRestored -Region eastus; $null = Invoke-HfSandboxFault -Fault ApplicationRestart -Region eastus; $null = Test-HfHealth -Location eastus -Via Gateway -WaitSeconds 60").EnsureNoErrors();

        Follow(PaperSheet.Read(paper, 'C'));

        var back = Protected();
        Assert.Equal(("eastus", PairState.Protected, "highflame-prod-postgres-2", "highflame-prod-dr-postgres-2", 30L), (back.Active, back.State, back.PrimaryServer, back.ReplicaServer, back.Ttl));
        Assert.True(_session.Shell.Invoke("Test-HfWriter -Quiet").One<bool>());
        var load = _session.Shell.Invoke("Stop-HfSandboxLoad").One<LoadReport>();
        Assert.True(load.Acknowledged > 100, $"Only {load.Acknowledged} writes were made.");
        Assert.Equal((0L, 0L), (load.Lost, load.AcceptedByOldPrimary));
    }

    [SkippableFact]
    public void Forced_FollowedToTheLetter_ServesFromTheOtherRegionAndPaysTheFence()
    {
        var steps = PaperSheet.Read(Paper(), 'B');
        var pay = Number(steps.First(c => c.Kind == "rest" && c.Text.Contains("default_transaction_read_only", StringComparison.Ordinal) && c.Repeat));
        _session.Shell.Invoke("$null = Invoke-HfSandboxFault -Fault RegionLost -Region eastus").EnsureNoErrors();

        Follow([.. steps.Where(c => Number(c) < pay)]);

        var served = _session.Shell.Invoke("Test-HfHealth -Location westus -Function").As<Health.HealthVerdict>();
        Assert.All(served, v => Assert.True(v.Healthy, v.Reason));
        _session.Shell.Invoke("$null = Invoke-HfSandboxFault -Fault RegionRestored -Region eastus").EnsureNoErrors();

        Follow([.. steps.Where(c => Number(c) >= pay)]);

        var status = Protected();
        Assert.Equal(("westus", PairState.Protected, "highflame-prod-dr-postgres", "highflame-prod-postgres-2"), (status.Active, status.State, status.PrimaryServer, status.ReplicaServer));
        Assert.Equal("Stopped", Assert.Single(status.Servers, s => s.Name == "highflame-prod-postgres").State);
        Assert.True(_session.Shell.Invoke("Test-HfWriter -Quiet").One<bool>());
    }

    // Azure's list of replicas follows some seconds behind.
    private RegionPairStatus Protected()
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var status = _session.Status();
            if (status.State == PairState.Protected || TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(30)) return status;
            Thread.Sleep(250);
        }
    }

    private static int Number(PaperCommand command) => int.Parse(command.Step[1..], System.Globalization.CultureInfo.InvariantCulture);

    private string Paper()
    {
        Skip.If(OperatingSystem.IsWindows(), "The paper is for bash.");
        foreach (var program in (string[])["bash", "curl", "psql"])
            Skip.IfNot((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, program))), $"{program} is not in the PATH.");
        return File.ReadAllText(_session.Shell.Invoke("Export-HfRegionDocument $folder -Format Markdown -Skip Parity, Readiness", new { folder = _folder }).One<RegionDocument>().MarkdownPath!);
    }

    private void Follow(IReadOnlyList<PaperCommand> commands)
    {
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            if (command.Kind == "az" || command.Way.StartsWith("Only if", StringComparison.Ordinal)) continue;
            if (command.Kind == "psql")
            {
                _logins[Host().Match(command.Text).Groups[1].Value] = command.Text;
                continue;
            }

            var text = command.Language == "sql" ? $"{_logins[command.Kind]} -AtX <<'SQL'\n{command.Text.Replace("POSITION", _position, StringComparison.Ordinal)}\nSQL" : command.Text;
            var answer = Type(command, text);
            if (command.Text.Contains("last_position", StringComparison.Ordinal)) _position = answer.Trim().Split('\n')[^1];
        }
    }

    private string Type(PaperCommand command, string text)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = Bash(text, command.Language == "sql" ? command.Kind : null);
            _log.Add($"{command.Step} {command.Kind}: {answer.Trim()}");
            if (command.Answer is null || Says(answer, command.Answer)) return answer;
            if (!command.Repeat || TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(60)) Assert.Fail($"{command.Step} must answer {command.Answer}.\n{text}\n\n{string.Join("\n", _log.TakeLast(40))}");
            Thread.Sleep(100);
        }
    }

    // A whole word of the answer: f is not in off.
    private static bool Says(string answer, string expected) => Regex.IsMatch(answer, $@"(?<![\w.]){Regex.Escape(expected)}(?![\w.])");

    private string Bash(string text, string? databaseHost)
    {
        using var sandbox = JsonDocument.Parse(File.ReadAllText(_session.Sandbox.Path));
        var root = sandbox.RootElement;
        if (_token.Length == 0) _token = Token(root);
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = _folder };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(text);
        start.Environment["TOKEN"] = _token;
        start.Environment["CURL_CA_BUNDLE"] = root.GetProperty("caCertificate").GetString();
        start.Environment["CURL_HOME"] = _folder;
        start.Environment["PGPASSWORD"] = root.GetProperty("regions")[0].GetProperty("servers")[0].GetProperty("password").GetString();
        if (databaseHost is not null) start.Environment["PGHOSTADDR"] = Lookup(root, databaseHost).ToString();
        else Resolve(root);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return answer + errors.Result;
    }

    // The machine's own resolver does not know the sandbox's names: curl is told what the sandbox's name server answers now.
    private void Resolve(JsonElement sandbox)
    {
        var name = sandbox.GetProperty("trafficManager").GetProperty("fqdn").GetString()!;
        File.WriteAllText(Path.Combine(_folder, ".curlrc"), $"resolve = \"{name}:{sandbox.GetProperty("gatewayPort").GetInt32()}:{Lookup(sandbox, name)}\"\n");
    }

    /// <summary>The first A record that the sandbox's name server has for a name.</summary>
    private static IPAddress Lookup(JsonElement sandbox, string name)
    {
        var server = sandbox.GetProperty("dns");
        byte[] question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name.Split('.').SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.ASCII.GetBytes(l)]), 0, 0, 1, 0, 1];
        using var client = new UdpClient();
        client.Client.ReceiveTimeout = 5000;
        client.Send(question, server.GetProperty("address").GetString()!, server.GetProperty("port").GetInt32());
        IPEndPoint? from = null;
        var answer = client.Receive(ref from);
        var at = question.Length;
        for (var records = (answer[6] << 8) | answer[7]; records > 0; records--)
        {
            // The owner: labels to their end, or a pointer.
            while (answer[at] != 0 && answer[at] < 192) at += answer[at] + 1;
            at += answer[at] == 0 ? 1 : 2;
            var (type, length) = ((answer[at] << 8) | answer[at + 1], (answer[at + 8] << 8) | answer[at + 9]);
            if (type == 1) return new IPAddress(answer.AsSpan(at + 10, 4));
            at += 10 + length;
        }

        throw new InvalidOperationException($"The sandbox's name server has no address for {name}.");
    }

    private static string Token(JsonElement sandbox)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = sandbox.GetProperty("clientId").GetString()!,
            ["client_secret"] = sandbox.GetProperty("clientSecret").GetString()!,
            ["scope"] = "https://management.azure.com/.default",
        });
        using var answer = client.PostAsync(new Uri($"{sandbox.GetProperty("authority").GetString()}/{sandbox.GetProperty("tenantId").GetString()}/oauth2/v2.0/token"), form).GetAwaiter().GetResult();
        using var document = JsonDocument.Parse(answer.Content.ReadAsStream());
        return document.RootElement.GetProperty("access_token").GetString()!;
    }

    [GeneratedRegex("host=(\\S+)")]
    private static partial Regex Host();
}
