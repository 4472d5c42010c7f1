using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Highflame.Dr.Sandbox.Arm;

namespace Highflame.Dr.Sandbox.Tests.Contract;

/// <summary>An operation of a document.</summary>
internal sealed partial record ApiOperation(ApiDocument Document, string Method, string Template, Place Place, IReadOnlyList<Place> Parameters)
{
    private static readonly string[] s_wide = ["scope", "resourceId", "resourceUri", "parentResourcePath", "linkId"];

    public string Id => Place.Text("operationId") ?? $"{Method} {Template}";

    public Regex Path { get; } = Pattern(Template, Parameters);

    /// <summary>How exactly the template says what it means: the length of its fixed words behind the last provider, then of all of them.</summary>
    public (int, int) Exactness { get; } = (Fixed(Template[Math.Max(0, Template.LastIndexOf("/providers/", StringComparison.OrdinalIgnoreCase))..]), Fixed(Template));

    public bool IsLongRunning => Place.Flag("x-ms-long-running-operation");

    public string? FinalStateVia => Place.Child("x-ms-long-running-operation-options")?.Text("final-state-via");

    /// <summary>False when a query value that the document fixes is another one: Key Vault documents ARM's list of resources for its own filter.</summary>
    public bool Fits(IReadOnlyDictionary<string, string> query) => !Parameters.Any(p =>
        p.Text("in") == "query" && p.Child("enum") is { } only && only.Element.GetArrayLength() == 1 && p.Text("name") is { } name && query.GetValueOrDefault(name) != only.Items().First().Element.GetString());

    private static int Fixed(string template) => Hole().Replace(template, "").Length;

    private static Regex Pattern(string template, IReadOnlyList<Place> parameters)
    {
        var wide = parameters.Where(p => p.Flag("x-ms-skip-url-encoding")).Select(p => p.Text("name")!).Concat(s_wide).ToHashSet(StringComparer.Ordinal);
        var text = Regex.Escape(template.TrimEnd('/')).Replace("\\{", "{", StringComparison.Ordinal);
        // Only a child has a parent: the word is absent in the path of a top resource.
        text = text.Replace("{parentResourcePath}/", "(?:.+/)?", StringComparison.Ordinal);
        text = Hole().Replace(text, m => wide.Contains(m.Groups[1].Value) ? $"(?<{Name(m)}>.+)" : $"(?<{Name(m)}>[^/]+)");
        // A template may begin with /{scope}, and what is bound to it with a slash or none.
        return new Regex($"^{text.Replace("^/(", "^/?(", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    private static string Name(Match hole) => hole.Groups[1].Value.Replace("-", "_", StringComparison.Ordinal);

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Hole();
}

/// <summary>All of Microsoft's documents: which operation a request is.</summary>
internal sealed class ApiLibrary
{
    private static readonly string[] s_methods = ["get", "put", "post", "patch", "delete", "head"];
    private static readonly Lazy<ApiLibrary> s_all = new(() => new ApiLibrary(Specs.Root ?? throw new InvalidOperationException("There are no documents.")));
    private readonly ConcurrentDictionary<string, ApiDocument> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Place>> _heirs = new(StringComparer.Ordinal);

    private ApiLibrary(string root)
    {
        foreach (var path in Directory.EnumerateFiles(root, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var folder = Path.GetFileName(Path.GetDirectoryName(path)!);
            if (folder is "examples" or "wire") continue;
            Operations.AddRange(OperationsOf(Open(path)));
        }

        LongRunningStatus = Open(Path.Combine(root, "swagger/specification/common-types/resource-management/v3/types.json")).Resolve("#/definitions/OperationStatusResult");
        CommonError = Open(Path.Combine(root, "swagger/specification/common-types/resource-management/v3/types.json")).Resolve("#/definitions/ErrorResponse");
    }

    /// <summary>A library of one document, for tests of the rules.</summary>
    public ApiLibrary(string path, string text)
    {
        var document = _documents[path] = new ApiDocument(path, text, Open);
        Operations.AddRange(OperationsOf(document));
        LongRunningStatus = CommonError = document.Root;
    }

    public static ApiLibrary All => s_all.Value;

    public List<ApiOperation> Operations { get; } = [];

    /// <summary>The document of an operation's status URL.</summary>
    public Place LongRunningStatus { get; }

    public Place CommonError { get; }

    /// <summary>
    /// The operation of a request: the most exact template, in the version that was asked for or, where its document is not here, in the nearest. Previews are no
    /// substitute for what was asked for; nor is the document of any resource by its id one for a list of a provider whose own document is not here. Null when no document has the path with the method.
    /// </summary>
    public ApiOperation? Find(string method, string path, IReadOnlyDictionary<string, string> query)
    {
        var version = query.GetValueOrDefault("api-version", "");
        var fitting = Operations.Where(o => o.Method == method && o.Path.IsMatch(path) && o.Fits(query) && !IsForeign(o) && (o.Document.Version == version || !o.Document.Version.EndsWith("-preview", StringComparison.Ordinal)) && (o.Template != "/{resourceId}" || ArmPath.Parse(path).IsResource)).ToList();
        if (fitting.Count == 0) return null;
        var exact = fitting.Max(o => o.Exactness);
        return fitting.Where(o => o.Exactness == exact)
            .OrderBy(o => o.Document.Version == version ? 0 : string.CompareOrdinal(o.Document.Version, version) < 0 ? 1 : 2)
            .ThenBy(o => Distance(o.Document.Version, version))
            .ThenBy(o => o.Document.Derived ? 1 : 0)
            .First();
    }

    /// <summary>The definitions that extend a discriminated one, by the value that tells them apart.</summary>
    public Place? Heir(Place basis, string value) => _heirs.GetValueOrDefault(basis.Key)?.Find(h => (h.Text("x-ms-discriminator-value") ?? h.Pointer.Split('/')[^1]) == value);

    /// <summary>The document made from Key Vault's client has ARM's list of resources too, without the filter that it is fixed to.</summary>
    private static bool IsForeign(ApiOperation operation) => operation.Document.Derived && operation.Id == "Vaults_List";

    private ApiDocument Open(string path) => _documents.GetOrAdd(Path.GetFullPath(path), full =>
    {
        var document = new ApiDocument(full, File.ReadAllText(full), Open);
        return document;
    });

    private IEnumerable<ApiOperation> OperationsOf(ApiDocument document)
    {
        foreach (var (_, definition) in document.Root.Child("definitions")?.Members() ?? [])
        {
            foreach (var basis in definition.Child("allOf")?.Items() ?? [])
            {
                var key = basis.Resolved().Key;
                if (!_heirs.TryGetValue(key, out var heirs)) _heirs[key] = heirs = [];
                heirs.Add(definition);
            }
        }

        foreach (var (template, path) in document.Root.Child("paths")?.Members() ?? [])
        {
            var shared = path.Child("parameters")?.Items().Select(p => p.Resolved()).ToList() ?? [];
            foreach (var method in s_methods)
            {
                if (path.Child(method) is not { } operation) continue;
                IReadOnlyList<Place> parameters = [.. shared, .. operation.Child("parameters")?.Items().Select(p => p.Resolved()) ?? []];
                yield return new ApiOperation(document, method.ToUpperInvariant(), template, operation, parameters);
            }
        }
    }

    private static double Distance(string one, string other) =>
        DateOnly.TryParse(one[..Math.Min(10, one.Length)], System.Globalization.CultureInfo.InvariantCulture, out var a)
        && DateOnly.TryParse(other[..Math.Min(10, other.Length)], System.Globalization.CultureInfo.InvariantCulture, out var b)
            ? Math.Abs(a.DayNumber - b.DayNumber)
            : double.MaxValue;
}
