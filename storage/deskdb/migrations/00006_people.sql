-- +goose Up
-- Uses of the compromise switch.
CREATE TABLE cuts (
	cut  TEXT   NOT NULL PRIMARY KEY,
	at   BIGINT NOT NULL,
	body BYTEA  NOT NULL
);

-- What a case asks about, as hashes: the same account asked for by two
-- agencies is found by them.
CREATE TABLE case_targets (
	number TEXT NOT NULL REFERENCES cases (number),
	target TEXT NOT NULL,
	PRIMARY KEY (number, target)
);
CREATE INDEX case_targets_target ON case_targets (target);

CREATE INDEX cases_agency ON cases (agency, filed);
