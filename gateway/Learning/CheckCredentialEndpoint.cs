using System.Text.Json;
using System.Text.Json.Serialization;
using EdTech.Contracts.Learning;
using FastEndpoints;

namespace EdTech.Gateway;

/// <summary>The body is the credential itself, whatever properties it has.</summary>
sealed record CheckCredentialRequest
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Credential { get; init; } = [];
}

sealed class CheckCredentialEndpoint : InternalWriteEndpoint<CheckCredentialRequest>
{
    public override void Configure()
    {
        Post("/v1/certificates/verify");
        AllowAnonymous();
        Describe<CredentialCheck>("Whether a credential was issued here, is unchanged and not revoked");
    }

    public override Task HandleAsync(CheckCredentialRequest req, CancellationToken ct)
        => PostAsync<CredentialCheck>("learning", "/internal/learning/certificates/verify", req.Credential, ct);
}
