CREATE SCHEMA academy;
CREATE TABLE academy.paper (
    paper_id uuid NOT NULL,
    message_id text NOT NULL,
    note text NOT NULL
);
