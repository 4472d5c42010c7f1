namespace Highflame.Dr.Watch;

/// <summary>The <c>notifications</c> section of a region-pair file: who is told of runs and alerts.</summary>
public sealed record PairNotifications
{
    public NotificationWebhook[] Webhooks { get; init; } = [];

    /// <summary>Connection string of an Application Insights resource, where each notice becomes a custom event; or <c>env:NAME</c> of the variable that holds it.</summary>
    public string? ApplicationInsights { get; init; }

    public bool Any => Webhooks.Length > 0 || !string.IsNullOrEmpty(ApplicationInsights);
}

/// <summary>What a webhook understands.</summary>
public enum WebhookFormat
{
    /// <summary>A message with an Adaptive Card, as Microsoft Teams' workflows take it.</summary>
    Teams,

    /// <summary>Slack's incoming webhooks; Mattermost and others take it too.</summary>
    Slack,

    /// <summary>The notice itself.</summary>
    Json,
}

/// <summary>A URL that is posted to.</summary>
public sealed record NotificationWebhook
{
    /// <summary>HTTPS URL (plain HTTP to this computer only), or <c>env:NAME</c> of the variable that holds it: such a URL is often a secret.</summary>
    public required string Url { get; init; }

    public WebhookFormat Format { get; init; } = WebhookFormat.Teams;

    /// <summary>Longest time that one post may take, in seconds.</summary>
    public double TimeoutSeconds { get; init; } = 5;
}

/// <summary>How loud a notice is.</summary>
public enum NoticeSeverity
{
    Information,
    Warning,
    Critical,
}

/// <summary>Something that people who are not looking should hear of.</summary>
public sealed record DrNotice
{
    /// <summary>For example RunStarted, RunStep, RunRefused, RunEnded, WatchAlert, WatchFailover.</summary>
    public required string Event { get; init; }

    public required NoticeSeverity Severity { get; init; }

    /// <summary>Name of the pair.</summary>
    public required string Pair { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    public string? Text { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Run, step, way, outcome and so on, in the order they are shown; never a secret.</summary>
    public KeyValuePair<string, string>[] Facts { get; init; } = [];
}
