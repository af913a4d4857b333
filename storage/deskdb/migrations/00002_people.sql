-- +goose Up
CREATE TABLE agencies (
	agency TEXT  NOT NULL PRIMARY KEY,
	name   TEXT  NOT NULL,
	body   BYTEA NOT NULL
);

CREATE TABLE officers (
	officer TEXT  NOT NULL PRIMARY KEY,
	mailbox TEXT  NOT NULL UNIQUE,
	name    TEXT  NOT NULL,
	body    BYTEA NOT NULL
);

CREATE TABLE members (
	member TEXT  NOT NULL PRIMARY KEY,
	name   TEXT  NOT NULL,
	body   BYTEA NOT NULL
);

-- holder: the officer or member whose passkey it is
CREATE TABLE passkeys (
	id     BYTEA NOT NULL PRIMARY KEY,
	kind   TEXT  NOT NULL,
	holder TEXT  NOT NULL
);
CREATE INDEX passkeys_holder ON passkeys (kind, holder);

CREATE TABLE links (
	hash    BYTEA  NOT NULL PRIMARY KEY,
	kind    TEXT   NOT NULL,
	subject TEXT   NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX links_subject ON links (kind, subject);

CREATE TABLE sessions (
	site  TEXT   NOT NULL,
	token BYTEA  NOT NULL,
	who   TEXT   NOT NULL,
	begun BIGINT NOT NULL,
	seen  BIGINT NOT NULL,
	PRIMARY KEY (site, token)
);
CREATE INDEX sessions_who ON sessions (site, who);
