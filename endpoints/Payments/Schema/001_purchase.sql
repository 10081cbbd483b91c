CREATE SCHEMA IF NOT EXISTS payments;

-- What can be bought, as the owners of courses and lessons said last. Prices are copied here so that a quote needs nobody else.
CREATE TABLE payments.course_offer (
    course_id   uuid PRIMARY KEY,
    tutor_id    uuid NOT NULL,
    title       text NOT NULL,
    price_minor bigint NOT NULL,                 -- 0 when free
    currency    text,
    version     int NOT NULL,                    -- events come in any order: the higher version counts
    archived_at timestamptz,
    changed_at  timestamptz NOT NULL             -- of the last archiving or restoring
);

CREATE TABLE payments.lesson_offer (
    offer_id     uuid PRIMARY KEY,
    tutor_id     uuid NOT NULL,
    title        text NOT NULL,
    lessons      int NOT NULL CONSTRAINT package_has_lessons CHECK (lessons BETWEEN 1 AND 100),
    price_minor  bigint NOT NULL CONSTRAINT offer_costs_something CHECK (price_minor > 0),
    currency     text NOT NULL,
    version      bigint NOT NULL DEFAULT 1,
    changed_at   timestamptz NOT NULL,
    withdrawn_at timestamptz
);
CREATE INDEX lesson_offer_by_tutor ON payments.lesson_offer (tutor_id, offer_id);

CREATE TABLE payments.coupon (
    coupon_id   uuid PRIMARY KEY,
    code        text NOT NULL CONSTRAINT coupon_code_is_unique UNIQUE,      -- upper case
    owner_id    uuid NOT NULL,                   -- who made it
    platform    boolean NOT NULL,                -- paid out of the platform's fee, not by the tutor
    percent_off int NOT NULL CONSTRAINT percent_is_a_percentage CHECK (percent_off BETWEEN 1 AND 100),
    item_id     uuid,
    max_uses    int NOT NULL,
    uses        int NOT NULL DEFAULT 0 CONSTRAINT coupon_is_not_used_up CHECK (uses BETWEEN 0 AND max_uses),
    expires_at  timestamptz NOT NULL,
    retired_at  timestamptz,
    created_at  timestamptz NOT NULL
);
CREATE INDEX coupon_by_owner ON payments.coupon (owner_id, created_at DESC, coupon_id DESC);

-- The platform's fee through time; rows are only ever added, the youngest that is in force counts, a tutor's own before the default.
CREATE TABLE payments.fee_schedule (
    fee_schedule_id uuid PRIMARY KEY,
    tutor_id        uuid,
    basis_points    int NOT NULL CONSTRAINT fee_is_a_share CHECK (basis_points BETWEEN 0 AND 10000),
    effective_from  timestamptz NOT NULL,
    set_by          uuid NOT NULL,
    set_at          timestamptz NOT NULL
);
CREATE INDEX fee_in_force ON payments.fee_schedule (tutor_id, effective_from DESC, set_at DESC);
INSERT INTO payments.fee_schedule (fee_schedule_id, tutor_id, basis_points, effective_from, set_by, set_at)
VALUES ('00000000-0000-7000-8000-000000000001', NULL, 2000, '2000-01-01Z', '00000000-0000-0000-0000-000000000000', '2000-01-01Z');

CREATE TABLE payments.quote (
    quote_id         uuid PRIMARY KEY,
    payer_id         uuid NOT NULL,
    kind             text NOT NULL CONSTRAINT quote_kind_is_known CHECK (kind IN ('course', 'lessons')),
    item_id          uuid NOT NULL,
    tutor_id         uuid NOT NULL,
    title            text NOT NULL,
    lessons          int NOT NULL,
    list_minor       bigint NOT NULL,
    price_minor      bigint NOT NULL,
    fee_minor        bigint NOT NULL,
    currency         text NOT NULL,
    fee_basis_points int NOT NULL,
    coupon_id        uuid REFERENCES payments.coupon,
    expires_at       timestamptz NOT NULL,
    purchase_id      uuid,                       -- set once it is accepted: one purchase a quote
    created_at       timestamptz NOT NULL
);
CREATE INDEX quote_to_forget ON payments.quote (expires_at) WHERE purchase_id IS NULL;

-- A purchase is its events; this row is their fold, kept for queries and for the lock that orders writers.
CREATE TABLE payments.purchase (
    purchase_id       uuid PRIMARY KEY,
    version           bigint NOT NULL,
    status            text NOT NULL,
    kind              text NOT NULL,
    item_id           uuid NOT NULL,
    payer_id          uuid NOT NULL,
    tutor_id          uuid NOT NULL,
    title             text NOT NULL,
    lessons           int NOT NULL,
    lessons_confirmed int NOT NULL,
    price_minor       bigint NOT NULL,
    fee_minor         bigint NOT NULL,
    currency          text NOT NULL,
    captured_minor    bigint NOT NULL,
    stripe_fee_minor  bigint NOT NULL,
    refunded_minor    bigint NOT NULL,
    released_minor    bigint NOT NULL,           -- to the tutor, net of what was taken back
    intent_id         text,
    charge_id         text,
    last_decline      text,
    started_at        timestamptz NOT NULL,
    paid_at           timestamptz,
    state             jsonb NOT NULL             -- the whole fold
);
CREATE INDEX purchase_by_payer ON payments.purchase (payer_id, started_at DESC, purchase_id DESC);
CREATE INDEX purchase_by_tutor ON payments.purchase (tutor_id, started_at DESC, purchase_id DESC);
CREATE UNIQUE INDEX purchase_by_intent ON payments.purchase (intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX purchase_by_charge ON payments.purchase (charge_id) WHERE charge_id IS NOT NULL;
-- Nobody pays twice for a course: a second purchase waits until the first is ended.
CREATE UNIQUE INDEX course_is_bought_once ON payments.purchase (payer_id, item_id)
    WHERE kind = 'course' AND status IN ('awaitingPayment', 'requiresAction', 'processing', 'paid', 'fulfilled', 'disputed');

CREATE TABLE payments.purchase_event (
    purchase_id uuid NOT NULL,
    version     bigint NOT NULL,
    type        text NOT NULL,
    data        jsonb NOT NULL,
    actor_id    uuid,
    message_id  text NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (purchase_id, version)
);

CREATE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % is refused. Write a correcting row instead.', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP;
END
$$;
CREATE TRIGGER events_stay AFTER UPDATE OR DELETE OR TRUNCATE ON payments.purchase_event
    FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change();

-- Who did what besides purchases (whose events say it): offers, coupons, fees, settings, exceptions.
CREATE TABLE payments.audit (
    audit_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject_id  uuid NOT NULL,
    actor_id    uuid NOT NULL,
    what        text NOT NULL,                   -- the command's name
    details     jsonb NOT NULL DEFAULT '{}',
    message_id  text NOT NULL,
    occurred_at timestamptz NOT NULL
);
CREATE INDEX audit_by_subject ON payments.audit (subject_id, audit_id);
