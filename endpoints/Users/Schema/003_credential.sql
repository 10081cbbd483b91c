-- Mails to account holders, and the one-time tokens in them. The token itself is derived from this row's id by a key that the database does
-- not hold; a redelivered message therefore sends the same mail again, and a stolen table opens nothing.
CREATE TABLE users.account_mail (
    mail_id    uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES users.account,
    purpose    text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX account_mail_of_account ON users.account_mail (account_id, purpose, created_at);

CREATE INDEX account_mail_by_end ON users.account_mail (expires_at);

-- Somebody asked for a mail to this address. Whether it has an account is looked up later, in a handler, where nobody can time it.
CREATE TABLE users.mail_request (
    request_id       uuid PRIMARY KEY,
    email_normalised text NOT NULL,
    purpose          text NOT NULL,
    requested_at     timestamptz NOT NULL
);

-- The secret is sealed with AES-GCM. last_step is the newest time step that was accepted: a code works once.
CREATE TABLE users.totp (
    account_id   uuid PRIMARY KEY REFERENCES users.account,
    secret       bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0
);

CREATE TABLE users.recovery_code (
    account_id uuid NOT NULL REFERENCES users.account,
    code_hash  bytea NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE users.social_login (
    provider   text NOT NULL,
    subject    text NOT NULL,
    account_id uuid NOT NULL REFERENCES users.account,
    linked_at  timestamptz NOT NULL,
    PRIMARY KEY (provider, subject),
    CONSTRAINT social_login_once_per_provider UNIQUE (account_id, provider)
);

-- An ID token signs in once.
CREATE TABLE users.used_id_token (
    token_hash bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE INDEX used_id_token_by_end ON users.used_id_token (expires_at);
