using System.Diagnostics;
using System.Text.Json;
using Highflame.Dr.Engine.Execution;
using Highflame.Dr.Execution;
using Highflame.Dr.Planning;

namespace Highflame.Dr.Engine.Tests.Race;

/// <summary>What one process of a race for a pair's lease got.</summary>
/// <param name="Won">Fencing numbers of the runs that it held.</param>
/// <param name="Held">Attempts that were told who holds it.</param>
/// <param name="Trouble">Everything that must not be.</param>
internal sealed record RaceResult(long[] Won, int Held, string[] Trouble);

/// <summary>
/// Starts runs on one pair as fast as it can, in a process of its own. Whoever holds the run creates a marker file that must not be there, and takes it away before it
/// gives the run back: two holders at once would meet at it.
/// </summary>
internal static class Racer
{
    private static readonly RunBefore s_before = new() { Active = "eastus", PrimaryResourceId = "/p", ReplicaResourceId = "/r", Ttl = 30 };

    /// <summary>The process's side: waits for a line on its input, so that all begin at once, races, and prints a <see cref="RaceResult"/>.</summary>
    public static int Run(Func<RunStore> open, string marker, int attempts)
    {
        Console.WriteLine("ready");
        Console.ReadLine();
        var (won, held, trouble) = (new List<long>(), 0, new List<string>());
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            try
            {
                var store = open();
                var run = store.Start("westus", FailoverMode.Planned, s_before);
                Hold(run, marker, trouble);
                won.Add(run.Run.FencingNumber);
                // Ended, left open and just let go, in turn: the next one begins a new run or goes on with this one.
                if (attempt % 3 == 0) store.Complete(run, StepOutcome.Succeeded);
                else if (attempt % 3 == 1) store.Complete(run, StepOutcome.Pending);
                else run.Dispose();
            }
            catch (DrException e) when (e.ErrorId == "HfRunHeld")
            {
                held++;
            }
            catch (Exception e) when (e is DrException or IOException)
            {
                trouble.Add($"{(e as DrException)?.ErrorId} {e.Message}");
            }

            // Whoever had it does not take it again at once, and the others do not spend all their attempts while it is held once.
            Thread.Sleep(Random.Shared.Next(1, 25));
        }

        Console.WriteLine(JsonSerializer.Serialize(new RaceResult([.. won], held, [.. trouble])));
        return 0;
    }

    /// <summary>The test's side: starts the processes, lets them go at once, and gives their results.</summary>
    public static async Task<RaceResult[]> RaceAsync(int processes, params string[] arguments)
    {
        var racing = Enumerable.Range(0, processes).Select(_ => Start(arguments)).ToList();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(240));
            foreach (var process in racing) Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(limit.Token));
            foreach (var process in racing) await process.StandardInput.WriteLineAsync();
            foreach (var process in racing) await process.StandardInput.FlushAsync(limit.Token);
            return await Task.WhenAll(racing.Select(async p => JsonSerializer.Deserialize<RaceResult>((await p.StandardOutput.ReadLineAsync(limit.Token)) ?? throw new InvalidOperationException(await p.StandardError.ReadToEndAsync(limit.Token)))!));
        }
        finally
        {
            foreach (var process in racing)
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
                process.Dispose();
            }
        }
    }

    /// <summary>Every attempt is told apart: exactly one holder at any time, and each with a number of its own, without a gap.</summary>
    public static void AssertOneHolderAtAnyTime(IReadOnlyCollection<RaceResult> results, int attempts)
    {
        Assert.Empty(results.SelectMany(r => r.Trouble));
        var won = results.SelectMany(r => r.Won).Order().ToArray();
        Assert.Equal(attempts, won.Length + results.Sum(r => r.Held));
        Assert.Equal(Enumerable.Range(1, won.Length).Select(n => (long)n), won);
        Assert.True(results.Count(r => r.Won.Length > 0) > 1, "Only one process ever held it: that was no race.");
    }

    private static void Hold(RunHandle run, string marker, List<string> trouble)
    {
        try
        {
            using (new FileStream(marker, FileMode.CreateNew)) run.Lease.Verify();
            File.Delete(marker);
        }
        catch (IOException e)
        {
            trouble.Add($"two holders: {e.Message}");
        }
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["exec", typeof(Racer).Assembly.Location, "race", .. arguments]) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
