-- An archive that became a course. Written with the course in one transaction, so that there is never one without the other; an archive
-- that was refused leaves nothing.
CREATE TABLE learning.course_import (
    import_id      uuid PRIMARY KEY,
    owner_id       uuid NOT NULL,
    course_id      uuid NOT NULL REFERENCES learning.course,
    archive_sha256 text NOT NULL,
    report         jsonb NOT NULL,                -- ImportReport
    imported_at    timestamptz NOT NULL
);
