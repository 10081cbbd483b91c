using System.Text.Json;
using EdTech.Contracts.Analytics;
using FastEndpoints;
using FluentValidation;

namespace EdTech.Gateway;

sealed record ReportBehaviourRequest(Guid? AnonymousId, Guid? SessionId, string? App, DateTimeOffset? SentAt, IReadOnlyList<JsonElement>? Events);

sealed class ReportBehaviourValidator : Validator<ReportBehaviourRequest>
{
    public const int MaxEvents = 500;

    public ReportBehaviourValidator()
    {
        RuleFor(r => r.AnonymousId).NotEmpty();
        RuleFor(r => r.SessionId).NotEmpty();
        RuleFor(r => r.App).NotEmpty().MaximumLength(40).Matches("^[a-z]{2,12} [0-9A-Za-z.+-]{1,24}$").WithMessage("The client's name in small letters, a blank, its version: web 1.4.0.");
        RuleFor(r => r.SentAt).NotNull()
            .Must(at => at is null || at.Value.Year is >= 2000 and <= 2100).WithMessage("The client's clock is set to another century.");
        RuleFor(r => r.Events).NotEmpty().Must(e => e is null || e.Count <= MaxEvents).WithMessage($"A batch has at most {MaxEvents} events.");
    }
}

/// <summary>Behaviour events of a client. Needs no token; with one the events are the account's. An answer below 300 says that Kafka has what was accepted.</summary>
sealed class ReportBehaviourEndpoint : InternalWriteEndpoint<ReportBehaviourRequest>
{
    public const string Path = "/v1/events";

    public override void Configure()
    {
        Post(Path);
        AllowAnonymous();
        Options(route => route.WithMetadata(JudgesTextItself.Instance));
        Describe<BehaviourReceipt>("Report what was done in a client", tag: "Events");
    }

    public override Task HandleAsync(ReportBehaviourRequest req, CancellationToken ct)
    {
        var account = Actor.Id == Guid.Empty ? (Guid?)null : Actor.Id;
        var intake = HttpContext.RequestServices.GetRequiredService<BehaviourIntake>();
        var batch = new BehaviourBatch(req.AnonymousId!.Value, req.SessionId!.Value, account, req.App!, req.SentAt!.Value, intake.Now);
        return intake.Take(HttpContext, batch, req.Events!, ct);
    }
}
