using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Alerts;

/// <summary>
/// Reads JSON whose names and values may have lost their quotation marks, as Azure Automation hands a webhook's data to runbooks of PowerShell 7:
/// <c>{WebhookName:alerts,RequestBody:{"schemaId":"..."},RequestHeader:{Host:example.org}}</c>. What is strict JSON reads the same. A value without marks ends before a comma that a name and a colon follow,
/// or before the bracket that closes its object.
/// </summary>
internal sealed class LooseJson
{
    /// <summary>Azure's own documents are far below it; a deeper one is an attack on the stack.</summary>
    private const int Deepest = 64;

    private readonly string _text;
    private int _at;

    private LooseJson(string text) => _text = text;

    /// <summary>Null when the text is no object or list, not even a loose one.</summary>
    public static JsonNode? TryParse(string text)
    {
        try
        {
            var reader = new LooseJson(text);
            reader.Blank();
            if (reader.Peek is not ('{' or '[')) return null;
            var value = reader.Value(0, inList: false);
            reader.Blank();
            return reader._at == text.Length ? value : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private char Peek => _at < _text.Length ? _text[_at] : '\0';

    private JsonNode? Value(int depth, bool inList)
    {
        if (depth > Deepest) throw new FormatException();
        return Peek switch
        {
            '{' => Object(depth),
            '[' => List(depth),
            '"' => JsonValue.Create(Quoted()),
            _ => Bare(inList),
        };
    }

    private JsonObject Object(int depth)
    {
        var result = new JsonObject();
        _at++;
        while (true)
        {
            Blank();
            if (Peek == '}')
            {
                _at++;
                return result;
            }

            var name = Peek == '"' ? Quoted() : BareName();
            Blank();
            if (Peek != ':') throw new FormatException();
            _at++;
            Blank();
            result[name] = Value(depth + 1, inList: false);
            Blank();
            if (Peek == ',') _at++;
            else if (Peek != '}') throw new FormatException();
        }
    }

    private JsonArray List(int depth)
    {
        var result = new JsonArray();
        _at++;
        while (true)
        {
            Blank();
            if (Peek == ']')
            {
                _at++;
                return result;
            }

            result.Add(Value(depth + 1, inList: true));
            Blank();
            if (Peek == ',') _at++;
            else if (Peek != ']') throw new FormatException();
        }
    }

    private string Quoted()
    {
        var result = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '"')
            {
                _at++;
                return result.ToString();
            }

            if (c != '\\')
            {
                result.Append(c);
                continue;
            }

            if (++_at >= _text.Length) break;
            switch (_text[_at])
            {
                case 'n': result.Append('\n'); break;
                case 'r': result.Append('\r'); break;
                case 't': result.Append('\t'); break;
                case 'b': result.Append('\b'); break;
                case 'f': result.Append('\f'); break;
                case 'u' when _at + 4 < _text.Length && ushort.TryParse(_text.AsSpan(_at + 1, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code):
                    result.Append((char)code);
                    _at += 4;
                    break;
                default: result.Append(_text[_at]); break;
            }
        }

        throw new FormatException();
    }

    private string BareName()
    {
        var start = _at;
        while (IsOfName(Peek)) _at++;
        return _at > start ? _text[start.._at] : throw new FormatException();
    }

    /// <summary>A number, a word or a text without its marks.</summary>
    private JsonNode? Bare(bool inList)
    {
        var start = _at;
        var open = 0;
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c is '{' or '[') open++;
            else if (c is '}' or ']' && open-- == 0) break;
            else if (c == ',' && open == 0 && (inList || NameFollows())) break;
        }

        if (_at >= _text.Length) throw new FormatException();
        var word = _text[start.._at].Trim();
        return word is "null" or "" ? null : JsonValue.Create(word);
    }

    private bool NameFollows()
    {
        var at = _at + 1;
        while (at < _text.Length && char.IsWhiteSpace(_text[at])) at++;
        if (at < _text.Length && _text[at] == '"')
        {
            var end = _text.IndexOf('"', at + 1);
            return end > 0 && end + 1 < _text.Length && _text[end + 1] == ':';
        }

        var begin = at;
        while (at < _text.Length && IsOfName(_text[at])) at++;
        return at > begin && at < _text.Length && _text[at] == ':';
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$' or '@';

    private void Blank()
    {
        while (_at < _text.Length && (char.IsWhiteSpace(_text[_at]) || _text[_at] == '\uFEFF')) _at++;
        // Line breaks that were escaped once too often stand between the parts of some payloads.
        while (_at + 1 < _text.Length && _text[_at] == '\\' && _text[_at + 1] is 'n' or 'r' or 't')
        {
            _at += 2;
            Blank();
        }
    }
}
