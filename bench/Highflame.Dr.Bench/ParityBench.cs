using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Highflame.Dr.Engine.Parity;
using Highflame.Dr.Parity;

namespace Highflame.Dr.Bench;

/// <summary>
/// How long the comparison of two snapshots takes and what it allocates, beside a search of every resource through the other list (what Compare-Object does) and beside jq on the same files.
/// </summary>
internal static class ParityBench
{
    private const int Rounds = 9;

    public static int Run(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("hfdr-parity-bench-").FullName;
        try
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Machine.ThisOne()}, load {Machine.LoadAverage()}"));
            output.WriteLine("resources      properties  compare ms  allocated MB  from files ms  linear search ms  jq ms   ratio search  ratio jq");
            double? first = null;
            Warm();
            foreach (var count in new[] { 5_000, 10_000, 50_000 })
            {
                var (one, other) = (Region(count, "eastus", "app"), Region(count, "westus", "app-dr"));
                var (left, right) = (Path.Combine(folder, $"one-{count}.json"), Path.Combine(folder, $"other-{count}.json"));
                SnapshotFile.Write(one, left);
                SnapshotFile.Write(other, right);
                var expected = ParityComparison.Compare(one, other, Catalogue.Shipped);
                var compare = Best(() => ParityComparison.Compare(one, other, Catalogue.Shipped), out var bytes);
                var files = Best(() => ParityComparison.Compare(SnapshotFile.Read(left), SnapshotFile.Read(right), Catalogue.Shipped), out _, 2);
                // Quadratic: not waited for beyond ten thousand.
                var search = count <= 10_000 ? Best(() => Search(one, other), out _, 1) : (double?)null;
                var jq = Jq(left, right, count);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"2 x {count,-10} {expected.Properties,10} {compare,11:0.0} {bytes / 1048576.0,13:0.0} {files,14:0} {search,17:0} {jq,6:0} {(search is { } s ? $"{s / compare:0.0}" : "-"),14} {(jq is { } j ? $"{j / files:0.0}" : "-"),9}"));
                if (expected.Drifts.Length != 2 * (count / 1000)) throw new InvalidOperationException($"{expected.Drifts.Length} drifts instead of {2 * (count / 1000)}.");
                first ??= compare / count;
                if (count == 50_000) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"time for one resource, 2 x 50,000 beside 2 x 5,000: {compare / count / first:0.00}"));
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    /// <summary>Until the comparison is compiled for good: else the first size pays for it, and growth looks less than it is.</summary>
    private static void Warm()
    {
        var (one, other) = (Region(1_000, "eastus", "app"), Region(1_000, "westus", "app-dr"));
        for (var i = 0; i < 200; i++) ParityComparison.Compare(one, other, Catalogue.Shipped);
    }

    /// <summary>A region of many resources of five types; one in a thousand differs in two properties.</summary>
    private static RegionSnapshot Region(int count, string location, string prefix)
    {
        var other = location != "eastus";
        var region = new RegionDocuments("bench", "sub", new RegionNames(location, $"{prefix}-rg", prefix), new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        for (var i = 0; i < count; i++)
        {
            var changed = other && i % 1000 == 7;
            var (type, json) = (i % 5) switch
            {
                0 => ("Microsoft.Network/publicIPAddresses", """{"sku":{"name":"Standard","tier":"Regional"},"zones":["1","2","3"],"properties":{"publicIPAllocationMethod":"Static","publicIPAddressVersion":"IPv4"}}"""),
                1 => ("Microsoft.ManagedIdentity/userAssignedIdentities", """{"properties":{},"$roles":[{"role":"Key Vault Secrets User","scope":"/subscriptions/sub/resourceGroups/GROUP/providers/Microsoft.KeyVault/vaults/PREFIX-kv"}]}"""),
                2 => ("Microsoft.Cache/redis", """{"properties":{"sku":{"name":"Standard","family":"C","capacity":CAPACITY},"redisVersion":"6.0","enableNonSslPort":false,"minimumTlsVersion":"TLS","redisConfiguration":{"rdb-backup-enabled":"true"}}}"""),
                3 => ("Microsoft.Network/networkSecurityGroups", Rules),
                _ => ("Microsoft.KeyVault/vaults", """{"properties":{"sku":{"name":"standard"},"enableRbacAuthorization":true,"enablePurgeProtection":true,"networkAcls":{"defaultAction":"Allow","bypass":"AzureServices"}},"$secrets":[{"name":"password","state":"set"},{"name":"host","state":"set"},{"name":"username","state":"set"}]}"""),
            };
            json = json.Replace("CAPACITY", changed ? "1" : "3", StringComparison.Ordinal).Replace("TLS", changed ? "1.0" : "1.2", StringComparison.Ordinal)
                .Replace("GROUP", $"{prefix}-rg", StringComparison.Ordinal).Replace("PREFIX", prefix, StringComparison.Ordinal);
            var document = (JsonObject)JsonNode.Parse(json)!;
            document["tags"] = new JsonObject { ["Project"] = "highflame", ["Environment"] = "prod", ["ManagedBy"] = "Terraform" };
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}-resource{i:000000}x");
            region.Resources.Add(new(type, name, $"/subscriptions/sub/resourceGroups/{prefix}-rg/providers/{type}/{name}", document));
        }

        return SnapshotBuilder.Build(region, Catalogue.Shipped);
    }

    private static readonly string Rules = new JsonObject
    {
        ["properties"] = new JsonObject
        {
            ["securityRules"] = new JsonArray([.. Enumerable.Range(0, 5).Select(r => (JsonNode)new JsonObject
            {
                ["name"] = $"rule-{r}",
                ["properties"] = new JsonObject
                {
                    ["priority"] = 100 + r, ["direction"] = "Inbound", ["access"] = "Allow", ["protocol"] = "Tcp", ["sourceAddressPrefix"] = "VirtualNetwork", ["sourcePortRange"] = "*",
                    ["destinationAddressPrefix"] = "*", ["destinationPortRange"] = (1000 + r).ToString(CultureInfo.InvariantCulture),
                },
            })]),
        },
    }.ToJsonString();

    /// <summary>Each resource is looked for through the whole other list, and each of its properties through the other's: as Compare-Object -Property does.</summary>
    private static int Search(RegionSnapshot one, RegionSnapshot other)
    {
        // Lists from two places do not come in one order.
        var others = other.Resources.ToList();
        others.Reverse();
        var drifts = 0;
        foreach (var resource in one.Resources)
        {
            var at = others.FindIndex(o => string.Equals(o.Type, resource.Type, StringComparison.OrdinalIgnoreCase) && string.Equals(o.Key, resource.Key, StringComparison.OrdinalIgnoreCase));
            if (at < 0) continue;
            drifts += resource.Properties.Count(p => !Array.Exists(others[at].Properties, o => o.Name == p.Name && o.Value == p.Value));
            others.RemoveAt(at);
        }

        return drifts;
    }

    /// <summary>Null when jq is not installed.</summary>
    private static double? Jq(string left, string right, int count)
    {
        const string Program = """[.[] | [.resources[] | {key: (.type + "/" + .key), value: .properties}] | from_entries] as [$a, $b] | [$a | to_entries[] | .key as $k | .value | to_entries[] | select($b[$k][.key] != .value)] | length""";
        var clock = Stopwatch.StartNew();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("jq", ["-s", Program, left, right]) { RedirectStandardOutput = true })!;
            var found = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            if (found != (2 * (count / 1000)).ToString(CultureInfo.InvariantCulture)) throw new InvalidOperationException($"jq found {found} drifts.");
            return clock.Elapsed.TotalMilliseconds;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static double Best<T>(Func<T> work, out long bytes, int rounds = Rounds)
    {
        work();
        var best = double.MaxValue;
        bytes = 0;
        for (var i = 0; i < rounds; i++)
        {
            GC.Collect();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            work();
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return best;
    }
}
