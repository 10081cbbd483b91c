-- Receipts count up without gaps within a year: the counter's row is locked until the receipt is there, so a number that is given is used.
CREATE TABLE payments.receipt_counter (
    year int PRIMARY KEY,
    last int NOT NULL
);

CREATE TABLE payments.receipt (
    purchase_id uuid PRIMARY KEY REFERENCES payments.purchase,
    year        int NOT NULL,
    number      int NOT NULL,
    issued_at   timestamptz NOT NULL,
    CONSTRAINT receipt_number_is_given_once UNIQUE (year, number)
);
