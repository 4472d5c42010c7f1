namespace Highflame.Dr.Tests.Help;

/// <summary>What is done with a fenced block of a page.</summary>
public enum ExampleUse
{
    /// <summary><c>powershell</c>: run against the sandbox that all pages share. It leaves that one as it found it.</summary>
    Run,

    /// <summary><c>powershell sandbox</c>: run against a sandbox of the page's own, because it cannot be undone.</summary>
    RunAlone,

    /// <summary><c>powershell parse</c>: only read, because it needs Azure, a password, or a long wait. The calls are checked all the same.</summary>
    Parse,
}

/// <summary>One fenced block of PowerShell in a markdown file.</summary>
/// <param name="ErrorId">From <c>error=ID</c>: the error that the block must end with, and no other; null means none at all.</param>
public sealed record ExampleBlock(string File, int Line, string Code, ExampleUse Use, string? ErrorId)
{
    private const string Fence = "```";

    public string Place => $"{Path.GetFileName(File)}:{Line}";

    public static IReadOnlyList<ExampleBlock> Read(string file)
    {
        var blocks = new List<ExampleBlock>();
        var lines = System.IO.File.ReadAllLines(file);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal)) continue;
            var words = lines[i][Fence.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var first = i + 1;
            do i++;
            while (i < lines.Length && lines[i] != Fence);
            if (words is ["powershell", .. var rest]) blocks.Add(Block(file, first, string.Join('\n', lines[first..i]), rest));
        }

        return blocks;
    }

    private static ExampleBlock Block(string file, int line, string code, string[] words)
    {
        var block = new ExampleBlock(file, line, code, ExampleUse.Run, null);
        foreach (var word in words)
        {
            block = word switch
            {
                "parse" => block with { Use = ExampleUse.Parse },
                "sandbox" => block with { Use = ExampleUse.RunAlone },
                _ when word.StartsWith("error=", StringComparison.Ordinal) => block with { ErrorId = word["error=".Length..] },
                _ => throw new FormatException($"{file}:{line}: '{word}' is none of parse, sandbox, error=ID."),
            };
        }

        return block;
    }
}
