-- A tutor as far as money is concerned. The row is also the lock under which transfers and payouts of this tutor are decided.
CREATE TABLE payments.tutor_account (
    tutor_id          uuid PRIMARY KEY,
    country           text,
    stripe_account_id text CONSTRAINT stripe_account_is_one_tutors UNIQUE,
    details_submitted boolean NOT NULL DEFAULT false,
    payouts_enabled   boolean NOT NULL DEFAULT false,
    requirements      text[] NOT NULL DEFAULT '{}',
    payout_interval   text NOT NULL DEFAULT 'weekly' CONSTRAINT payout_interval_is_known CHECK (payout_interval IN ('daily', 'weekly', 'monthly', 'manual')),
    payout_minimum    bigint NOT NULL DEFAULT 0 CONSTRAINT payout_minimum_is_not_negative CHECK (payout_minimum >= 0),
    version           bigint NOT NULL DEFAULT 1,          -- of the settings
    opened_at         timestamptz NOT NULL
);

-- Money moved from the platform's Stripe balance to a tutor's own, out of one purchase.
CREATE TABLE payments.transfer (
    transfer_id        uuid PRIMARY KEY,
    purchase_id        uuid NOT NULL REFERENCES payments.purchase,
    tutor_id           uuid NOT NULL,
    amount_minor       bigint NOT NULL CONSTRAINT transfer_is_something CHECK (amount_minor > 0),
    reversed_minor     bigint NOT NULL DEFAULT 0,         -- taken back, confirmed by Stripe
    reversing_minor    bigint NOT NULL DEFAULT 0,         -- being taken back
    currency           text NOT NULL,
    status             text NOT NULL CONSTRAINT transfer_status_is_known CHECK (status IN ('pending', 'done', 'refused')),
    stripe_transfer_id text UNIQUE,
    decided_at         timestamptz NOT NULL,
    CONSTRAINT no_more_taken_back_than_transferred CHECK (reversed_minor + reversing_minor BETWEEN 0 AND amount_minor)
);
CREATE INDEX transfer_by_purchase ON payments.transfer (purchase_id);
CREATE INDEX transfer_under_way ON payments.transfer (tutor_id, currency) WHERE status = 'pending';

CREATE TABLE payments.reversal (
    reversal_id        uuid PRIMARY KEY,
    transfer_id        uuid NOT NULL REFERENCES payments.transfer,
    amount_minor       bigint NOT NULL CONSTRAINT reversal_is_something CHECK (amount_minor > 0),
    status             text NOT NULL CONSTRAINT reversal_status_is_known CHECK (status IN ('pending', 'done', 'refused')),
    stripe_reversal_id text UNIQUE,
    decided_at         timestamptz NOT NULL
);
CREATE INDEX reversal_by_transfer ON payments.reversal (transfer_id);

CREATE TABLE payments.payout (
    payout_id        uuid PRIMARY KEY,
    tutor_id         uuid NOT NULL,
    amount_minor     bigint NOT NULL CONSTRAINT payout_is_something CHECK (amount_minor > 0),
    currency         text NOT NULL,
    status           text NOT NULL CONSTRAINT payout_status_is_known CHECK (status IN ('pending', 'sent', 'paid', 'failed')),
    failure_code     text,
    stripe_payout_id text UNIQUE,
    created_at       timestamptz NOT NULL,
    arrives_at       timestamptz
);
CREATE INDEX payout_by_tutor ON payments.payout (tutor_id, created_at DESC, payout_id DESC);
