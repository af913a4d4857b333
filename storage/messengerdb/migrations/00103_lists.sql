-- +goose Up
ALTER TABLE release_keys ADD COLUMN counsel BIGINT NOT NULL DEFAULT 0;
ALTER TABLE release_links ADD COLUMN counsel BIGINT NOT NULL DEFAULT 0;

-- What a grant to produce reaches, so that a long list is not signed in parts.
ALTER TABLE grants ADD COLUMN case_ref TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN accounts BIGINT NOT NULL DEFAULT 0;
CREATE INDEX grants_case ON grants (case_ref);

-- Apart from grants, so that what was given stays given after a restore.
CREATE TABLE grant_draws (
	hash    BYTEA  NOT NULL PRIMARY KEY,
	spent   BYTEA  NOT NULL,
	seq     BIGINT NOT NULL,
	batch   BYTEA  NOT NULL,
	entry   BYTEA  NOT NULL,
	touched BIGINT NOT NULL
);
