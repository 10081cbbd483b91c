using EdTech.Contracts.Users;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class ExportMeEndpoint : QueryEndpoint<EmptyRequest, PersonalDataExport>
{
    public override void Configure()
    {
        Get("/v1/me/export");
        Authenticated();
        Describe("Everything that is known about oneself");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("users", "/internal/users/me/export", ct);
}
