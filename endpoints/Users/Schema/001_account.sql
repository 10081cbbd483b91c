CREATE SCHEMA IF NOT EXISTS users;

-- An address belongs to at most one account: the constraint decides between two people who register it at once. Until it is verified it is
-- only claimed, and whoever proves that it is theirs takes it over; the claim's account is then voided and keeps no way in.
CREATE TABLE users.account (
    account_id        uuid PRIMARY KEY,
    email             text,
    email_normalised  text CONSTRAINT account_email_is_taken UNIQUE,
    email_verified_at timestamptz,
    password_hash     text,
    status            text NOT NULL DEFAULT 'active' CONSTRAINT account_status_is_known CHECK (status IN ('active', 'suspended', 'voided')),
    created_at        timestamptz NOT NULL,
    CONSTRAINT account_email_is_whole CHECK ((email IS NULL) = (email_normalised IS NULL)),
    CONSTRAINT account_voided_has_no_way_in CHECK (status <> 'voided' OR (email IS NULL AND password_hash IS NULL))
);

-- Support lists accounts newest first.
CREATE INDEX account_by_creation ON users.account (created_at DESC, account_id DESC);

-- Registrations that nobody verified are voided after a while.
CREATE INDEX account_unverified ON users.account (created_at) WHERE email_verified_at IS NULL AND status = 'active';

CREATE TABLE users.profile (
    account_id    uuid PRIMARY KEY REFERENCES users.account,
    display_name  text NOT NULL,
    bio           text,
    avatar_url    text,
    locale        text NOT NULL,
    time_zone     text NOT NULL,
    accessibility jsonb NOT NULL DEFAULT '{}',
    shows         jsonb NOT NULL DEFAULT '{}',
    version       bigint NOT NULL DEFAULT 1,
    updated_at    timestamptz NOT NULL
);

-- Roles are sets of permissions; the gateway checks permissions, never roles.
CREATE TABLE users.role (
    role text PRIMARY KEY
);

CREATE TABLE users.role_permission (
    role       text NOT NULL REFERENCES users.role,
    permission text NOT NULL,
    PRIMARY KEY (role, permission)
);

INSERT INTO users.role (role)
VALUES ('student'), ('tutor'), ('moderator'), ('support'), ('admin');

INSERT INTO users.role_permission (role, permission)
VALUES
    ('student', 'learn'),
    ('tutor', 'learn'),
    ('tutor', 'courses.author'),
    ('tutor', 'courses.publish'),
    ('tutor', 'paths.author'),
    ('moderator', 'courses.moderate'),
    ('support', 'accounts.read'),
    ('support', 'accounts.suspend'),
    ('admin', 'learn'),
    ('admin', 'courses.author'),
    ('admin', 'courses.publish'),
    ('admin', 'courses.moderate'),
    ('admin', 'paths.author'),
    ('admin', 'accounts.read'),
    ('admin', 'accounts.suspend'),
    ('admin', 'roles.grant'),
    ('admin', 'keys.rotate');

CREATE TABLE users.role_grant (
    account_id uuid NOT NULL REFERENCES users.account,
    role       text NOT NULL REFERENCES users.role,
    granted_at timestamptz NOT NULL,
    granted_by uuid,
    PRIMARY KEY (account_id, role)
);

CREATE INDEX role_grant_admins ON users.role_grant (account_id) WHERE role = 'admin';

-- What happened to an account: who, what, when, and by which message or request. Rows are only ever added.
CREATE TABLE users.audit (
    audit_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id     uuid NOT NULL,
    actor_id       uuid,
    action         text NOT NULL,
    occurred_at    timestamptz NOT NULL,
    correlation_id text NOT NULL,
    details        jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_of_account ON users.audit (account_id, audit_id DESC);
