using EdTech.Contracts;
using EdTech.Contracts.Communication;
using FastEndpoints;

namespace EdTech.Gateway;

sealed class GetUnreadEndpoint : QueryEndpoint<EmptyRequest, UnreadView>
{
    public override void Configure()
    {
        Get("/v1/me/unread");
        Permissions("learn");
        Describe("How many messages one has not read");
    }

    public override Task HandleAsync(EmptyRequest req, CancellationToken ct) => ForwardAsync("communication", "/internal/communication/unread", ct);
}
