namespace Highflame.Dr.Sandbox.Identity;

/// <summary>A refusal of the authority: <c>{"error","error_description":"AADSTS…: …","error_codes"}</c>.</summary>
internal sealed class AuthorityError(int status, string error, int code, string description) : Exception(description)
{
    public int Status { get; } = status;

    public string Error { get; } = error;

    /// <summary>Number behind AADSTS.</summary>
    public int Code { get; } = code;

    public static AuthorityError Missing(string parameter) => new(400, "invalid_request", 900144, $"The request body must contain the following parameter: '{parameter}'.");
}
