using System.Globalization;
using System.Text;
using Highflame.Dr.Topology;

namespace Highflame.Dr.Engine.Provisioning;

/// <summary>A Terraform variable file in the form that 'terraform fmt' gives it: the equals signs of neighbouring one-line values stand below each other.</summary>
internal sealed class TfVars
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Name, string Value)> _block = [];
    private readonly List<string> _names = [];

    public string[] Names => [.. _names];

    public void Comment(string text) => _text.Append("# ").Append(text).Append('\n');

    public void Add(string name, string value) => Line(name, Quote(value));

    public void Add(string name, bool value) => Line(name, value ? "true" : "false");

    public void Add(string name, int value) => Line(name, value.ToString(CultureInfo.InvariantCulture));

    public void List(string name, IEnumerable<string> values) => Line(name, $"[{string.Join(", ", values.Select(Quote))}]");

    public void Map(string name, IReadOnlyDictionary<string, string> values)
    {
        Flush();
        _names.Add(name);
        _text.Append(name).Append(" = {\n");
        Aligned("  ", [.. values.Select(v => (IsWord(v.Key) ? v.Key : Quote(v.Key), Quote(v.Value)))]);
        _text.Append("}\n");
    }

    public void Pools(string name, IEnumerable<PairNodePool> pools)
    {
        Flush();
        _names.Add(name);
        _text.Append(name).Append(" = [\n");
        foreach (var pool in pools)
        {
            _text.Append("  {\n");
            Aligned("    ",
            [
                ("name", Quote(pool.Name)), ("aks_node_vm_size", Quote(pool.Size)), ("aks_node_priority", Quote("Regular")),
                ("aks_node_min_count", Whole(pool.Min ?? pool.Count)), ("aks_node_max_count", Whole(pool.Max ?? pool.Count)),
            ]);
            _text.Append("  },\n");
        }

        _text.Append("]\n");
    }

    public override string ToString()
    {
        Flush();
        return _text.ToString();
    }

    private void Line(string name, string value)
    {
        _names.Add(name);
        _block.Add((name, value));
    }

    private void Flush()
    {
        Aligned("", _block);
        _block.Clear();
    }

    private void Aligned(string indent, List<(string Name, string Value)> lines)
    {
        var width = lines.Count == 0 ? 0 : lines.Max(l => l.Name.Length);
        foreach (var (name, value) in lines) _text.Append(indent).Append(name.PadRight(width)).Append(" = ").Append(value).Append('\n');
    }

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static bool IsWord(string name) => name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    internal static string Quote(string value) => "\"" + value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal) + "\"";
}
