using System.Text;
using Highflame.Dr.Sandbox.Tests.Contract;
using Xunit.Abstractions;

namespace Highflame.Dr.Sandbox.Tests.Secrets;

/// <summary>No secret of a sandbox is written anywhere.</summary>
public sealed class SecretTests(ITestOutputHelper output)
{
    private const string Document = """{"clientId":"11111111","clientSecret":"s3cret/with+signs","regions":[{"servers":[{"user":"hfadmin","password":"Pa55word-of-R1"}]}],"managedIdentity":{"header":"0123456789abcdef"},"federatedTokenFile":"/tmp/x/federated-token"}""";

    [Fact]
    public void Find_SecretInAnyForm_IsFoundAndNamedWithoutIt()
    {
        var search = new SecretSearch([Document]);

        Assert.Equal(3, search.Count);
        Assert.Equal(["regions.servers.password"], search.Find("error: could not sign in with Pa55word-of-R1 (28P01)"));
        Assert.Equal(["clientSecret"], search.Find($"client_secret={Uri.EscapeDataString("s3cret/with+signs")}&scope=x"));
        Assert.Equal(["clientSecret"], search.Find("""{"a":"s3cret/with\u002Bsigns"}"""));
        Assert.Equal(["managedIdentity.header"], search.Find($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("0123456789abcdef"))}"));
        Assert.Empty(search.Find("hfadmin 11111111 /tmp/x/federated-token Pa55word-of-R2"));
    }

    /// <summary>Everything that the suite left: the sandboxes' logs, journals and evidence, their exchanges, and what the shells showed.</summary>
    [RecordFact]
    [Trait("Stage", "Last")]
    public void Secrets_OfEverySandboxOfTheSuite_OccurNowhere()
    {
        var record = RecordFactAttribute.Directory!;
        var documents = Directory.EnumerateFiles(record, "sandbox.json", SearchOption.AllDirectories).ToList();
        Assert.NotEmpty(documents);
        var search = new SecretSearch(documents.Select(File.ReadAllText));
        Assert.True(search.Count >= 3 * documents.Count, $"{search.Count} secrets of {documents.Count} sandboxes");

        var (files, leaks, kinds) = (0, new List<string>(), new SortedDictionary<string, int>(StringComparer.Ordinal));
        foreach (var file in Directory.EnumerateFiles(record, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "sandbox.json"))
        {
            files++;
            var kind = Path.GetExtension(file);
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                leaks.AddRange(search.Find(line).Select(name => $"{Path.GetRelativePath(record, file)}:{number} holds {name}"));
            }
        }

        output.WriteLine($"{search.Count} secrets of {documents.Count} sandboxes, {files} files ({string.Join(", ", kinds.Select(k => $"{k.Value} {k.Key}"))})");
        Assert.True(files > documents.Count, $"{files} files only");
        Assert.True(leaks.Count == 0, string.Join('\n', leaks.Take(40)));
    }
}
