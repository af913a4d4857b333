-- +goose Up
CREATE TABLE accounts (
	account      BYTEA NOT NULL PRIMARY KEY,
	phone        TEXT  NOT NULL UNIQUE,
	name         TEXT  NOT NULL,
	about        TEXT  NOT NULL,
	email        TEXT  NOT NULL,
	created_on   TEXT  NOT NULL,
	last_seen_on TEXT  NOT NULL,
	last_ip      TEXT  NOT NULL
);

CREATE TABLE devices (
	account         BYTEA  NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
	device          BIGINT NOT NULL,
	device_type     TEXT   NOT NULL,
	added_on        TEXT   NOT NULL,
	token           BYTEA  NOT NULL,
	registration_id BIGINT NOT NULL,
	identity_key    BYTEA  NOT NULL,
	mailbox_key     BYTEA  NOT NULL,
	mailbox         BIGINT NOT NULL UNIQUE,
	PRIMARY KEY (account, device)
);

-- kind: 1 signed, 2 last resort, 3 one-time, 4 one-time Kyber
CREATE TABLE prekeys (
	account BYTEA  NOT NULL,
	device  BIGINT NOT NULL,
	kind    BIGINT NOT NULL,
	id      BIGINT NOT NULL,
	key     BYTEA  NOT NULL,
	sig     BYTEA  NOT NULL,
	PRIMARY KEY (account, device, kind, id),
	FOREIGN KEY (account, device) REFERENCES devices (account, device) ON DELETE CASCADE
);

CREATE TABLE blocks (
	account BYTEA NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
	blocked BYTEA NOT NULL,
	PRIMARY KEY (account, blocked)
);
CREATE INDEX blocks_blocked ON blocks (blocked);

CREATE TABLE codes (
	subject BYTEA  NOT NULL PRIMARY KEY,
	code    BYTEA  NOT NULL,
	tries   BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	sent    BIGINT NOT NULL,
	since   BIGINT NOT NULL
);

CREATE TABLE lookups (
	account BYTEA  NOT NULL PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
	day     TEXT   NOT NULL,
	spent   BIGINT NOT NULL
);

-- No foreign key: a row says as little as possible, and writing it costs as
-- little as possible. Rows of removed devices are dropped with the device.
CREATE TABLE mailbox_rows (
	mailbox    BIGINT NOT NULL,
	ord        BIGINT NOT NULL,
	expires_on TEXT,
	sealed     BYTEA  NOT NULL,
	PRIMARY KEY (mailbox, ord)
);
