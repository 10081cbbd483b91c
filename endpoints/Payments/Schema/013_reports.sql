-- A tutor's purchases whose money is still held: all that earnings have to look at besides the balances.
CREATE INDEX purchase_not_delivered ON payments.purchase (tutor_id) WHERE status IN ('paid', 'disputed');

-- What was paid in a month, for the platform's report.
CREATE INDEX purchase_by_payment ON payments.purchase (paid_at) WHERE paid_at IS NOT NULL;

-- When fees were decided, for the list of them.
CREATE INDEX fee_by_age ON payments.fee_schedule (set_at DESC, fee_schedule_id DESC);
