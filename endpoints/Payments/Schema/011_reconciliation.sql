-- Stripe's balance transactions of the days that were compared: what an auditor can lay beside the ledger.
CREATE TABLE payments.stripe_transaction (
    transaction_id text PRIMARY KEY,
    source_id      text,                         -- the charge, refund, transfer, reversal or dispute
    type           text NOT NULL,
    currency       text NOT NULL,
    net_minor      bigint NOT NULL,
    created_at     timestamptz NOT NULL
);
CREATE INDEX stripe_transaction_by_time ON payments.stripe_transaction (created_at);
CREATE INDEX stripe_transaction_by_source ON payments.stripe_transaction (source_id);

CREATE TABLE payments.reconciliation (
    day                 date NOT NULL,
    currency            text NOT NULL,
    stripe_transactions int NOT NULL,
    stripe_minor        bigint NOT NULL,
    ledger_minor        bigint NOT NULL,         -- what the ledger moved for the same objects
    exceptions          int NOT NULL,            -- filed for that day, resolved or not
    ran_at              timestamptz NOT NULL,
    PRIMARY KEY (day, currency)
);

-- Each movement of the ledger on the platform's Stripe account with the Stripe object that it stands for.
CREATE VIEW payments.stripe_movement AS
SELECT s.posting_set_id,
       s.reference,
       s.posted_at,
       p.currency,
       p.amount_minor,
       CASE s.kind
           WHEN 'captured' THEN e.data ->> 'chargeId'
           WHEN 'refundSucceeded' THEN e.data ->> 'stripeRefundId'
           WHEN 'refundFailed' THEN r.stripe_refund_id
           WHEN 'disputeOpened' THEN e.data ->> 'disputeId'
           WHEN 'disputeWon' THEN e.data ->> 'disputeId'
           WHEN 'transfer' THEN t.stripe_transfer_id
           WHEN 'reversal' THEN v.stripe_reversal_id
       END AS source_id
FROM payments.posting_set s
JOIN payments.posting p ON p.posting_set_id = s.posting_set_id AND p.account = 'stripe'
LEFT JOIN payments.purchase_event e
    ON s.reference LIKE 'purchase/%' AND e.purchase_id = s.purchase_id AND e.version = CASE WHEN s.reference LIKE 'purchase/%' THEN split_part(s.reference, '/', 3)::bigint END
LEFT JOIN payments.refund r ON s.kind = 'refundFailed' AND r.refund_id = (e.data ->> 'refundId')::uuid
LEFT JOIN payments.transfer t ON t.transfer_id = CASE WHEN s.kind = 'transfer' THEN split_part(s.reference, '/', 2)::uuid END
LEFT JOIN payments.reversal v ON v.reversal_id = CASE WHEN s.kind = 'reversal' THEN split_part(s.reference, '/', 2)::uuid END;
