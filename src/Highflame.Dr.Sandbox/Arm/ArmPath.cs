namespace Highflame.Dr.Sandbox.Arm;

/// <summary>
/// An ARM path taken apart: <c>/subscriptions/{s}/resourceGroups/{g}/providers/{namespace}/{type}/{name}/...</c>, with at most one extension chain behind it
/// (<c>.../providers/Microsoft.Authorization/locks/{name}</c>). Fixed words are compared without case; names keep theirs.
/// </summary>
internal sealed record ArmPath
{
    /// <summary>Decoded path without a trailing slash.</summary>
    public required string Text { get; init; }

    public string? Subscription { get; init; }

    public string? Group { get; init; }

    /// <summary>Provider namespace of the last chain; null when the path has none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Types of the last chain, for example flexibleServers, configurations.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Names of the last chain; one fewer than <see cref="Types"/> for a collection or an action.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Path before the last <c>/providers/</c>: what an extension resource belongs to.</summary>
    public string Scope { get; init; } = "";

    /// <summary>Fixed words behind the subscription or group when there is no provider chain, for example resources.</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    /// <summary>For example flexibleServers/configurations.</summary>
    public string TypePath => string.Join('/', Types);

    /// <summary>For example Microsoft.DBforPostgreSQL/flexibleServers.</summary>
    public string FullType => $"{Namespace}/{TypePath}";

    /// <summary>True when the path names a resource, not a collection or an action.</summary>
    public bool IsResource => Namespace is not null && Types.Count > 0 && Types.Count == Names.Count;

    public bool Is(string provider, string typePath) => Same(Namespace, provider) && Same(TypePath, typePath);

    public static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>The path of the first type and name of the last chain: the top resource that a child belongs to.</summary>
    public string TopResourceId => Namespace is null || Names.Count == 0 ? Text : $"{Scope}/providers/{Namespace}/{Types[0]}/{Names[0]}";

    public static ArmPath Parse(string path)
    {
        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string? subscription = null, group = null;
        var at = 0;
        if (words.Length > 1 && Same(words[0], "subscriptions"))
        {
            (subscription, at) = (words[1], 2);
            if (words.Length > 3 && Same(words[2], "resourceGroups")) (group, at) = (words[3], 4);
        }

        // A resource may itself be named "providers": the word starts a chain only where a type would stand.
        var last = -1;
        for (var i = at; i < words.Length && Same(words[i], "providers");)
        {
            last = i;
            for (i += 2; i < words.Length && !Same(words[i], "providers");) i += 2;
        }

        var text = "/" + string.Join('/', words);
        if (last < 0) return new ArmPath { Text = text, Subscription = subscription, Group = group, Scope = text, Rest = words[at..] };

        var chain = words[(last + 1)..];
        List<string> types = [], names = [];
        for (var i = 1; i < chain.Length; i++) (i % 2 == 1 ? types : names).Add(chain[i]);
        return new ArmPath
        {
            Text = text,
            Subscription = subscription,
            Group = group,
            Namespace = chain.Length > 0 ? chain[0] : null,
            Types = types,
            Names = names,
            Scope = last == 0 ? "" : "/" + string.Join('/', words[..last]),
            Rest = chain.Length == 0 ? ["providers"] : [],
        };
    }
}
