-- +goose Up
-- No foreign key and no account: a row says as little as possible.
CREATE TABLE snapshots (
	id      BYTEA  NOT NULL PRIMARY KEY,
	sealed  BYTEA  NOT NULL,
	until   BIGINT NOT NULL,
	renewed BIGINT NOT NULL
);
