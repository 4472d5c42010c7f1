using System.Globalization;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Highflame.Dr.Engine.Topology;

/// <summary>The published JSON Schema of a region-pair file (module/Schemas/region-pair.schema.json), and its verdicts in words.</summary>
internal static class PairFileSchema
{
    private const string Resource = "Highflame.Dr.Engine.region-pair.schema.json";

    // Immutable once read: the schema is part of this assembly.
    private static readonly Lazy<JsonSchema> Schema = new(Load);

    public static string Text
    {
        get
        {
            using var stream = typeof(PairFileSchema).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The assembly has no resource {Resource}.");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }

    public static IEnumerable<PairFileProblem> Check(string json) =>
        Schema.Value.Validate(json).SelectMany(Flatten).Select(ToProblem);

    private static JsonSchema Load() => JsonSchema.FromJsonAsync(Text).GetAwaiter().GetResult();

    private static IEnumerable<ValidationError> Flatten(ValidationError error) => error is ChildSchemaValidationError parent && parent.Errors.Count > 0
        ? parent.Errors.SelectMany(e => e.Value).SelectMany(Flatten)
        : [error];

    private static PairFileProblem ToProblem(ValidationError error)
    {
        var member = (error.Path ?? "").TrimStart('#', '/').Replace("/", ".", StringComparison.Ordinal);
        return new(Math.Max(1, error.LineNumber), Math.Max(1, error.LinePosition), member.Length == 0 ? "(document)" : member, Words(error));
    }

    private static string Words(ValidationError error)
    {
        var expected = $"Expected: {error.Schema.Description ?? error.Schema.Title ?? "another value"}";
        var schema = error.Schema;
        return error.Kind switch
        {
            ValidationErrorKind.PropertyRequired => $"'{error.Property}' is missing. Expected: {Describe(schema, error.Property)}",
            ValidationErrorKind.NoAdditionalPropertiesAllowed => $"'{error.Property}' is not known here. Known: {string.Join(", ", schema.ActualProperties.Keys)}.",
            ValidationErrorKind.TooFewItems or ValidationErrorKind.TooManyItems => $"it must have exactly {schema.MinItems.ToString(CultureInfo.InvariantCulture)} entries. {expected}",
            ValidationErrorKind.NumberTooSmall or ValidationErrorKind.NumberTooBig => $"it must be {Range(schema)}. {expected}",
            ValidationErrorKind.PatternMismatch or ValidationErrorKind.StringTooShort or ValidationErrorKind.StringTooLong => $"the text does not fit. {expected}",
            ValidationErrorKind.NoTypeValidates => $"it is of the wrong type. {expected}",
            _ when error.Kind.ToString().EndsWith("Expected", StringComparison.Ordinal) => $"it must be {TypeName(error.Kind)}. {expected}",
            _ => $"{error.Kind}. {expected}",
        };
    }

    private static string Describe(JsonSchema schema, string? property) =>
        property is not null && schema.ActualProperties.TryGetValue(property, out var member) ? member.Description ?? property : property ?? "";

    private static string Range(JsonSchema schema) => (schema.Minimum ?? schema.ExclusiveMinimum, schema.Maximum) switch
    {
        ({ } low, { } high) => string.Create(CultureInfo.InvariantCulture, $"{(schema.ExclusiveMinimum is null ? "" : "more than ")}{low} to {high}"),
        ({ } low, null) => string.Create(CultureInfo.InvariantCulture, $"{(schema.ExclusiveMinimum is null ? "at least" : "more than")} {low}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"at most {schema.Maximum}"),
    };

    private static string TypeName(ValidationErrorKind kind) => kind switch
    {
        ValidationErrorKind.StringExpected => "a string",
        ValidationErrorKind.IntegerExpected => "a whole number",
        ValidationErrorKind.NumberExpected => "a number",
        ValidationErrorKind.ArrayExpected => "a list",
        ValidationErrorKind.ObjectExpected => "an object",
        ValidationErrorKind.BooleanExpected => "true or false",
        _ => kind.ToString(),
    };
}
