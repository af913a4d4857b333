-- +goose Up
CREATE TABLE locks (
	account  BYTEA  NOT NULL PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
	salt     BYTEA  NOT NULL,
	verifier BYTEA  NOT NULL,
	tried    BIGINT NOT NULL,
	since    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE locks;
