-- +goose Up
-- What is not done of one kind, without a walk over all that is not done.
CREATE INDEX duties_open ON duties (kind, due, number) WHERE done = 0;

-- Whom a cut is about and whether its cases are all held, so that neither each
-- sign-in nor each look of the clock reads the cuts of all years. A row from
-- before is empty in both, and read by both.
ALTER TABLE cuts ADD COLUMN what TEXT NOT NULL DEFAULT '';
ALTER TABLE cuts ADD COLUMN worked BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cuts_what ON cuts (what);
CREATE INDEX cuts_unworked ON cuts (at) WHERE worked = 0;
