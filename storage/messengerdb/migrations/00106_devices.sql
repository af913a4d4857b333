-- +goose Up
CREATE TABLE device_lists (
	account BYTEA  NOT NULL PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE,
	version BIGINT NOT NULL,
	list    BYTEA  NOT NULL,
	sig     BYTEA  NOT NULL
);

-- +goose Down
DROP TABLE device_lists;
