using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>
/// Checks an answer's body against a Swagger 2.0 schema with Microsoft's extensions, strictly: a member that the schema does not name is a violation unless the
/// schema says that there may be others; so is a value outside an enum even where clients must tolerate one, and a write-only member in an answer.
/// </summary>
internal sealed class SchemaCheck(ApiLibrary library)
{
    private readonly Dictionary<string, Shape> _shapes = [];
    private readonly List<string> _violations = [];

    public static IReadOnlyList<string> Of(ApiLibrary library, Place schema, JsonElement value)
    {
        var check = new SchemaCheck(library);
        check.Check(schema, value, "$", false);
        return check._violations;
    }

    /// <summary>What all parts of a schema say together about an object.</summary>
    private sealed class Shape
    {
        public Dictionary<string, Place> Members { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Required { get; } = new(StringComparer.Ordinal);

        public Place? Others { get; set; }

        /// <summary>Others are allowed, or nothing at all is said about members.</summary>
        public bool Open { get; set; }

        public (Place Basis, string Member)? Discriminator { get; set; }
    }

    private void Check(Place schema, JsonElement value, string at, bool told)
    {
        var nullable = schema.Flag("x-nullable");
        var resolved = schema.Resolved();
        if (value.ValueKind == JsonValueKind.Null)
        {
            if (!nullable && !resolved.Flag("x-nullable")) Tell(at, "null is not allowed");
            return;
        }

        switch (TypeOf(resolved))
        {
            case "object":
                CheckObject(resolved, value, at, told);
                break;
            case "array":
                CheckArray(resolved, value, at);
                break;
            case "string":
                CheckString(resolved, value, at);
                break;
            case "integer" or "number":
                CheckNumber(resolved, value, at);
                break;
            case "boolean" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                Tell(at, $"a boolean is expected, not {value.ValueKind}");
                break;
        }
    }

    private static string? TypeOf(Place schema) =>
        schema.Text("type") ?? (schema.Child("properties") is not null || schema.Child("allOf") is not null || schema.Child("additionalProperties") is not null ? "object" : null);

    private void CheckObject(Place schema, JsonElement value, string at, bool told)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Tell(at, $"an object is expected, not {value.ValueKind}");
            return;
        }

        var shape = ShapeOf(schema);
        if (!told && shape.Discriminator is { } discriminator && value.TryGetProperty(discriminator.Member, out var kind) && kind.GetString() is { } name
            && library.Heir(discriminator.Basis, name) is { } heir)
        {
            Check(heir, value, at, true);
            return;
        }

        foreach (var required in shape.Required.Where(r => !value.TryGetProperty(r, out _) && !IsWriteOnly(shape.Members.GetValueOrDefault(r)))) Tell(at, $"the required member '{required}' is missing");
        foreach (var member in value.EnumerateObject())
        {
            var inner = $"{at}.{member.Name}";
            if (shape.Members.TryGetValue(member.Name, out var known))
            {
                if (IsWriteOnly(known) || IsSecret(known, member)) Tell(inner, "a write-only member is in an answer");
                Check(known, member.Value, inner, false);
            }
            else if (shape.Others is { } others)
            {
                Check(others, member.Value, inner, false);
            }
            else if (!shape.Open)
            {
                Tell(inner, "the schema has no such member");
            }
        }
    }

    private Shape ShapeOf(Place schema)
    {
        if (_shapes.TryGetValue(schema.Key, out var known)) return known;
        var shape = new Shape();
        Gather(schema, shape, 0);
        if (shape.Members.Count == 0 && shape.Others is null && schema.Child("allOf") is null) shape.Open = true;
        return _shapes[schema.Key] = shape;
    }

    private static void Gather(Place schema, Shape shape, int depth)
    {
        if (depth > 20) throw new InvalidDataException($"{schema.Key} is its own part.");
        foreach (var part in schema.Child("allOf")?.Items() ?? []) Gather(part.Resolved(), shape, depth + 1);
        foreach (var (name, member) in schema.Child("properties")?.Members() ?? []) shape.Members[name] = member;
        foreach (var name in schema.Child("required")?.Items() ?? []) shape.Required.Add(name.Element.GetString()!);
        if (schema.Text("discriminator") is { } discriminator) shape.Discriminator = (schema, discriminator);
        if (schema.Child("additionalProperties") is not { } others) return;
        // In a document made from a client's metadata, "any" has become an object without members.
        var any = others.Document.Derived && others.Text("type") == "object" && others.Element.EnumerateObject().Count() == 1;
        if (!any && others.Element.ValueKind == JsonValueKind.Object && others.Element.EnumerateObject().Any()) shape.Others = others;
        else shape.Open = others.Element.ValueKind is JsonValueKind.True or JsonValueKind.Object;
    }

    private static bool IsWriteOnly(Place? member) =>
        member?.Child("x-ms-mutability") is { } mutability && mutability.Items().All(m => m.Element.GetString() != "read");

    private static bool IsSecret(Place schema, JsonProperty member) =>
        schema.Flag("x-ms-secret") || (member.Name.EndsWith("password", StringComparison.OrdinalIgnoreCase) && schema.Text("type") == "string" && schema.Child("enum") is null);

    private void CheckArray(Place schema, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Tell(at, $"an array is expected, not {value.ValueKind}");
            return;
        }

        var count = value.GetArrayLength();
        if (Number(schema, "minItems") is { } least && count < least) Tell(at, $"{count} items are fewer than {least}");
        if (Number(schema, "maxItems") is { } most && count > most) Tell(at, $"{count} items are more than {most}");
        if (schema.Child("items") is not { } items) return;
        var index = 0;
        foreach (var item in value.EnumerateArray()) Check(items, item, $"{at}[{index++}]", false);
    }

    private void CheckString(Place schema, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Tell(at, $"a string is expected, not {value.ValueKind}");
            return;
        }

        var text = value.GetString()!;
        if (schema.Child("enum") is { } valid && valid.Items().All(v => v.Element.ToString() != text))
            Tell(at, $"'{text}' is none of {string.Join(", ", valid.Items().Select(v => v.Element.ToString()))}");
        if (Number(schema, "minLength") is { } least && text.Length < least) Tell(at, $"'{text}' is shorter than {least}");
        if (Number(schema, "maxLength") is { } most && text.Length > most) Tell(at, $"'{text}' is longer than {most}");
        if (schema.Text("pattern") is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) Tell(at, $"'{text}' does not fit {pattern}");
        if (schema.Text("format") is { } format && !HasFormat(text, format)) Tell(at, $"'{text}' is no {format}");
    }

    private static bool HasFormat(string text, string format) => format switch
    {
        "date-time" => text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uuid" => Guid.TryParse(text, out _),
        "uri" or "url" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "arm-id" => text.StartsWith('/'),
        "duration" => IsDuration(text),
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        _ => true,
    };

    private static bool IsDuration(string text)
    {
        try
        {
            _ = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private void CheckNumber(Place schema, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            Tell(at, $"a number is expected, not {value.ValueKind}");
            return;
        }

        var number = value.GetDecimal();
        if (schema.Text("type") == "integer" && number != decimal.Truncate(number)) Tell(at, $"{number} is no whole number");
        if (schema.Text("format") == "int32" && number is < int.MinValue or > int.MaxValue) Tell(at, $"{number} is no int32");
        if (schema.Child("enum") is { } valid && valid.Items().All(v => v.Element.GetDecimal() != number)) Tell(at, $"{number} is none of the enum");
        if (Number(schema, "minimum") is { } least && (number < least || (number == least && schema.Flag("exclusiveMinimum")))) Tell(at, $"{number} is below {least}");
        if (Number(schema, "maximum") is { } most && (number > most || (number == most && schema.Flag("exclusiveMaximum")))) Tell(at, $"{number} is above {most}");
    }

    private static decimal? Number(Place schema, string name) => schema.Child(name)?.Element is { ValueKind: JsonValueKind.Number } number ? number.GetDecimal() : null;

    private void Tell(string at, string what) => _violations.Add($"{at}: {what}");
}
