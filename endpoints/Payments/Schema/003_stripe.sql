-- What we have asked of Stripe and not heard the outcome of. The row is written in the transaction that decides on the call and settled in the one
-- that records the outcome; whatever happens in between, the reconciler finds it here and asks until the outcome is known.
CREATE TABLE payments.stripe_call (
    call_id      text PRIMARY KEY,               -- also Stripe's idempotency key: derived from the command, never from an attempt
    message_type text NOT NULL,
    message      jsonb NOT NULL,
    requested_at timestamptz NOT NULL,
    next_at      timestamptz NOT NULL,           -- when the reconciler asks (again)
    tries        int NOT NULL DEFAULT 0,         -- of the reconciler
    settled_at   timestamptz,
    outcome      text                            -- 'done', or Stripe's code of refusal
);
CREATE INDEX stripe_call_outstanding ON payments.stripe_call (next_at) WHERE settled_at IS NULL;

CREATE TABLE payments.stripe_customer (
    payer_id    uuid PRIMARY KEY,
    customer_id text NOT NULL UNIQUE
);

-- Webhooks as they came; the id is what makes a repeat one.
CREATE TABLE payments.stripe_event (
    event_id    text PRIMARY KEY,
    type        text NOT NULL,
    account     text,                            -- of a connected account
    payload     text NOT NULL,
    created_at  timestamptz NOT NULL,            -- at Stripe
    received_at timestamptz NOT NULL,
    repeats     int NOT NULL DEFAULT 0
);
CREATE INDEX stripe_event_by_time ON payments.stripe_event (created_at);

-- Until when all of Stripe's events are here, whether their webhooks came or not.
CREATE TABLE payments.stripe_watermark (
    singleton    boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_watermark CHECK (singleton),
    caught_up_to timestamptz NOT NULL
);
INSERT INTO payments.stripe_watermark (caught_up_to) VALUES (now());

CREATE TABLE payments.refund (
    refund_id        uuid PRIMARY KEY,
    purchase_id      uuid NOT NULL REFERENCES payments.purchase,
    amount_minor     bigint NOT NULL CONSTRAINT refund_is_something CHECK (amount_minor > 0),
    status           text NOT NULL CONSTRAINT refund_status_is_known CHECK (status IN ('requested', 'succeeded', 'failed')),
    stripe_refund_id text UNIQUE,
    requested_by     uuid NOT NULL,
    reason           text NOT NULL,
    requested_at     timestamptz NOT NULL
);
CREATE INDEX refund_by_purchase ON payments.refund (purchase_id);

CREATE TABLE payments.dispute (
    dispute_id            text PRIMARY KEY,
    purchase_id           uuid NOT NULL REFERENCES payments.purchase,
    amount_minor          bigint NOT NULL,
    currency              text NOT NULL,
    reason                text NOT NULL,
    status                text NOT NULL,
    evidence_due_by       timestamptz,
    evidence_submitted_at timestamptz,
    opened_at             timestamptz NOT NULL,
    closed_at             timestamptz
);
CREATE INDEX dispute_by_purchase ON payments.dispute (purchase_id);
CREATE INDEX dispute_by_age ON payments.dispute (opened_at DESC, dispute_id DESC);
