-- The keys that sign certificates. One of them signs now; retired ones still verify what they signed.
CREATE TABLE learning.issuer_key (
    multikey           text PRIMARY KEY,
    sealed_private_key bytea NOT NULL,           -- AES-256-GCM: nonce, tag, cipher; the key is derived from EDTECH_SECRET_KEY
    created_at         timestamptz NOT NULL,
    retired_at         timestamptz
);
CREATE UNIQUE INDEX one_issuer_key_signs ON learning.issuer_key ((true)) WHERE retired_at IS NULL;

-- Drawn before the certificate is signed, as the credential names it.
CREATE SEQUENCE learning.certificate_status_index AS bigint MINVALUE 0 START 0;

-- A certificate is issued once per enrolment. The credential is kept as it was signed and never written again.
CREATE TABLE learning.certificate (
    certificate_id    uuid PRIMARY KEY,
    enrolment_id      uuid NOT NULL CONSTRAINT certificate_is_issued_once UNIQUE REFERENCES learning.enrolment,
    course_id         uuid NOT NULL REFERENCES learning.course,
    student_id        uuid NOT NULL,
    tutor_id          uuid NOT NULL,
    course_title      text NOT NULL,
    status_index      bigint NOT NULL CONSTRAINT certificate_has_a_bit_of_its_own UNIQUE,  -- its place in the public status lists
    credential        text NOT NULL,             -- text, not jsonb: it is passed on as it was signed
    issued_at         timestamptz NOT NULL,
    revoked_at        timestamptz,
    revocation_reason text,
    CONSTRAINT revoked_certificate_says_why CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL))
);
CREATE INDEX certificate_by_student ON learning.certificate (student_id, issued_at DESC, certificate_id DESC);
CREATE INDEX certificate_revoked ON learning.certificate (status_index) WHERE revoked_at IS NOT NULL;
