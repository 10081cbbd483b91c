using System.Collections.Immutable;
using EdTech.Contracts;
using EdTech.Contracts.Payments;

namespace EdTech.Payments;

/// <summary>A purchase as the fold of its events, and what its money means. Pure: no clock, no database.</summary>
sealed record Purchase
{
    /// <summary>How long its payer may ask for the money back without asking anybody.</summary>
    public static readonly TimeSpan RefundWindow = TimeSpan.FromDays(14);

    public Guid Id { get; init; }

    public long Version { get; init; }

    public PurchaseKind Kind { get; init; }

    public Guid ItemId { get; init; }

    public Guid PayerId { get; init; }

    public Guid TutorId { get; init; }

    public string Title { get; init; } = "";

    /// <summary>In the package; 1 for a course, whose one lesson is given by the enrolment.</summary>
    public int Lessons { get; init; }

    public int LessonsGiven { get; init; }

    public int LessonsCancelled { get; init; }

    public long Price { get; init; }

    /// <summary>The platform's part of the price.</summary>
    public long Fee { get; init; }

    public string Currency { get; init; } = "";

    public string? IntentId { get; init; }

    public string? ChargeId { get; init; }

    public string? LastDecline { get; init; }

    /// <summary>Stripe's word, while unpaid.</summary>
    public string? StripeStatus { get; init; }

    /// <summary>Why it ended unpaid.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Set once all money has gone back; a refund that bounces later does not give access again.</summary>
    public PurchaseStatus? ClosedAs { get; init; }

    public Guid? EnrolmentId { get; init; }

    public long CapturedAmount { get; init; }

    /// <summary>Stripe's fees of the charge and of disputes.</summary>
    public long StripeFees { get; init; }

    public long Refunded { get; init; }

    public long ChargedBack { get; init; }

    public ImmutableList<Refund> Refunds { get; init; } = [];

    public ImmutableSortedDictionary<string, long> OpenDisputes { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? PaidAt { get; init; }

    public PurchaseStatus Status => this switch
    {
        { ClosedAs: { } closed } => closed,
        { EndedBy: "cancelled" } => PurchaseStatus.Cancelled,
        { EndedBy: not null } => PurchaseStatus.Expired,
        { PaidAt: null, StripeStatus: "requires_action" } => PurchaseStatus.RequiresAction,
        { PaidAt: null, StripeStatus: "processing" } => PurchaseStatus.Processing,
        { PaidAt: null } => PurchaseStatus.AwaitingPayment,
        { OpenDisputes.Count: > 0 } => PurchaseStatus.Disputed,
        { IsDelivered: true } => PurchaseStatus.Fulfilled,
        _ => PurchaseStatus.Paid,
    };

    public bool IsDelivered => LessonsGiven == Lessons - LessonsCancelled;

    public long RefundsUnderWay => Refunds.Where(r => r.State == RefundState.Asked).Sum(r => r.Amount);

    /// <summary>All that can still go back: neither back already, nor on its way, nor in a bank's hands.</summary>
    public long Refundable => PaidAt is null ? 0 : Math.Max(0, CapturedAmount - Refunded - ChargedBack - RefundsUnderWay - OpenDisputes.Values.Sum());

    /// <summary>What the payer may take back alone: within the window, and only what was not delivered of lessons.</summary>
    public long RefundableByPayer(DateTimeOffset now)
        => PaidAt is not { } paid || now - paid > RefundWindow || Status is not (PurchaseStatus.Paid or PurchaseStatus.Fulfilled)
            ? 0
            : Kind == PurchaseKind.Course ? Refundable : Math.Clamp(CapturedAmount - GrossOf(LessonsGiven + LessonsCancelled) - RefundsUnderWay, 0, Refundable);

    /// <summary>How many lessons not yet given a refund of this amount takes away: as many as it pays for in whole.</summary>
    public int LessonsIn(long amount)
    {
        if (Kind == PurchaseKind.Course)
            return 0;
        var gone = LessonsGiven + LessonsCancelled + Refunds.Where(r => r.State == RefundState.Asked).Sum(r => r.Lessons);
        var count = 0;
        while (gone + count < Lessons && GrossOf(gone + count + 1) - GrossOf(gone) <= amount)
            count++;
        return count;
    }

    /// <summary>The price of the first lessons of the package, cumulative, so that the parts make the whole.</summary>
    public long GrossOf(int lessons) => PurchaseMoney.Part(CapturedAmount, lessons, Lessons, Currency);

    public static Purchase Apply(Purchase? purchase, Guid id, PurchaseEvent happened)
    {
        var next = happened is PurchaseEvent.Started started
            ? new Purchase
            {
                Id = id,
                Kind = started.Kind,
                ItemId = started.ItemId,
                PayerId = started.PayerId,
                TutorId = started.TutorId,
                Title = started.Title,
                Lessons = started.Lessons,
                Price = started.Price,
                Fee = started.Fee,
                Currency = started.Currency,
                StartedAt = started.At,
            }
            : (purchase ?? throw new InvalidOperationException($"The first event of purchase {id} is {happened.GetType().Name}, not its start.")).After(happened);
        return next with { Version = (purchase?.Version ?? 0) + 1 };
    }

    Purchase After(PurchaseEvent happened) => happened switch
    {
        PurchaseEvent.IntentOpened e => this with { IntentId = e.IntentId },
        PurchaseEvent.StatusSeen e => this with { StripeStatus = e.Status, LastDecline = e.Decline ?? LastDecline },
        PurchaseEvent.Captured e => this with { ChargeId = e.ChargeId, CapturedAmount = e.Amount, StripeFees = StripeFees + e.StripeFee, PaidAt = e.At },
        PurchaseEvent.Ended e => this with { EndedBy = e.Code },
        PurchaseEvent.Enrolled e => this with { EnrolmentId = e.EnrolmentId, LessonsGiven = 1 },
        PurchaseEvent.EnrolmentDenied => this,
        PurchaseEvent.LessonGiven => this with { LessonsGiven = LessonsGiven + 1 },
        PurchaseEvent.RefundAsked e => this with { Refunds = Refunds.Add(new Refund(e.RefundId, e.Amount, e.Lessons, RefundState.Asked)) },
        PurchaseEvent.RefundMade e => Refund(e.RefundId, RefundState.Made),
        PurchaseEvent.RefundBounced e => Refund(e.RefundId, RefundState.Bounced),
        PurchaseEvent.DisputeBegun e => this with { OpenDisputes = OpenDisputes.Add(e.DisputeId, e.Amount), StripeFees = StripeFees + e.Fee },
        PurchaseEvent.DisputeWon e => this with { OpenDisputes = OpenDisputes.Remove(e.DisputeId), StripeFees = StripeFees - e.FeeReturned },
        PurchaseEvent.DisputeLost e => Closed(this with { OpenDisputes = OpenDisputes.Remove(e.DisputeId), ChargedBack = ChargedBack + OpenDisputes[e.DisputeId] }, PurchaseStatus.ChargedBack),
        _ => throw new InvalidOperationException($"Purchase {Id} has an event {happened.GetType().Name} that this version does not know."),
    };

    Purchase Refund(Guid refundId, RefundState state)
    {
        var refund = Refunds.Single(r => r.Id == refundId);
        var sign = (state == RefundState.Made ? 1 : 0) - (refund.State == RefundState.Made ? 1 : 0);
        var next = this with
        {
            Refunds = Refunds.Replace(refund, refund with { State = state }),
            Refunded = Refunded + (sign * refund.Amount),
            LessonsCancelled = LessonsCancelled + (sign * refund.Lessons),
        };
        return Closed(next, PurchaseStatus.Refunded);
    }

    static Purchase Closed(Purchase purchase, PurchaseStatus status)
        => purchase.ClosedAs is null && purchase.Refunded + purchase.ChargedBack >= purchase.CapturedAmount && purchase.CapturedAmount > 0 ? purchase with { ClosedAs = status } : purchase;
}

enum RefundState
{
    Asked,
    Made,
    Bounced,
}

sealed record Refund(Guid Id, long Amount, int Lessons, RefundState State);
