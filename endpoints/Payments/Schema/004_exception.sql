-- What a person has to look at: ledger and Stripe differ, or a call was refused or has no known outcome. Found again it is the same entry.
CREATE TABLE payments.exception (
    exception_id uuid PRIMARY KEY,
    kind         text NOT NULL,
    reference    text NOT NULL,                  -- the Stripe object or call that it is about
    details      text NOT NULL,                  -- nothing personal
    found_at     timestamptz NOT NULL,
    resolution   text,
    resolved_by  uuid,
    resolved_at  timestamptz,
    CONSTRAINT exception_is_filed_once UNIQUE (kind, reference)
);
CREATE INDEX exception_by_age ON payments.exception (found_at DESC, exception_id DESC);
