using System.Text.Json;
using Highflame.Dr.Engine.Azure;

namespace Highflame.Dr.Engine.Vaults;

/// <summary>Refusals of Key Vault as errors of this product. Azure's message goes along; it names callers and resources, never values.</summary>
internal static class VaultTrouble
{
    public static DrException Of(ArmAnswer answer, Uri vault, Uri uri)
    {
        var error = ArmError.Of(answer);
        var inner = Inner(answer);
        var name = vault.Host.Split('.')[0];
        var said = $"Key Vault {name} answered HTTP {answer.Status}, {error.Code}{(inner is null ? "" : $"/{inner}")}: {FirstLine(error.Message)}";
        var target = uri.GetLeftPart(UriPartial.Path);
        return answer.Status switch
        {
            401 => new("HfSignInFailed", DrErrorKind.AuthenticationFailed, $"The vault did not accept the token. {said}", target, "Run Connect-HfAzure again; check that the tenant is the vault's."),
            403 when inner == "SecretDisabled" => new("HfSecretDisabled", DrErrorKind.InvalidState, said, target, "Enable the secret, or leave it out."),
            403 when inner == "ForbiddenByFirewall" => new("HfVaultForbidden", DrErrorKind.PermissionDenied, said, target, "Add this machine's address to the vault's network rules, or run this where its private endpoint is reached."),
            403 when uri.AbsolutePath.StartsWith("/certificates", StringComparison.OrdinalIgnoreCase) => new("HfVaultForbidden", DrErrorKind.PermissionDenied, said, target, "Give the signed-in principal the role Key Vault Certificate User on the vault, then try again."),
            403 => new("HfVaultForbidden", DrErrorKind.PermissionDenied, said, target, "Give the signed-in principal the role Key Vault Secrets User (to write: Key Vault Secrets Officer) on the vault, then try again."),
            404 when uri.AbsolutePath.StartsWith("/secrets/", StringComparison.OrdinalIgnoreCase) => new("HfSecretNotFound", DrErrorKind.NotFound, said, target, "Check the secret's name."),
            404 when uri.AbsolutePath.StartsWith("/keys/", StringComparison.OrdinalIgnoreCase) => new("HfKeyNotFound", DrErrorKind.NotFound, said, target, "Check the key's name and version; a deleted key can be recovered."),
            429 => new("HfThrottled", DrErrorKind.ResourceBusy, $"{said} Waiting did not help within the time allowed.", target, "Wait a minute and run the command again."),
            >= 500 => new("HfVaultUnreachable", DrErrorKind.OperationFailed, said, target, "Key Vault has trouble in this region: see Azure Service Health, and try again later."),
            _ => new("HfVaultRefused", DrErrorKind.OperationFailed, said, target, "Read Azure's message; correct what it names and run the command again."),
        };
    }

    private static string? Inner(ArmAnswer answer) =>
        answer.Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            && error.TryGetProperty("innererror", out var inner) && inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String
            ? code.GetString()
            : null;

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}
