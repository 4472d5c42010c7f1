using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Soak.World;

/// <summary>Stands between the runbook and the sandbox's name server, so that it can be taken away from the runbook alone. While it is off, queries get no answer.</summary>
internal sealed class DnsRelay : IAsyncDisposable
{
    private readonly UdpClient _front = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private DnsRelay(SandboxFacts facts)
    {
        _server = new IPEndPoint(IPAddress.Parse(facts.Dns.Address), facts.Dns.Port);
        _serving = Task.Run(ServeAsync);
    }

    public bool Off { get; set; }

    /// <summary>Writes a copy of sandbox.json that names the relay, in a folder of its own below the sandbox's.</summary>
    public static (DnsRelay Relay, string File) Start(SandboxWorld world)
    {
        var relay = new DnsRelay(world.Facts);
        var document = JsonNode.Parse(System.IO.File.ReadAllText(world.File))!;
        document["dns"] = new JsonObject { ["address"] = "127.0.0.1", ["port"] = ((IPEndPoint)relay._front.Client.LocalEndPoint!).Port };
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(world.Root, "relayed")).FullName, "sandbox.json");
        using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        using (var writer = new StreamWriter(file)) writer.Write(document.ToJsonString());
        return (relay, path);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _front.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var query = await _front.ReceiveAsync(_stop.Token);
                if (!Off) _ = PassAsync(query);
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private async Task PassAsync(UdpReceiveResult query)
    {
        try
        {
            using var back = new UdpClient();
            back.Connect(_server);
            await back.SendAsync(query.Buffer, _stop.Token);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            patience.CancelAfter(TimeSpan.FromSeconds(3));
            var answer = await back.ReceiveAsync(patience.Token);
            await _front.SendAsync(answer.Buffer, query.RemoteEndPoint, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // No answer: the one who asked asks again.
        }
    }
}
