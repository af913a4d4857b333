-- +goose Up
-- One database holds one range of cases: ordinary ones, or the sealed ones.
CREATE TABLE cases (
	number      TEXT   NOT NULL PRIMARY KEY,
	version     BIGINT NOT NULL,
	lane        TEXT   NOT NULL,
	phase       TEXT   NOT NULL,
	due         BIGINT NOT NULL, -- microseconds; the largest number: no clock runs
	filed       BIGINT NOT NULL,
	is_open     BIGINT NOT NULL,
	agency      TEXT   NOT NULL,
	officer     TEXT   NOT NULL,
	assigned    TEXT   NOT NULL,
	counsel     BIGINT NOT NULL,
	same_as     TEXT   NOT NULL,
	head        BYTEA  NOT NULL
);
CREATE INDEX cases_due ON cases (is_open, due, number);
CREATE INDEX cases_lane ON cases (lane, is_open, due, number);
CREATE INDEX cases_officer ON cases (officer, filed);
CREATE INDEX cases_assigned ON cases (assigned, due, number);
CREATE INDEX cases_same ON cases (same_as, filed);

CREATE TABLE case_events (
	number TEXT   NOT NULL REFERENCES cases (number),
	seq    BIGINT NOT NULL,
	body   BYTEA  NOT NULL,
	PRIMARY KEY (number, seq)
);

CREATE TABLE case_papers (
	number TEXT NOT NULL REFERENCES cases (number),
	paper  TEXT NOT NULL,
	sum    TEXT NOT NULL,
	PRIMARY KEY (number, paper)
);
CREATE INDEX case_papers_sum ON case_papers (sum);

CREATE TABLE duties (
	number TEXT   NOT NULL REFERENCES cases (number),
	kind   TEXT   NOT NULL,
	key    TEXT   NOT NULL,
	due    BIGINT NOT NULL,
	done   BIGINT NOT NULL, -- 0: not yet
	note   TEXT   NOT NULL,
	PRIMARY KEY (number, kind, key)
);
CREATE INDEX duties_due ON duties (done, due);

CREATE TABLE stash (
	number TEXT  NOT NULL REFERENCES cases (number),
	key    TEXT  NOT NULL,
	body   BYTEA NOT NULL,
	PRIMARY KEY (number, key)
);

CREATE TABLE drafts (
	draft   TEXT   NOT NULL PRIMARY KEY,
	owner   TEXT   NOT NULL, -- the officer, empty for a member's
	touched BIGINT NOT NULL,
	body    BYTEA  NOT NULL
);
CREATE INDEX drafts_owner ON drafts (owner, touched);

CREATE TABLE draft_papers (
	draft TEXT NOT NULL REFERENCES drafts (draft) ON DELETE CASCADE,
	sum   TEXT NOT NULL,
	PRIMARY KEY (draft, sum)
);
