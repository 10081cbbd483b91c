-- The books. Double entry: a posting set moves money between accounts and sums to zero in each currency; nothing is ever changed or deleted.
-- Debits are positive, credits negative. An account is (account, owner, currency):
--   stripe          asset      what Stripe holds for the platform
--   connected       asset      what Stripe holds in a tutor's own account
--   disputed        asset      what a bank has taken while a dispute is open
--   stripe_fees     expense    what Stripe keeps
--   learner         clearing   money passing through a learner's hands; always zero after a set
--   held            liability  paid, not delivered yet; owner is the learner
--   tutor           liability  earned by a tutor and not in the bank yet
--   platform_fees   income     the platform's fee
CREATE TABLE payments.posting_set (
    posting_set_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference      text NOT NULL CONSTRAINT movement_is_posted_once UNIQUE,   -- what was posted: purchase and version, transfer, payout
    kind           text NOT NULL,
    purchase_id    uuid,
    message_id     text NOT NULL,
    posted_at      timestamptz NOT NULL
);
CREATE INDEX posting_set_by_purchase ON payments.posting_set (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX posting_set_by_time ON payments.posting_set (posted_at);

CREATE TABLE payments.posting (
    posting_set_id bigint NOT NULL REFERENCES payments.posting_set,
    line           int NOT NULL,
    account        text NOT NULL CONSTRAINT account_is_known CHECK (account IN ('stripe', 'connected', 'disputed', 'stripe_fees', 'learner', 'held', 'tutor', 'platform_fees')),
    owner_id       uuid NOT NULL,                -- all zeros: the platform
    currency       text NOT NULL,
    amount_minor   bigint NOT NULL,
    posted_at      timestamptz NOT NULL,         -- the set's, so that a statement is one index scan
    PRIMARY KEY (posting_set_id, line)
);
CREATE INDEX posting_by_account ON payments.posting (account, owner_id, currency, posted_at, posting_set_id, line) INCLUDE (amount_minor);

-- Balances are a projection of the postings. The platform's own accounts are in every set; sixteen rows for each, chosen by connection, keep
-- concurrent sets from queueing behind each other. A balance is the sum of its rows.
CREATE TABLE payments.balance (
    account       text NOT NULL,
    owner_id      uuid NOT NULL,
    currency      text NOT NULL,
    shard         int NOT NULL,
    balance_minor bigint NOT NULL,
    postings      bigint NOT NULL,
    PRIMARY KEY (account, owner_id, currency, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION payments.check_and_sum_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced record;
BEGIN
    -- A set comes in one statement, so each statement balances or none of it stays.
    SELECT posting_set_id, currency, sum(amount_minor) AS off INTO unbalanced
    FROM added
    GROUP BY posting_set_id, currency
    HAVING sum(amount_minor) <> 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Posting set % is off by % minor units of %: debits and credits of a set are written in one statement and sum to zero.',
            unbalanced.posting_set_id, unbalanced.off, unbalanced.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_set_balances';
    END IF;

    INSERT INTO payments.balance AS b (account, owner_id, currency, shard, balance_minor, postings)
    SELECT account, owner_id, currency,
           CASE WHEN owner_id = '00000000-0000-0000-0000-000000000000' THEN pg_backend_pid() % 16 ELSE 0 END AS shard,
           sum(amount_minor), count(*)
    FROM added
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (account, owner_id, currency, shard)
    DO UPDATE SET balance_minor = b.balance_minor + EXCLUDED.balance_minor, postings = b.postings + EXCLUDED.postings;
    RETURN NULL;
END
$$;
CREATE TRIGGER postings_balance AFTER INSERT ON payments.posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments.check_and_sum_postings();
CREATE TRIGGER postings_stay AFTER UPDATE OR DELETE OR TRUNCATE ON payments.posting
    FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change();
CREATE TRIGGER posting_sets_stay AFTER UPDATE OR DELETE OR TRUNCATE ON payments.posting_set
    FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change();
