using EdTech.Contracts;
using EdTech.Contracts.Learning;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

/// <summary>What to look for; everything is optional.</summary>
sealed record SearchCatalogueRequest(
    [property: QueryParam] string? Q,
    [property: QueryParam] IReadOnlyList<string>? Subject,
    [property: QueryParam] string? Level,
    [property: QueryParam] string? Language,
    [property: QueryParam] bool? Free,
    [property: QueryParam] long? MaxPrice,
    [property: QueryParam] string? Currency,
    [property: QueryParam] CatalogueSort? Sort,
    [property: QueryParam] string? Cursor,
    [property: QueryParam] int? Limit);

sealed class SearchCatalogueValidator : Validator<SearchCatalogueRequest>
{
    public SearchCatalogueValidator()
    {
        RuleFor(r => r.Q).MaximumLength(200);
        RuleFor(r => r.Subject).Must(s => s is null || s.Count <= 10).WithMessage("At most 10 subjects.");
        RuleForEach(r => r.Subject).MaximumLength(60);
        RuleFor(r => r.Level).MaximumLength(20);
        RuleFor(r => r.Language).MaximumLength(35);
        RuleFor(r => r.MaxPrice).GreaterThanOrEqualTo(0);
        RuleFor(r => r.Currency).Must(c => c is null || Currencies.Known(c)).WithMessage("An ISO 4217 code in upper case, such as EUR.");
        RuleFor(r => r.Cursor).MaximumLength(200);
        RuleFor(r => r.Limit).InclusiveBetween(1, 100);
    }
}

sealed class SearchCatalogueEndpoint : QueryEndpoint<SearchCatalogueRequest, CataloguePage>
{
    public override void Configure()
    {
        Get("/v1/catalogue");
        AllowAnonymous();
        Describe("Search the catalogue");
    }

    public override Task HandleAsync(SearchCatalogueRequest req, CancellationToken ct)
        => ForwardAsync(
            "learning",
            WithQuery(
                "/internal/learning/catalogue",
                ("q", req.Q),
                ("subject", req.Subject),
                ("level", req.Level),
                ("language", req.Language),
                ("free", req.Free),
                ("maxPrice", req.MaxPrice),
                ("currency", req.Currency),
                ("sort", req.Sort),
                ("cursor", req.Cursor),
                ("limit", req.Limit)),
            ct,
            new Cache(CacheEvictions.Catalogue));
}
