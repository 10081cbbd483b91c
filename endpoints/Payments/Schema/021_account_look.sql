-- When Stripe was asked for what the row says of the account: an answer to an older question changes nothing.
ALTER TABLE payments.tutor_account ADD COLUMN looked_at timestamptz;
