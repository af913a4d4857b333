-- +goose Up
-- When a case came to its end; 0: it has not, or the persons' data have left.
ALTER TABLE cases ADD COLUMN ended BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_ended ON cases (ended, number) WHERE ended > 0;

-- Blobs of cases whose persons' data have left, until they are removed. An empty
-- one: the engine's files may still hold what left the tables.
CREATE TABLE leaving (
	sum TEXT NOT NULL PRIMARY KEY
);
