using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Highflame.Dr.Sandbox.Tests.Secrets;

/// <summary>Finds the secrets of sandboxes in text: as they are, escaped for a URL or for JSON, and in Base64.</summary>
internal sealed class SecretSearch
{
    // Members whose name says that they name a file or a person, not a secret.
    private static readonly string[] s_words = ["secret", "password", "key", "header", "token"];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly SearchValues<string> _forms;

    /// <param name="documents">Texts of sandbox.json.</param>
    public SecretSearch(IEnumerable<string> documents)
    {
        foreach (var document in documents)
        {
            using var parsed = JsonDocument.Parse(document);
            Gather(parsed.RootElement, "");
        }

        _forms = SearchValues.Create([.. _names.Keys], StringComparison.Ordinal);
    }

    /// <summary>How many different secrets are searched for.</summary>
    public int Count { get; private set; }

    /// <summary>Names of the secrets that the text holds; never a secret itself.</summary>
    public IReadOnlyList<string> Find(string text)
    {
        var found = new List<string>();
        for (var rest = text.AsSpan(); rest.IndexOfAny(_forms) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            foreach (var (form, name) in _names)
            {
                if (rest[at..].StartsWith(form, StringComparison.Ordinal)) found.Add(name);
            }
        }

        return found;
    }

    private void Gather(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject()) Gather(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}");
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Gather(item, path);
                break;
            case JsonValueKind.String when s_words.Any(w => path[(path.LastIndexOf('.') + 1)..].Contains(w, StringComparison.OrdinalIgnoreCase)) && !path.EndsWith("File", StringComparison.Ordinal):
                Add(element.GetString()!, path);
                break;
        }
    }

    private void Add(string secret, string path)
    {
        if (secret.Length < 8 || !_names.TryAdd(secret, path)) return;
        Count++;
        foreach (var form in (string[])[Uri.EscapeDataString(secret), JsonEncodedText.Encode(secret).Value, Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))]) _names.TryAdd(form, path);
    }
}
