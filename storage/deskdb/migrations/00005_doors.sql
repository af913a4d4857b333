-- +goose Up
-- Agencies' systems and the beginnings of their API keys; only hashes of the
-- keys are kept, in the body.
CREATE TABLE systems (
	system TEXT  NOT NULL PRIMARY KEY,
	name   TEXT  NOT NULL,
	body   BYTEA NOT NULL
);

CREATE TABLE system_keys (
	prefix TEXT NOT NULL PRIMARY KEY,
	system TEXT NOT NULL REFERENCES systems (system)
);
CREATE INDEX system_keys_system ON system_keys (system);

-- What a call with an Idempotency-Key did, for a day: hashes, and the draft.
CREATE TABLE once (
	call  BYTEA  NOT NULL PRIMARY KEY, -- hash of system and key
	body  BYTEA  NOT NULL,             -- hash of what was asked
	draft TEXT   NOT NULL,
	at    BIGINT NOT NULL
);
CREATE INDEX once_at ON once (at);

-- Which draft became which case, written with the case, for as long.
CREATE TABLE filings (
	draft  TEXT   NOT NULL PRIMARY KEY,
	number TEXT   NOT NULL REFERENCES cases (number),
	at     BIGINT NOT NULL
);
CREATE INDEX filings_at ON filings (at);
