-- A session is a family of refresh tokens. It ends by sign-out, by revocation, by age or when a spent token comes back.
CREATE TABLE users.session (
    session_id     uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES users.account,
    device         text NOT NULL,
    network        text NOT NULL,
    methods        text[] NOT NULL,
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz,
    revoked_reason text
);

CREATE INDEX session_of_account ON users.session (account_id, created_at DESC);

CREATE INDEX session_by_end ON users.session (expires_at);

-- Tokens are stored as their SHA-256. Spent ones stay as long as the session, so that a stolen one is recognised however late it comes.
CREATE TABLE users.refresh_token (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES users.session ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    spent_at   timestamptz
);

-- One live token per family: the successor is derived from its predecessor, so clients that refresh at once all receive the same.
CREATE UNIQUE INDEX refresh_token_one_live ON users.refresh_token (session_id) WHERE spent_at IS NULL;

CREATE INDEX refresh_token_of_session ON users.refresh_token (session_id);

-- Sign-in attempts by account and by address (both as keyed hashes). An attempt is counted before the password is looked at, so that
-- attempts made at once cannot slip through together.
CREATE TABLE users.throttle (
    key           bytea PRIMARY KEY,
    failures      int NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);

CREATE INDEX throttle_by_age ON users.throttle (last_at);

-- Keys that sign access tokens; the private part is sealed with AES-GCM. A key is published at once, signs from activates_at, and stays
-- published until its successor has signed for longer than a token lives.
CREATE TABLE users.signing_key (
    key_id       text PRIMARY KEY,
    x            text NOT NULL,
    y            text NOT NULL,
    private_key  bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    activates_at timestamptz NOT NULL
);
