-- The endpoint runtime's own tables, in the database of each endpoint.
CREATE SCHEMA IF NOT EXISTS messaging;

-- A row per handled message, written last in the message's transaction: its unique violation is how a duplicate is noticed.
CREATE TABLE messaging.inbox (
    message_id   text NOT NULL CONSTRAINT inbox_pkey PRIMARY KEY,
    handled_at   timestamptz NOT NULL,
    actor_id     uuid,               -- requests: who may ask for the outcome
    request_hash text,               -- requests: a repeat must have the same
    reply_type   text,               -- requests: EnclosedMessageTypes of the reply
    reply        bytea               -- requests: its body, given again to a repeat
);
CREATE INDEX inbox_by_age ON messaging.inbox USING brin (handled_at);

-- Messages that must leave. Sent right after the commit and then deleted in bulk; the sweeper sends what a crash left.
CREATE TABLE messaging.outbox (
    outbox_id   uuid PRIMARY KEY,
    delivery    smallint NOT NULL,
    destination text NOT NULL,
    headers     text NOT NULL,       -- JSON object
    body        bytea NOT NULL,
    deliver_at  timestamptz,
    created_at  timestamptz NOT NULL
);

CREATE TABLE messaging.saga (
    saga_id     uuid NOT NULL UNIQUE,
    saga_type   text NOT NULL,
    correlation text NOT NULL,
    data        jsonb NOT NULL,
    version     int NOT NULL,
    CONSTRAINT saga_pkey PRIMARY KEY (saga_type, correlation)
);
