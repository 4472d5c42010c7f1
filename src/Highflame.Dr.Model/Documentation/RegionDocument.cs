using Highflame.Dr.Topology;

namespace Highflame.Dr.Documentation;

/// <summary>A form in which the region document is written.</summary>
public enum DocumentFormat
{
    Markdown,

    /// <summary>One page that opens from a disk and asks for nothing else.</summary>
    Html,
}

/// <summary>A part of the region document that can be left out.</summary>
public enum DocumentPart
{
    /// <summary>The comparison of the two regions.</summary>
    Parity,

    /// <summary>The preflight of a planned and of a forced failover.</summary>
    Readiness,
}

/// <summary>What Export-HfRegionDocument asks for.</summary>
public sealed record RegionDocumentRequest
{
    public required RegionPair Pair { get; init; }

    /// <summary>Full path of the folder to write into; it is made when it is missing.</summary>
    public required string Folder { get; init; }

    public DocumentFormat[] Formats { get; init; } = [DocumentFormat.Markdown, DocumentFormat.Html];

    public DocumentPart[] Skip { get; init; } = [];
}

/// <summary>The document of a region pair as it was written. Output of Export-HfRegionDocument.</summary>
public sealed record RegionDocument
{
    /// <summary>Name of the region pair.</summary>
    public required string Name { get; init; }

    /// <summary>How the pair read when the document was made.</summary>
    public required PairState State { get; init; }

    /// <summary>Location that traffic goes to; null when that could not be told.</summary>
    public string? Active { get; init; }

    public string? Passive { get; init; }

    /// <summary>Seconds, at worst, from a change of the Traffic Manager endpoint until every resolver that keeps to the TTL gives the new answer; null when the profile could not be read.</summary>
    public double? SwitchSeconds { get; init; }

    /// <summary>Seconds, at worst, until Traffic Manager itself stops answering with an endpoint that is down; null when it never does (always-serve, or no other endpoint).</summary>
    public double? AutomaticSeconds { get; init; }

    /// <summary>Titles of the procedures of the paper runbook that can be followed with today's names.</summary>
    public string[] Procedures { get; init; } = [];

    /// <summary>What could not be read, one line each. The document says so in its place.</summary>
    public string[] Unread { get; init; } = [];

    /// <summary>Full path; null when this form was not asked for.</summary>
    public string? MarkdownPath { get; init; }

    public string? HtmlPath { get; init; }

    public required DateTimeOffset ObservedAt { get; init; }
}
