using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Highflame.Dr.Sandbox.Arm.Deployments;

/// <summary>
/// What an evaluated template leaves open: <c>[reference('id', 'version').a.b[0]]</c>, <c>[parameters('secret')]</c>, and format or concat over them.
/// </summary>
internal static class TemplateExpression
{
    public static bool Is(string text) => text.Length > 2 && text[0] == '[' && text[^1] == ']' && text[1] != '[';

    /// <summary>A copy of a document with every expression in it replaced by its value.</summary>
    /// <param name="node">Any part of a body.</param>
    /// <param name="reference">Gives a resource as GET shows it, by its id.</param>
    /// <param name="parameters">The deployment's parameters, <c>{"name":{"value":...}}</c>.</param>
    public static JsonNode? Resolve(JsonNode? node, Func<string, JsonObject?> reference, JsonObject parameters) => node switch
    {
        JsonObject container => new JsonObject(container.Select(p => KeyValuePair.Create(Key(p.Key, reference, parameters), Resolve(p.Value, reference, parameters)))),
        JsonArray array => new JsonArray([.. array.Select(i => Resolve(i, reference, parameters))]),
        JsonValue value when value.TryGetValue(out string? text) => Is(text) ? Value(text, reference, parameters)?.DeepClone() : text.StartsWith("[[", StringComparison.Ordinal) ? text[1..] : text,
        _ => node?.DeepClone(),
    };

    /// <summary>The resources that the expressions of a document ask.</summary>
    public static IEnumerable<string> References(JsonNode? node)
    {
        var found = new List<string>();
        Visit(node, text =>
        {
            if (!Is(text)) return;
            for (var at = text.IndexOf("reference('", StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf("reference('", at + 1, StringComparison.OrdinalIgnoreCase))
            {
                var from = at + "reference('".Length;
                found.Add(text[from..text.IndexOf('\'', from)]);
            }
        });
        return found;
    }

    /// <summary>Every text of a document, member names too.</summary>
    public static void Visit(JsonNode? node, Action<string> text)
    {
        switch (node)
        {
            case JsonObject container:
                foreach (var (name, child) in container)
                {
                    text(name);
                    Visit(child, text);
                }

                break;
            case JsonArray array:
                foreach (var item in array) Visit(item, text);
                break;
            case JsonValue value when value.TryGetValue(out string? word):
                text(word);
                break;
        }
    }

    private static string Key(string key, Func<string, JsonObject?> reference, JsonObject parameters) => Is(key) ? Text(Value(key, reference, parameters)) : key;

    private static JsonNode? Value(string text, Func<string, JsonObject?> reference, JsonObject parameters)
    {
        var reader = new Reader(text[1..^1], reference, parameters);
        var value = reader.Expression();
        return reader.AtEnd ? value : throw Unreadable(text);
    }

    private static string Text(JsonNode? value) => value is JsonValue word && word.TryGetValue(out string? text) ? text : value?.ToJsonString() ?? "";

    private static ArmError Unreadable(string expression) => ArmError.BadRequest("InvalidTemplate", $"Unable to process template language expressions: '{expression}' is not one that can be evaluated here.");

    private sealed class Reader(string text, Func<string, JsonObject?> reference, JsonObject parameters)
    {
        private int _at;

        public bool AtEnd => _at == text.Length;

        public JsonNode? Expression()
        {
            Blank();
            JsonNode? value;
            if (_at < text.Length && text[_at] == '\'') value = Literal();
            else if (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '-')) value = Number();
            else value = Call();
            while (_at < text.Length)
            {
                if (text[_at] == '.')
                {
                    _at++;
                    var name = Word();
                    value = value.At(name) ?? throw Missing(name);
                }
                else if (text[_at] == '[')
                {
                    _at++;
                    var index = Expression();
                    Expect(']');
                    value = index is JsonValue place && place.TryGetValue(out int number)
                        ? value is JsonArray items && number >= 0 && number < items.Count ? items[number] : throw Missing($"[{number}]")
                        : value.At(Text(index)) ?? throw Missing(Text(index));
                }
                else
                {
                    break;
                }
            }

            Blank();
            return value;
        }

        private JsonNode? Call()
        {
            var name = Word();
            Expect('(');
            List<JsonNode?> arguments = [];
            Blank();
            while (_at < text.Length && text[_at] != ')')
            {
                arguments.Add(Expression());
                if (_at < text.Length && text[_at] == ',') _at++;
            }

            Expect(')');
            switch (name.ToLowerInvariant())
            {
                case "reference":
                    var id = Text(arguments[0]);
                    var resource = reference(id) ?? throw ArmError.ResourceNotFound(ArmPath.Parse(id));
                    return arguments.Count > 2 && ArmPath.Same(Text(arguments[2]), "full") ? resource : resource["properties"];
                case "parameters":
                    return parameters.FirstOrDefault(p => ArmPath.Same(p.Key, Text(arguments[0]))).Value?["value"];
                case "format":
                    return string.Format(CultureInfo.InvariantCulture, Text(arguments[0]), [.. arguments.Skip(1).Select(a => (object)Text(a))]);
                case "concat":
                    return string.Concat(arguments.Select(Text));
                case "string":
                    return Text(arguments[0]);
                case "tolower":
                    return Text(arguments[0]).ToLowerInvariant();
                default:
                    throw Unreadable(text);
            }
        }

        private JsonValue Literal()
        {
            var word = new StringBuilder();
            for (_at++; _at < text.Length; _at++)
            {
                if (text[_at] != '\'')
                {
                    word.Append(text[_at]);
                    continue;
                }

                if (_at + 1 >= text.Length || text[_at + 1] != '\'') break;
                word.Append('\'');
                _at++;
            }

            Expect('\'');
            return JsonValue.Create(word.ToString());
        }

        private JsonValue Number()
        {
            var from = _at++;
            while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
            return JsonValue.Create(int.Parse(text[from.._at], CultureInfo.InvariantCulture));
        }

        private string Word()
        {
            Blank();
            var from = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or '$')) _at++;
            return _at > from ? text[from.._at] : throw Unreadable(text);
        }

        private void Blank()
        {
            while (_at < text.Length && text[_at] == ' ') _at++;
        }

        private void Expect(char wanted)
        {
            if (_at >= text.Length || text[_at] != wanted) throw Unreadable(text);
            _at++;
        }

        private ArmError Missing(string name) => ArmError.BadRequest(
            "DeploymentOutputEvaluationFailed", $"Unable to evaluate template language expression '{text}': the property '{name}' doesn't exist.");
    }
}
