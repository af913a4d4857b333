-- +goose Up
CREATE TABLE release_keys (
	key_id  BYTEA  NOT NULL PRIMARY KEY,
	holder  TEXT   NOT NULL,
	public  BYTEA  NOT NULL,
	counter BIGINT NOT NULL,
	demo    BIGINT NOT NULL,
	synced  BIGINT NOT NULL,
	added   BIGINT NOT NULL,
	active  BIGINT NOT NULL,
	retired BIGINT NOT NULL
);

CREATE TABLE release_links (
	token       BYTEA  NOT NULL PRIMARY KEY,
	holder      TEXT   NOT NULL,
	expires     BIGINT NOT NULL,
	first_start BIGINT NOT NULL
);

CREATE TABLE grants (
	hash     BYTEA  NOT NULL PRIMARY KEY,
	body     BYTEA  NOT NULL,
	proposed BIGINT NOT NULL,
	expires  BIGINT NOT NULL,
	state    TEXT   NOT NULL,
	ended_by TEXT   NOT NULL,
	reason   TEXT   NOT NULL,
	ended    BIGINT NOT NULL
);

CREATE TABLE grant_marks (
	hash   BYTEA  NOT NULL REFERENCES grants (hash) ON DELETE CASCADE,
	holder TEXT   NOT NULL,
	signed BIGINT NOT NULL,
	key_id BYTEA  NOT NULL,
	auth   BYTEA  NOT NULL,
	client BYTEA  NOT NULL,
	sig    BYTEA  NOT NULL,
	PRIMARY KEY (hash, holder)
);

-- Apart from grants, so that a mark outlives its grant and a restore.
CREATE TABLE used_grants (
	hash BYTEA  NOT NULL PRIMARY KEY,
	used BIGINT NOT NULL
);

CREATE TABLE resolve_budget (
	day   TEXT   NOT NULL PRIMARY KEY,
	spent BIGINT NOT NULL
);

CREATE TABLE notices_sent (
	notice      BYTEA  NOT NULL PRIMARY KEY,
	account     BYTEA  NOT NULL,
	case_ref    TEXT   NOT NULL,
	told_before BIGINT NOT NULL,
	sealed      BIGINT NOT NULL,
	sent        BIGINT NOT NULL
);

CREATE TABLE objections (
	number   BIGINT NOT NULL PRIMARY KEY,
	notice   BYTEA  NOT NULL,
	case_ref TEXT   NOT NULL,
	words    TEXT   NOT NULL,
	made     BIGINT NOT NULL
);
