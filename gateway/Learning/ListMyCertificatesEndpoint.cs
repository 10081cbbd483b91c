using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ListMyCertificatesRequest([property: QueryParam] string? Cursor, [property: QueryParam] int? Limit);

sealed class ListMyCertificatesValidator : Validator<ListMyCertificatesRequest>
{
    public ListMyCertificatesValidator()
    {
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class ListMyCertificatesEndpoint : QueryEndpoint<ListMyCertificatesRequest, Page<CertificateView>>
{
    public override void Configure()
    {
        Get("/v1/me/certificates");
        Permissions("learn");
        Describe("List one's certificates");
    }

    public override Task HandleAsync(ListMyCertificatesRequest req, CancellationToken ct)
        => ForwardAsync("learning", WithQuery("/internal/learning/me/certificates", ("cursor", req.Cursor), ("limit", req.Limit)), ct);
}
