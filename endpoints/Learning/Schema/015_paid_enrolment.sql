-- An enrolment whose payment went back ends, and what was learned stays: the row is kept and hidden, and a later payment shows it again.
-- Everything that reads or studies goes through the view, so nothing can forget to ask whether access has ended.
ALTER TABLE learning.enrolment RENAME TO enrolment_record;
ALTER TABLE learning.enrolment_record ADD COLUMN revoked_at timestamptz;

CREATE VIEW learning.enrolment AS
SELECT enrolment_id, course_id, student_id, version, source, payment_id, lessons, lessons_completed, enrolled_at, completed_at
FROM learning.enrolment_record
WHERE revoked_at IS NULL;

-- What became of a payment's enrolment, decided once: an order that is repeated is told the same, and a payment that went back before its
-- order came gets none.
CREATE TABLE learning.paid_enrolment (
    payment_id   uuid PRIMARY KEY,
    course_id    uuid NOT NULL,
    student_id   uuid,                           -- not known when the revocation came first
    enrolment_id uuid REFERENCES learning.enrolment_record,
    refusal      text,
    decided_at   timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT paid_enrolment_is_given_or_refused CHECK (enrolment_id IS NULL OR refusal IS NULL)
);
